/// Positions added at both ends of some axes.
public struct Bordering: Hashable, Sendable {
  /// What the added positions hold.
  public enum Content: Hashable, Sendable {
    /// A number.
    case constant(Double)
    /// The positions beside the end, in reverse order, without the end itself: `c b | a b c`.
    case reflected
    /// The positions beside the end, in reverse order, with the end itself: `b a | a b c`.
    case symmetric
    /// The position at the end.
    case edge
  }

  /// The positions added to one axis.
  public struct Part: Hashable, Sendable {
    /// The axis.
    public var axis: Int
    /// How many before the first one.
    public var before: Int
    /// How many after the last one.
    public var after: Int

    /// Makes a part.
    public init(axis: Int, before: Int, after: Int) {
      self.axis = axis
      self.before = before
      self.after = after
    }

    /// The position that the `index`th position of the output repeats; nil for a constant.
    package func source(_ index: Int, _ extent: Int, _ content: Content) -> Int? {
      let place = index - before
      guard place < 0 || place >= extent else { return place }
      switch content {
      case .constant: return nil
      case .reflected: return place < 0 ? -place : 2 * extent - 2 - place
      case .symmetric: return place < 0 ? -place - 1 : 2 * extent - 1 - place
      case .edge: return place < 0 ? 0 : extent - 1
      }
    }

    /// The largest number of positions that an end can be given.
    package func limit(_ extent: Int, _ content: Content) -> Int {
      switch content {
      case .constant: .max
      case .reflected: extent - 1
      case .symmetric: extent
      case .edge: extent > 0 ? .max : 0
      }
    }
  }

  /// The parts, at most one per axis.
  public var parts: [Part]
  /// What the added positions hold.
  public var content: Content

  /// Makes an operator.
  public init(parts: [Part], content: Content) {
    self.parts = parts
    self.content = content
  }
}

extension Bordering: LayerKind {
  package var asLayer: Layer { .bordering(self) }
  package var title: String {
    let margins = parts.map { "axis \($0.axis): \($0.before), \($0.after)" }
    return "Pad(\(margins.joined(separator: "; ")))"
  }
  package var ports: LayerPorts { .oneToOne }
  package var traits: LayerTraits {
    LayerTraits(
      outputType: .ofInput, leadingAxes: .across(parts.map(\.axis)))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    var shape = inputs[0]
    for part in parts {
      let axis = try position(of: part.axis, rank: shape.count)
      let most = shape[axis].value.map { part.limit($0, content) } ?? .max
      guard part.before >= 0, part.after >= 0, max(part.before, part.after) <= most else {
        throw ShapeProblem(expected: "an axis \(axis) that is long enough")
      }
      shape[axis] = shape[axis].plus(part.before + part.after).shortened("axis\(axis)(\(name))")
    }
    return [shape]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
