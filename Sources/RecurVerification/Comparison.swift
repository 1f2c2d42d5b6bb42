public import RecurTensors

/// The result of comparing one output.
///
/// The result is more than a Boolean: the first and the worst difference show where to look.
public struct Comparison: Sendable, CustomStringConvertible {
  /// One element that differs.
  public struct Difference: Hashable, Sendable {
    /// The index of the element, outermost axis first: batch, timestep and unit, or batch and unit.
    public var index: [Int]
    /// The recorded number.
    public var expected: Double
    /// The number computed now.
    public var actual: Double

    /// The size of the difference; infinite when either number is NaN, or only one of them is
    /// infinite.
    public var size: Double {
      // A recorded NaN can't be met by any number.
      expected.isNaN ? .infinity : distance(expected, actual)
    }

    /// The index with the axes named: `batch 0, timestep 3, unit 1`.
    public var place: String {
      let names =
        switch index.count {
        case 3: ["batch", "timestep", "unit"]
        case 2: ["batch", "unit"]
        default: index.indices.map { "axis \($0)" }
        }
      return zip(names, index).map { "\($0) \($1)" }.joined(separator: ", ")
    }
  }

  /// The typical cause of a difference of this size, relative to the output's scale.
  public enum Band: String, Sendable {
    /// At most 1e-5 of the scale.
    case noise = "float32 rounding"
    /// At most 1e-3 of the scale.
    case half = "float16-like rounding"
    /// At most 5e-3 of the scale.
    case brain = "bfloat16- or TF32-like rounding"
    /// Larger: other weights, another function, or another order.
    case semantic = "another computation"
  }

  /// The name of the output: `out_0`.
  public let name: String
  /// The shape of both tensors.
  public let shape: [Int]
  /// The tolerance.
  public let tolerance: Tolerance
  /// Whether the tolerance was derived from the effect of rounding instead of requested.
  public let isDerived: Bool
  /// The location of the recorded output.
  let location: Diagnostic.Location
  /// The number of elements compared.
  public private(set) var compared = 0
  /// The number of elements outside the tolerance.
  public private(set) var outside = 0
  /// The first element outside the tolerance.
  public private(set) var first: Difference?
  /// The element with the largest difference.
  public private(set) var worst: Difference?
  /// The smallest absolute tolerance (with relative tolerance 0) that would pass; infinite if none
  /// would.
  public private(set) var passingTolerance = 0.0
  /// The largest difference at each timestep of an output `[batch, timesteps, units]`; empty for other
  /// outputs.
  public private(set) var timestepErrors: [Double] = []
  /// The largest difference of each unit, the last axis.
  public private(set) var unitErrors: [Double] = []
  /// The largest difference in each sequence, the first axis.
  public private(set) var sequenceErrors: [Double] = []
  /// The correlation of computed and recorded numbers; nil where either is constant.
  public private(set) var correlation: Double?
  /// The largest recorded magnitude.
  public private(set) var scale = 0.0

  /// Whether every element is within the tolerance.
  public var matches: Bool { outside == 0 }

  /// The typical cause of a difference as large as the worst one.
  public var band: Band {
    let size = (worst?.size ?? 0) / max(1, scale)
    return size <= 1e-5 ? .noise : size <= 1e-3 ? .half : size <= 5e-3 ? .brain : .semantic
  }

  /// Compares `actual` with the recorded `expected`.
  ///
  /// - Parameters:
  ///   - name: the name of the output.
  ///   - expected: the recorded output.
  ///   - actual: the computed output.
  ///   - tolerance: the largest allowed difference.
  ///   - isDerived: whether the tolerance was derived from the effect of rounding.
  /// - Throws: `verify.shape` when the shapes differ.
  public init(
    _ name: String, expected: Tensor, actual: Tensor, tolerance: Tolerance, isDerived: Bool = false
  ) throws(CheckpointError) {
    guard expected.shape == actual.shape else {
      let cause = Self.missingTimesteps(recorded: expected.shape, computed: actual.shape)
      throw CheckpointError(
        .verifyShape, "'\(name)' has another shape than the model's output", at: expected.location,
        expected: shapeText(expected.shape), found: shapeText(actual.shape),
        reason: cause?.reason, remedies: cause?.remedies ?? [], facts: cause?.facts ?? [])
    }
    self.name = name
    shape = expected.shape
    self.tolerance = tolerance
    self.isDerived = isDerived
    location = .init(file: expected.location.file, object: name)
    timestepErrors = .init(repeating: 0, count: shape.count == 3 ? shape[1] : 0)
    unitErrors = .init(repeating: 0, count: shape.last ?? 1)
    sequenceErrors = .init(repeating: 0, count: shape.first ?? 1)
    var sums = CorrelationSums()
    for (position, pair) in zip(expected.doubles(), actual.doubles()).enumerated() {
      sums.add(pair.0, pair.1)
      let difference = Difference(
        index: index(of: position), expected: pair.0, actual: pair.1)
      compared += 1
      if pair.0.isFinite { scale = max(scale, pair.0.magnitude) }
      let size = difference.size
      passingTolerance = max(passingTolerance, size)
      let place = difference.index
      if place.count == 3 { timestepErrors[place[1]] = max(timestepErrors[place[1]], size) }
      if let unit = place.last { unitErrors[unit] = max(unitErrors[unit], size) }
      if let row = place.first { sequenceErrors[row] = max(sequenceErrors[row], size) }
      if size > worst?.size ?? -1 { worst = difference }
      // Comparisons with NaN are false, so the test must be "not within the tolerance".
      guard !(size <= tolerance.allowed(for: pair.0)) || pair.0.isNaN || pair.1.isNaN else {
        continue
      }
      outside += 1
      if first == nil { first = difference }
    }
    correlation = sums.correlation
  }

  private func index(of position: Int) -> [Int] {
    var rest = position
    var index: [Int] = []
    for extent in shape.reversed() {
      index.append(rest % max(extent, 1))
      rest /= max(extent, 1)
    }
    return index.reversed()
  }

  /// The finding for shapes of which only one has an axis of timesteps, with its remedies.
  private static func missingTimesteps(
    recorded: [Int], computed: [Int]
  ) -> (reason: String, remedies: [Diagnostic.Remedy], facts: [Diagnostic.Fact])? {
    guard abs(recorded.count - computed.count) == 1, recorded.first == computed.first,
      recorded.last == computed.last
    else { return nil }
    let isEvery = recorded.count > computed.count
    return (
      isEvery
        ? "the recording has every timestep, and the model puts out the last one only"
        : "the model puts out every timestep, and the recording has the last one only",
      [.returnSequences(isEvery)], [.difference(.returnedTimesteps)]
    )
  }
}

/// The sums of which a correlation is made.
private struct CorrelationSums {
  private var count = 0.0
  private var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)

  mutating func add(_ one: Double, _ other: Double) {
    count += 1
    (x, y) = (x + one, y + other)
    (xx, yy, xy) = (xx + one * one, yy + other * other, xy + one * other)
  }

  var correlation: Double? {
    let (a, b) = (count * xx - x * x, count * yy - y * y)
    guard count > 1, a > 0, b > 0 else { return nil }
    return (count * xy - x * y) / (a * b).squareRoot()
  }
}

extension Diagnostic.Code {
  /// A recorded output has another shape than the model's.
  public static let verifyShape = Self(rawValue: "verify.shape")
  /// The model does not compute what was recorded.
  public static let verifyMismatch = Self(rawValue: "verify.mismatch")
}
