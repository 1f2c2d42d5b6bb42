package import RecurSource

/// A value of a library whose own dialect knows what Python's operations do with it.
package protocol SourceForeign: AnyObject {
  /// The value in messages.
  var title: String { get }

  /// `value.name`.
  func attribute(
    _ name: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue

  /// `value(…)`.
  func call(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue

  /// `value.name(…)`, where ``attribute(_:_:)`` gave the method.
  func call(
    method name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue

  /// `value[key]`.
  func item(
    _ key: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue

  /// Learns that a method, or a function that was given the value, could not be read.
  func doubt(_ method: String, _ reason: SourceUnknown)

  /// Whether the value is of a class of a library; nil where that is not known.
  func isInstance(of library: String) -> Bool?

  /// `value.name = …`.
  func set(_ name: String, to value: SourceValue, _ interpreter: SourceInterpreter)

  /// An operator with one operand.
  func unary(
    _ operation: UnaryOperator, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue

  /// An operator with another operand, which stands on the right where `isLeft` is true.
  func binary(
    _ operation: BinaryOperator, _ other: SourceValue, isLeft: Bool,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue
}

extension SourceForeign {
  package func item(
    _ key: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue { interpreter.unknown("a part of \(title)") }

  package func doubt(_ method: String, _ reason: SourceUnknown) {}

  package func isInstance(of library: String) -> Bool? { nil }

  package func set(_ name: String, to value: SourceValue, _ interpreter: SourceInterpreter) {}

  package func unary(
    _ operation: UnaryOperator, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue { interpreter.unknown("an operator of \(title)") }

  package func binary(
    _ operation: BinaryOperator, _ other: SourceValue, isLeft: Bool,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue { interpreter.unknown("an operator of \(title)") }
}

extension SourceValue {
  /// The value of a library; nil for any other.
  package var foreign: (any SourceForeign)? {
    if case .foreign(let value) = self { value } else { nil }
  }
}
