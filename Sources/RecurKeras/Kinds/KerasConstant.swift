import RecurContainers
import RecurModel

/// Constants of operations as a config holds them: a number, a Boolean, nested lists of numbers, or
/// an array of NumPy (keras/src/saving/serialization_lib.py, `__numpy__`).
extension Operand.Constant {
  /// Reads a constant; nil for any other value, and for lists of different lengths.
  init?(_ value: JSONValue) {
    let isArray = ["__numpy__", "__tensor__"].contains(value["class_name"]?.string)
    let type = isArray ? value["config"]?["dtype"]?.string : nil
    let numbers = isArray ? value["config"]?["value"] ?? .null : value
    var (shape, elements, isWhole): ([Int], [Double], Bool) = ([], [], true)
    var first = numbers
    while let list = first.array {
      guard let next = list.first, shape.count < 8 else { return nil }
      shape.append(list.count)
      first = next
    }
    guard Self.collect(numbers, shape[...], &elements, &isWhole) else { return nil }
    if let type { isWhole = !type.contains("float") }
    self.init(shape: shape, elements: elements, isWhole: isWhole)
  }

  private static func collect(
    _ value: JSONValue, _ shape: ArraySlice<Int>, _ elements: inout [Double], _ isWhole: inout Bool
  ) -> Bool {
    guard let extent = shape.first else {
      switch value {
      case .integer(let number): elements.append(Double(number))
      case .bool(let flag): elements.append(flag ? 1 : 0)
      case .number(let number):
        elements.append(number)
        isWhole = false
      case .null, .string, .array, .object: return false
      }
      return true
    }
    guard let list = value.array, list.count == extent else { return false }
    for element in list {
      guard collect(element, shape.dropFirst(), &elements, &isWhole) else { return false }
    }
    return true
  }

  /// The constant as Keras 3 writes it.
  var json: JSONValue {
    func number(_ value: Double) -> JSONValue {
      isWhole ? Int(exactly: value).map { .integer($0) } ?? .number(value) : .number(value)
    }
    guard !shape.isEmpty else { return number(elements[0]) }
    var rest = elements[...]
    func nested(_ shape: ArraySlice<Int>) -> JSONValue {
      guard let extent = shape.first else { return number(rest.popFirst() ?? 0) }
      return .array((0..<extent).map { _ in nested(shape.dropFirst()) })
    }
    let type: JSONValue = isWhole ? "int32" : "float32"
    return [
      "class_name": "__numpy__", "config": ["value": nested(shape[...]), "dtype": type],
    ]
  }
}

extension Operand {
  /// The operand as an argument of a call.
  var argument: KerasArgumentForm {
    switch self {
    case .input: .input
    case .constant(let value): .plain(value.json)
    }
  }
}
