import RecurPyTorch
import RecurSource

/// A tensor between layers: an output of a call.
final class KerasSourceTensor: SourceForeign {
  let layer: KerasSourceLayer
  let call: Int
  let output: Int

  init(_ layer: KerasSourceLayer, call: Int, output: Int) {
    self.layer = layer
    self.call = call
    self.output = output
  }

  var title: String { "an output of \(layer.title)" }

  /// Whether a value is a tensor, or a list with tensors.
  static func isHeld(by value: SourceValue) -> Bool {
    switch value {
    case .foreign(let own): own is KerasSourceTensor
    case .list(let list): list.elements.contains(where: isHeld)
    case .tuple(let values): values.contains(where: isHeld)
    default: false
    }
  }

  func attribute(
    _ name: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    switch name {
    case "shape", "_keras_shape":
      return shape.map { .tuple($0) } ?? interpreter.unknown("the shape of \(title)")
    case "ndim":
      return shape.map { .integer($0.count) } ?? interpreter.unknown("the axes of \(title)")
    case "dtype": return interpreter.unknown("the element type of \(title)")
    default: return .bound(.foreign(self), name)
    }
  }

  func isInstance(of library: String) -> Bool? {
    library.hasSuffix("Tensor") ? true : nil
  }

  func call(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue { throw interpreter.problem("\(title) is called") }

  func call(
    method name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    interpreter.unknown("the method '\(name)' of \(title)")
  }

  func item(
    _ key: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    try layer.program.operation("GetItem", [("x", .foreign(self)), ("key", key)], &interpreter)
  }

  func unary(
    _ operation: UnaryOperator, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    switch operation {
    case .plus: return .foreign(self)
    case .minus:
      return try layer.program.operation("Negative", [("x", .foreign(self))], &interpreter)
    case .invert, .not: throw interpreter.problem("'\(operation.rawValue)' of \(title)")
    }
  }

  private static let operations: [BinaryOperator: String] = [
    .add: "Add", .subtract: "Subtract", .multiply: "Multiply", .divide: "TrueDivide",
    .floorDivide: "FloorDivide", .modulo: "Mod", .power: "Power", .matrixMultiply: "Matmul",
  ]

  func binary(
    _ operation: BinaryOperator, _ other: SourceValue, isLeft: Bool,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard let name = Self.operations[operation] else {
      throw interpreter.problem("'\(operation.rawValue)' of \(title)")
    }
    if case .unknown(let unknown) = other {
      throw interpreter.problem(unknown.reason, at: unknown.place)
    }
    let operands: [SourceValue] = isLeft ? [.foreign(self), other] : [other, .foreign(self)]
    return try layer.program.operation(
      name, [("x1", operands[0]), ("x2", operands[1])], &interpreter)
  }
}
