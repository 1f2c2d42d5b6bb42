/// Elements at given positions of an axis; negative positions count from the end.
public struct Gathering: Hashable, Sendable {
  /// The axis.
  public var axis: Int
  /// The positions: a constant, whose axes take the place of the axis; or the second input, with the
  /// axes of the first one, which holds a position for every element of the output.
  public var positions: Operand

  /// Makes an operator.
  public init(axis: Int, positions: Operand) {
    self.axis = axis
    self.positions = positions
  }

  /// The elements of the first input that the positions may name.
  package static func range(_ extent: Int) -> Range<Int> { -extent..<extent }
}

extension Gathering: LayerKind {
  package var asLayer: Layer { .gathering(self) }
  package var title: String { "Gather(axis \(axis), \(positions.title))" }
  package var ports: LayerPorts {
    LayerPorts(inputs: 1 + [positions].inputCount...1 + [positions].inputCount, outputs: 1)
  }
  package var traits: LayerTraits {
    LayerTraits(outputType: .ofInput, leadingAxes: .across([axis]))
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let x = inputs[0]
    let axis = try position(of: axis, rank: x.count)
    guard let constant = positions.constant else {
      guard inputs[1].count == x.count,
        x.indices.allSatisfy({ $0 == axis || inputs[1][$0].agrees(with: x[$0]) })
      else { throw ShapeProblem(expected: "positions with the axes of the elements") }
      return [inputs[1]]
    }
    if let extent = x[axis].value {
      guard constant.elements.allSatisfy({ $0 >= -Double(extent) && $0 < Double(extent) }) else {
        throw ShapeProblem(expected: "an axis \(axis) that has all positions")
      }
    }
    return [x[..<axis] + constant.shape.map { .fixed($0) } + x[(axis + 1)...]]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
