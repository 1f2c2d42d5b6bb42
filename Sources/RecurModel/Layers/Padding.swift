/// The treatment of both sequence ends by a window that moves along the timesteps (TensorFlow's
/// rules).
public enum Padding: String, Sendable {
  /// Windows lie inside the sequence.
  case valid
  /// ⌈timesteps / stride⌉ windows; padding is added at both ends, the larger part at the end.
  case same
  /// A window ends at its own timestep; all padding is before the first timestep.
  case causal

  /// The number of padded timesteps before the first timestep, and the number of windows.
  package func windows(
    timesteps: Int, span: Int, stride: Int
  ) -> (before: Int, count: Int) {
    switch self {
    case .valid: return (0, timesteps < span ? 0 : (timesteps - span) / stride + 1)
    case .causal: return (span - 1, timesteps == 0 ? 0 : (timesteps - 1) / stride + 1)
    case .same:
      let count = (timesteps + stride - 1) / stride
      let missing = max((count - 1) * stride + span - timesteps, 0)
      return (missing / 2, count)
    }
  }
}

extension Padding {
  /// The number of windows as an extent.
  ///
  /// - Throws: the required timesteps, when there would be no window.
  func windows(
    of timesteps: Dimension, span: Int, stride: Int, named name: String
  ) throws(ShapeProblem) -> Dimension {
    guard let value = timesteps.value else {
      return stride == 1 && self != .valid ? timesteps : .free("timesteps(\(name))")
    }
    let count = windows(timesteps: value, span: span, stride: stride).count
    guard count > 0 else {
      throw ShapeProblem(expected: "at least \(self == .valid ? span : 1) timesteps")
    }
    return .fixed(count)
  }
}
