public import RecurTensors

/// What a comparison of one output found.
///
/// Never only a Boolean: the first and worst differences say where to look.
public struct Comparison: Sendable, CustomStringConvertible {
  /// One element that differs.
  public struct Difference: Hashable, Sendable {
    /// Where it is, outermost axis first: batch, timestep and unit, or batch and unit.
    public var index: [Int]
    /// The recorded number.
    public var expected: Double
    /// The number computed now.
    public var actual: Double

    /// The size of the difference; infinite when either is NaN or one is infinite.
    public var size: Double {
      // NaN is no number that anything could be held against.
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

  /// How the size of the worst difference reads: what usually makes one so large.
  public enum Band: String, Sendable {
    /// At most 1e-5 of the scale.
    case noise = "float32 rounding"
    /// At most 1e-3 of the scale.
    case half = "float16-like rounding"
    /// At most 5e-3 of the scale.
    case brain = "bfloat16- or TF32-like rounding"
    /// Larger: other weights, another function, another order.
    case semantic = "another computation"
  }

  /// The name of the output: `out_0`.
  public let name: String
  /// The shape of both.
  public let shape: [Int]
  /// What was allowed.
  public let tolerance: Tolerance
  /// Whether the tolerance was derived from what rounding does, and not asked for.
  public let isDerived: Bool
  /// Where the output was recorded.
  let location: Diagnostic.Location
  /// The number of elements compared.
  public private(set) var compared = 0
  /// The number of elements outside the tolerance.
  public private(set) var outside = 0
  /// The first element outside the tolerance.
  public private(set) var first: Difference?
  /// The element farthest from what was recorded.
  public private(set) var worst: Difference?
  /// The smallest absolute tolerance (relative 0) that would pass; infinite if none would.
  public private(set) var passingTolerance = 0.0
  /// The largest recorded magnitude.
  public private(set) var scale = 0.0

  /// Whether every element is within the tolerance.
  public var matches: Bool { outside == 0 }

  /// What the worst difference looks like.
  public var band: Band {
    let size = (worst?.size ?? 0) / max(1, scale)
    return size <= 1e-5 ? .noise : size <= 1e-3 ? .half : size <= 5e-3 ? .brain : .semantic
  }

  /// Compares `actual` with the recorded `expected`.
  ///
  /// - Parameters:
  ///   - name: what the output is called.
  ///   - expected: what was recorded.
  ///   - actual: what was computed.
  ///   - tolerance: how far both may be from each other.
  ///   - isDerived: whether the tolerance was derived from what rounding does.
  /// - Throws: `verify.shape` when their shapes differ.
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
    for (position, pair) in zip(expected.doubles(), actual.doubles()).enumerated() {
      let difference = Difference(
        index: index(of: position), expected: pair.0, actual: pair.1)
      compared += 1
      if pair.0.isFinite { scale = max(scale, pair.0.magnitude) }
      let size = difference.size
      passingTolerance = max(passingTolerance, size)
      if size > worst?.size ?? -1 { worst = difference }
      // NaN compares false with everything, so the test must be "not within".
      guard !(size <= tolerance.allowed(for: pair.0)) || pair.0.isNaN || pair.1.isNaN else {
        continue
      }
      outside += 1
      if first == nil { first = difference }
    }
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

  /// Why one shape has an axis of timesteps and the other has not, and what to do.
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

extension Diagnostic.Code {
  package static let verifyShape = Self(rawValue: "verify.shape")
  package static let verifyMismatch = Self(rawValue: "verify.mismatch")
}
