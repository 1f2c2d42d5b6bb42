import RecurContainers
import RecurModel
import RecurTensors

/// `cast` to integers and Booleans, and of them to floating-point numbers.
///
/// Between floating-point types it is an ``Identity`` in another precision.
extension Casting: KerasLayer {
  static let classes = [KerasClass.operation("Cast", completes: complete, read: read)]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let name = reader.options.value("dtype")?.string ?? ""
    guard let type = ElementType(rawValue: name), !type.isComplex,
      type.isArithmetic || !type.isFloatingPoint
    else {
      reader.options.refuse("dtype", because: "the name of a type of numbers belongs there")
      return nil
    }
    if type.isFloatingPoint { reader.precision = type }
    return type.isFloatingPoint
      ? .identity(Identity(className: "Cast")) : .casting(Casting(to: type))
  }

  private static func complete(_ call: inout KerasNodeReader) {
    guard case .identity = call.node.layer, let type = call.inputTypes.first, type != .floatingPoint
    else { return }
    call.node.layer = .casting(Casting(to: call.node.precision))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.operation("Cast", name, [("dtype", .string(type.rawValue))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
