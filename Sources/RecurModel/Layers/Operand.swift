/// An operand of an operator: an input of the node, or a constant that belongs to the operator.
public enum Operand: Hashable, Sendable {
  /// The next input of the node.
  case input
  /// A constant.
  case constant(Constant)

  /// A constant number or array.
  public struct Constant: Hashable, Sendable {
    /// The extents; empty for a single number.
    public var shape: [Int]
    /// The numbers, row-major.
    public var elements: [Double]
    /// Whether the numbers are integers or Booleans, so that they don't turn integers into
    /// floating-point numbers.
    public var isWhole: Bool

    /// Makes a constant; `elements` has as many numbers as `shape` says.
    public init(shape: [Int], elements: [Double], isWhole: Bool) {
      self.shape = shape
      self.elements = elements
      self.isWhole = isWhole
    }
  }

  /// A constant number.
  public static func number(_ value: Double, isWhole: Bool = false) -> Operand {
    .constant(Constant(shape: [], elements: [value], isWhole: isWhole))
  }

  /// The constant; nil for an input.
  public var constant: Constant? { if case .constant(let value) = self { value } else { nil } }

  /// The operand in titles: a number, the shape of an array, or `x`.
  var title: String {
    switch self {
    case .input: "x"
    case .constant(let value): value.shape.isEmpty ? "\(value.elements[0])" : "\(value.shape)"
    }
  }
}

extension [Operand] {
  /// The number of operands that are inputs.
  package var inputCount: Int { count { $0 == .input } }

  /// Whether a constant is a floating-point number.
  var hasFraction: Bool { contains { $0.constant?.isWhole == false } }

  /// The shapes of all operands, for the shapes of the inputs.
  func shapes(_ inputs: [[Dimension]]) -> [[Dimension]] {
    var rest = inputs[...]
    return map { operand in
      switch operand {
      case .input: rest.popFirst() ?? []
      case .constant(let value): value.shape.map { .fixed($0) }
      }
    }
  }

  /// The ports of an operator with these operands.
  var ports: LayerPorts { LayerPorts(inputs: inputCount...inputCount, outputs: 1) }

  /// The operands in titles.
  var title: String { map(\.title).joined(separator: ", ") }
}
