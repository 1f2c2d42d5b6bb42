/// How far apart two numbers may be and still count as the same answer.
///
/// `|actual − expected| ≤ absolute + relative·|expected|`; equal infinities match, NaN never does.
public struct Tolerance: Hashable, Sendable {
  /// The part that does not depend on the number.
  public var absolute: Double
  /// The part that grows with the expected number.
  public var relative: Double

  /// Makes a tolerance.
  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// The allowed difference from `expected`.
  ///
  /// Infinities have no relative part: nothing but themselves is near them.
  func allowed(for expected: Double) -> Double {
    expected.isFinite ? absolute + relative * expected.magnitude : absolute
  }
}

/// What a model computes in, which bounds how exactly its framework's outputs can be met.
public enum ArithmeticPrecision: String, Sendable {
  /// float64 throughout, and the outputs recorded as float64.
  case double
  /// float32, or float64 recorded as float32.
  case full
  /// float16 somewhere in the model.
  case half
  /// bfloat16 somewhere in the model.
  case brain
}

extension Tolerance {
  /// A tolerance derived from what rounding alone does to this output.
  ///
  /// - Parameters:
  ///   - noise: the largest difference between the model in binary64 and in binary32.
  ///   - scale: the largest magnitude of the output; outputs of tanh and sigmoid stay below 1.
  ///   - precision: what the framework computed in.
  /// - Returns: 32 times the noise, but between 1e-6 and 1e-4 of the scale; a fixed 1e-10 of the
  ///   scale for float64, 2e-3 for float16 and 4e-3 for bfloat16. All semantic mistakes measured
  ///   are larger, see `docs/verification.md`.
  package static func derived(
    noise: Double, scale: Double, precision: ArithmeticPrecision
  ) -> Tolerance {
    let scale = max(1, scale.isFinite ? scale : 1)
    let absolute =
      switch precision {
      case .full: min(max(32 * (noise.isFinite ? noise : 0), 1e-6 * scale), 1e-4 * scale)
      case .double: 1e-10 * scale
      case .half: 2e-3 * scale
      case .brain: 4e-3 * scale
      }
    return Tolerance(absolute: absolute, relative: 0)
  }
}
