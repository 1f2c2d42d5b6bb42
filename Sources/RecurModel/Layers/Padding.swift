/// The treatment of both ends of an axis by a window that moves along it (TensorFlow's rules).
public enum Padding: Hashable, Sendable {
  /// Windows lie inside the axis.
  case valid
  /// ⌈extent / stride⌉ windows; padding is added at both ends, the larger part at the end.
  case same
  /// A window ends at its own position; all padding is before the first position.
  case causal
  /// Given numbers of padded positions at both ends.
  case explicit(before: Int, after: Int)

  /// The number of padded positions before the first position, and the number of windows.
  package func windows(
    timesteps: Int, span: Int, stride: Int
  ) -> (before: Int, count: Int) {
    func inside(_ extent: Int) -> Int { extent < span ? 0 : (extent - span) / stride + 1 }
    switch self {
    case .valid: return (0, inside(timesteps))
    case .explicit(let before, let after): return (before, inside(timesteps + before + after))
    case .causal: return (span - 1, timesteps == 0 ? 0 : (timesteps - 1) / stride + 1)
    case .same:
      let count = (timesteps + stride - 1) / stride
      let missing = max((count - 1) * stride + span - timesteps, 0)
      return (missing / 2, count)
    }
  }

  /// Whether no padding is ever added.
  package var isNone: Bool { self == .valid || self == .explicit(before: 0, after: 0) }
}
