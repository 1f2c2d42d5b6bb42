/// A part of a value along some axes, with Python's rules for bounds and steps.
public struct Slicing: Hashable, Sendable {
  /// The part along one axis.
  public struct Part: Hashable, Sendable {
    /// The axis.
    public var axis: Int
    /// The first position; negative positions count from the end; nil is the first or, for a
    /// negative step, the last one.
    public var start: Int?
    /// The position behind the last one; nil is behind the last or, for a negative step, before the
    /// first one.
    public var stop: Int?
    /// The distance between positions; negative steps reverse the order.
    public var step: Int

    /// Makes a part.
    public init(axis: Int, start: Int? = nil, stop: Int? = nil, step: Int = 1) {
      self.axis = axis
      self.start = start
      self.stop = stop
      self.step = step
    }

    /// The first position and the number of positions in an axis of `extent` elements.
    ///
    /// Bounds beyond the ends are moved to the ends.
    package func positions(in extent: Int) -> (first: Int, count: Int) {
      func bound(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        min(max(value < 0 ? value + extent : value, range.lowerBound), range.upperBound)
      }
      if step > 0 {
        let first = start.map { bound($0, 0...extent) } ?? 0
        let end = stop.map { bound($0, 0...extent) } ?? extent
        return (first, end > first ? (end - first - 1) / step + 1 : 0)
      }
      let first = start.map { bound($0, -1...extent - 1) } ?? extent - 1
      let end = stop.map { bound($0, -1...extent - 1) } ?? -1
      return (first, first > end ? (first - end - 1) / -step + 1 : 0)
    }

    /// Whether the part is the whole axis, possibly reversed.
    var isWhole: Bool { start == nil && stop == nil && [1, -1].contains(step) }

    /// Whether the part is the first element or the last one.
    var isFirstOrLast: Bool {
      step == 1 && (start == -1 && stop == nil || start ?? 0 == 0 && stop == 1)
    }

    /// The part as Python writes it: `1:-1`.
    var text: String {
      "\(start.map(String.init) ?? ""):\(stop.map(String.init) ?? "")"
        + (step == 1 ? "" : ":\(step)")
    }
  }

  /// The parts, at most one per axis.
  public var parts: [Part]

  /// Makes an operator.
  public init(parts: [Part]) { self.parts = parts }
}

extension Slicing: LayerKind {
  package var asLayer: Layer { .slicing(self) }
  package var title: String {
    "Slice(\(parts.map { "axis \($0.axis): \($0.text)" }.joined(separator: ", ")))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(outputType: .ofInput, leadingAxes: .across(parts.map(\.axis)))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    for part in parts {
      guard shape.indices.contains(part.axis), part.step != 0, part.step != .min else {
        throw ShapeProblem(expected: "an axis \(part.axis), and a step other than 0")
      }
      if let extent = shape[part.axis].value {
        let count = part.positions(in: extent).count
        guard count > 0 else {
          throw ShapeProblem(expected: "an axis \(part.axis) that has elements in \(part.text)")
        }
        shape[part.axis] = .fixed(count)
      } else if part.isFirstOrLast {
        shape[part.axis] = .fixed(1)
      } else if let rest = part.rest(of: shape[part.axis]) {
        shape[part.axis] = rest
      } else if !part.isWhole {
        shape[part.axis] = .free("axis\(part.axis)(\(name))")
      }
    }
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}

extension Slicing.Part {
  /// What is left of a free extent without its ends, if the extent is never too short for them.
  fileprivate func rest(of extent: Dimension) -> Dimension? {
    guard step == 1, start ?? 0 >= 0, stop ?? -1 < 0, let least = extent.least else { return nil }
    let cut = min(start ?? 0, 1 << 40) - max(stop ?? 0, -(1 << 40))
    guard cut < least || cut == least && cut == 0 else { return nil }
    return extent.plus(-cut)
  }
}
