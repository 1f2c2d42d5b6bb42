import RecurTensors

/// The largest difference at which two numbers still count as equal.
///
/// The rule is `|actual − expected| ≤ absolute + relative·|expected|`. Equal infinities match, NaN
/// never does.
public struct Tolerance: Hashable, Sendable, CustomStringConvertible {
  /// The part that is the same for all numbers.
  public var absolute: Double
  /// The factor of the part that grows with the expected number.
  public var relative: Double

  /// Makes a tolerance.
  public init(absolute: Double, relative: Double) {
    self.absolute = absolute
    self.relative = relative
  }

  /// `1.0e-05`, or `1.0e-05 + 1.0e-03·|recorded|`.
  public var description: String { text(of: "recorded") }

  /// The description with another word for the expected number.
  package func text(of number: String) -> String {
    relative > 0
      ? "\(scientific(absolute)) + \(scientific(relative))·|\(number)|" : scientific(absolute)
  }

  /// The allowed difference from `expected`.
  ///
  /// An expected infinity has no relative part, because only the same infinity matches it.
  package func allowed(for expected: Double) -> Double {
    expected.isFinite ? absolute + relative * expected.magnitude : absolute
  }
}

/// The precision of the model's computation, which limits how closely recorded outputs can be met.
public enum ArithmeticPrecision: String, Sendable {
  /// float64 in all layers, and outputs recorded as float64.
  case double
  /// float32 in all layers, or outputs recorded as float32.
  case full
  /// float16 in at least one layer.
  case half
  /// bfloat16 in at least one layer.
  case brain
}

extension Tolerance {
  /// A tolerance derived from the effect of rounding on this output.
  ///
  /// - Parameters:
  ///   - noise: the largest difference between the model's outputs in float64 and in float32.
  ///   - scale: the largest magnitude of the output; a magnitude below 1 counts as 1.
  ///   - precision: the precision in which the recorded outputs were computed.
  /// - Returns: for float32, 32 times the noise, but at least 1e-6 and at most 1e-4 of the scale;
  ///   for float64, 1e-10 of the scale. For 16 bits, a few units in the last place of each number:
  ///   1e-3 + 3e-3·|x| for float16, 4e-3 + 8e-3·|x| for bfloat16. See `docs/verification.md`.
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
    // One unit in the last place of x is at most 2⁻¹⁰·|x| in float16 and 2⁻⁷·|x| in bfloat16.
    case .half: return Tolerance(absolute: 1e-3, relative: 3e-3)
    case .brain: return Tolerance(absolute: 4e-3, relative: 8e-3)
    }
  }
}
