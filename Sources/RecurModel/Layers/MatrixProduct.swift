/// Products of the matrices in the last two axes; the axes before them are aligned by NumPy's rules.
///
/// An operand with one axis is a row on the left and a column on the right, and the axis added for
/// that disappears again (numpy.matmul).
public struct MatrixProduct: Hashable, Sendable {
  /// The left matrices.
  public var left: Operand
  /// The right matrices.
  public var right: Operand

  /// Makes an operator; at least one operand is an input.
  public init(_ left: Operand, _ right: Operand) {
    self.left = left
    self.right = right
  }

  /// Both operands.
  package var allOperands: [Operand] { [left, right] }
}

extension MatrixProduct: LayerKind {
  package var asLayer: Layer { .matrixProduct(self) }
  package var title: String {
    allOperands.inputCount == 2 ? "MatrixProduct" : "MatrixProduct(\(allOperands.title))"
  }
  package var ports: LayerPorts { allOperands.ports }
  package var traits: LayerTraits {
    LayerTraits(outputType: .arithmetic, leadingAxes: .batchIsFirst)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    let shapes = allOperands.shapes(inputs)
    guard shapes.allSatisfy({ !$0.isEmpty }) else {
      throw ShapeProblem(expected: "values with at least one axis")
    }
    let left = shapes[0].count > 1 ? shapes[0] : [.fixed(1)] + shapes[0]
    let right = shapes[1].count > 1 ? shapes[1] : shapes[1] + [.fixed(1)]
    let (depth, other) = (left[left.count - 1], right[right.count - 2])
    guard depth.agrees(with: other) else {
      throw ShapeProblem(expected: "matrices […, n, k] and […, k, m]")
    }
    let outer = try broadcast([left.dropLast(2), right.dropLast(2)])
    return [
      outer + (shapes[0].count > 1 ? [left[left.count - 2]] : [])
        + (shapes[1].count > 1 ? [right[right.count - 1]] : [])
    ]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? {
    let depth = left == .input ? inputs[0].last : right == .input ? left.constant?.shape.last : nil
    return depth.flatMap { product(outputs[0] + [2, $0]) }
  }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
