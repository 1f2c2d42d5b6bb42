/// A function of two numbers, element by element; shapes are aligned by NumPy's rules.
public struct Binary: Hashable, Sendable {
  /// The function of x and y.
  public enum Function: String, Hashable, Sendable, CaseIterable {
    /// x + y.
    case add = "Add"
    /// x − y.
    case subtract = "Subtract"
    /// x · y.
    case multiply = "Multiply"
    /// x / y, also for integers.
    case divide = "Divide"
    /// ⌊x / y⌋.
    case floorDivide = "FloorDivide"
    /// x − y·⌊x / y⌋, with the sign of y.
    case modulo = "Modulo"
    /// xʸ.
    case power = "Power"
    /// The larger one.
    case maximum = "Maximum"
    /// The smaller one.
    case minimum = "Minimum"
    /// x = y.
    case equal = "Equal"
    /// x ≠ y.
    case notEqual = "NotEqual"
    /// x < y.
    case less = "Less"
    /// x ≤ y.
    case lessOrEqual = "LessOrEqual"
    /// x > y.
    case greater = "Greater"
    /// x ≥ y.
    case greaterOrEqual = "GreaterOrEqual"
    /// Whether both are not 0.
    case and = "And"
    /// Whether one is not 0.
    case or = "Or"
    /// Whether exactly one is not 0.
    case exclusiveOr = "ExclusiveOr"

    /// The type of the result.
    var outputType: LayerTraits.OutputType {
      switch self {
      case .add, .subtract, .multiply, .floorDivide, .modulo, .power, .maximum, .minimum:
        .arithmetic
      case .divide: .floatingPoint
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or,
        .exclusiveOr:
        .boolean
      }
    }
  }

  /// The function.
  public var function: Function
  /// x.
  public var left: Operand
  /// y.
  public var right: Operand

  /// Makes an operator; at least one operand is an input.
  public init(_ function: Function, _ left: Operand, _ right: Operand) {
    self.function = function
    self.left = left
    self.right = right
  }

  /// Both operands.
  package var allOperands: [Operand] { [left, right] }
}

extension Binary: LayerKind {
  package var asLayer: Layer { .binary(self) }
  package var title: String {
    allOperands.inputCount == 2 ? function.rawValue : "\(function.rawValue)(\(allOperands.title))"
  }
  package var ports: LayerPorts { allOperands.ports }
  package var traits: LayerTraits {
    let type = function.outputType
    let isFraction = if case .arithmetic = type { allOperands.hasFraction } else { false }
    return LayerTraits(outputType: isFraction ? .floatingPoint : type, leadingAxes: .kept)
  }

  package mutating func visitParameters<Visitor: ParameterVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) {}

  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    [try broadcast(allOperands.shapes(inputs))]
  }

  package func productOperations(_ inputs: [[Int]], _ outputs: [[Int]]) -> Int? { 0 }

  package func outputRange(_ x: FeatureRange?) -> FeatureRange? { nil }
}
