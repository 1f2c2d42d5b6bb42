import RecurSource
import RecurTensors

/// What the names of a source mean besides what Python and torch make of them.
package protocol SourceDialect {
  /// What a name means that nothing in the source defines; nil for a name that stays unknown.
  func value(of name: String) -> SourceValue?

  /// A member of a library; nil for what members of libraries are anyway.
  func member(
    _ name: String, of library: String, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue?

  /// The result of a function of a library; nil for one that the dialect leaves to the interpreter.
  func call(
    library name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue?

  /// The result of a function of the source that the dialect knows by its name; nil for others.
  func call(
    _ function: SourceFunction, _ owner: SourceValue?, _ given: SourceArguments,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue?

  /// An object of a class of the source; nil for a class that is made as Python makes it.
  func make(
    _ type: SourceClass, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue?

  /// The result of calling an object of a class of the source; nil for one that is called as Python calls it.
  func call(
    _ object: SourceObject, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue?

  /// The value that a name gets when `value` is assigned to it.
  func named(
    _ value: SourceValue, _ name: String, _ interpreter: inout SourceInterpreter
  ) -> SourceValue

  /// Learns that a name was to get what a call gives, which is not understood.
  func failed(_ called: SourceValue, for name: String, _ reason: SourceUnknown)

  /// What helps where a source is not understood; nil for the way of torch.
  var help: String? { get }

  /// Whether a function of a library changes its first argument.
  func changesFirst(_ library: String) -> Bool
}

extension SourceDialect {
  package var help: String? { nil }

  package func failed(_ called: SourceValue, for name: String, _ reason: SourceUnknown) {}

  package func call(
    _ object: SourceObject, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? { nil }

  package func named(
    _ value: SourceValue, _ name: String, _ interpreter: inout SourceInterpreter
  ) -> SourceValue { value }
}
