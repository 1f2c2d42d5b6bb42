import RecurTensors

/// How far apart two numbers may be and still count as the same answer.
///
/// `|actual − expected| ≤ absolute + relative·|expected|`; equal infinities match, NaN never does.
public struct Tolerance: Hashable, Sendable, CustomStringConvertible {
  /// The part that does not depend on the number.
  public var absolute: Double
  /// The part that grows with the expected number.
  public var relative: Double

  /// Makes a tolerance.
  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// `1.0e-05`, or `1.0e-05 + 1.0e-03·|recorded|`.
  public var description: String { text(of: "recorded") }

  /// The same with another name for the number that is expected.
  package func text(of number: String) -> String {
    relative > 0
      ? "\(scientific(absolute)) + \(scientific(relative))·|\(number)|" : scientific(absolute)
  }

  /// The allowed difference from `expected`.
  ///
  /// Infinities have no relative part: nothing but themselves is near them.
  package func allowed(for expected: Double) -> Double {
    expected.isFinite ? absolute + relative * expected.magnitude : absolute
  }
}

/// What a model computes in, which bounds how exactly recorded outputs can be met.
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
  ///   - precision: what the recorded outputs were computed in.
  /// - Returns: 32 times the noise, but between 1e-6 and 1e-4 of the scale, and 1e-10 of the scale
  ///   for float64. For 16 bits a few units in the last place of each number: 1e-3 + 3e-3·|x| for
  ///   float16, 4e-3 + 8e-3·|x| for bfloat16. See `docs/verification.md`.
  package static func derived(
    noise: Double, scale: Double, precision: ArithmeticPrecision
  ) -> Tolerance {
    let scale = max(1, scale.isFinite ? scale : 1)
    switch precision {
    case .double: return Tolerance(absolute: 1e-10 * scale, relative: 0)
    case .full:
      let noise = noise.isFinite ? noise : 0
      let absolute = min(max(32 * noise, 1e-6 * scale), 1e-4 * scale)
      return Tolerance(absolute: absolute, relative: 0)
    // One unit in the last place is up to 2⁻¹⁰ of a float16 and 2⁻⁷ of a bfloat16.
    case .half: return Tolerance(absolute: 1e-3, relative: 3e-3)
    case .brain: return Tolerance(absolute: 4e-3, relative: 8e-3)
    }
  }
}
