import RecurContainers
import RecurModel

extension Binary: KerasLayer {
  static let classes =
    names.filter { $0.1 != .notEqual }.map { name, function in
      KerasClass.operation(name, followsInput: true, completes: complete) { reader in
        binary(function, &reader)
      }
    } + [
      KerasClass.operation("Divide", followsInput: true) { binary(.divide, &$0) }
    ]

  /// The operations of the functions.
  private static let names: [(String, Function)] = [
    ("Add", .add), ("Subtract", .subtract), ("Multiply", .multiply), ("TrueDivide", .divide),
    ("FloorDivide", .floorDivide), ("Mod", .modulo), ("Power", .power), ("Maximum", .maximum),
    ("Minimum", .minimum), ("Equal", .equal), ("NotEqual", .notEqual), ("Less", .less),
    ("LessEqual", .lessOrEqual), ("Greater", .greater), ("GreaterEqual", .greaterOrEqual),
    ("LogicalAnd", .and), ("LogicalOr", .or), ("LogicalXor", .exclusiveOr),
  ]

  /// The operation on two operands; nil, with a finding, when one is missing.
  static func binary(_ function: Function, _ reader: inout KerasLayerReader) -> Layer? {
    guard let left = reader.operand("x1"), let right = reader.operand("x2") else { return nil }
    return .binary(Binary(function, left, right))
  }

  /// Two inputs of equal rank are merged, for which every version of Keras has a layer.
  private static func complete(_ call: inout KerasNodeReader) {
    guard case .binary(let binary) = call.node.layer, binary.allOperands.inputCount == 2,
      let shape = call.inputShapes.first, !shape.isEmpty,
      call.inputShapes.allSatisfy({ $0.count == shape.count })
    else { return }
    let areBoolean = call.inputTypes.allSatisfy { $0 == .boolean }
    let merge: Merge? =
      switch binary.function {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .maximum: .maximum
      case .minimum: .minimum
      case .or: areBoolean ? .maximum : nil
      case .and: areBoolean ? .minimum : nil
      default: nil
      }
    guard let merge else { return }
    let isLogic = [.or, .and].contains(binary.function)
    if isLogic || call.inputTypes.allSatisfy({ $0 == .floatingPoint }) {
      call.node.layer = .merge(merge)
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let word = Self.names.first { $0.1 == function }?.0 ?? "Add"
    var form = writer.operation(word, name)
    form.arguments = allOperands.map(\.argument)
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
