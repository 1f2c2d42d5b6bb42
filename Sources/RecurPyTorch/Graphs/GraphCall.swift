import RecurModel
import RecurTensors

/// A call of an operator in a graph: its arguments by the names of the operator's parameters.
struct GraphCall {
  /// The operator: `aten.cat`.
  let name: String
  private let arguments: [String: GraphValue]
  /// The overload in the file: `dim` of `aten.max.dim`.
  let overload: String
  /// Whether anything reads the results behind the first one.
  let readsFurtherResults: Bool

  init(
    _ name: String, overload: String, _ arguments: [String: GraphValue],
    readsFurtherResults: Bool = true
  ) {
    self.name = name
    self.overload = overload
    self.arguments = arguments
    self.readsFurtherResults = readsFurtherResults
  }

  /// The value of a parameter; nothing when none is given.
  subscript(parameter: String) -> GraphValue { arguments[parameter] ?? .nothing }

  /// Whether a parameter has a value.
  func has(_ parameter: String) -> Bool { !self[parameter].isNothing }

  /// The error of an argument that is not supported.
  func problem(
    _ parameter: String, _ expected: String, _ builder: GraphBuilder
  ) -> CheckpointError {
    builder.problem(
      "\(name) has \(self[parameter].title) for '\(parameter)'", expected: expected,
      found: self[parameter].title)
  }

  /// An array.
  func array(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> GraphValue {
    guard self[parameter].isArray else { throw problem(parameter, "an array", builder) }
    return self[parameter]
  }

  /// Several arrays.
  func arrays(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> [GraphValue]
  {
    guard let list = self[parameter].list, list.allSatisfy(\.isArray) else {
      throw problem(parameter, "a list of arrays", builder)
    }
    return list
  }

  /// A weight: numbers of the file, or computed from them.
  func weight(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> KnownArray {
    guard let known = self[parameter].known, known.isStored else {
      throw problem(parameter, "weights of the file", builder)
    }
    return known
  }

  /// A weight that may be absent.
  func optionalWeight(
    _ parameter: String, _ builder: GraphBuilder
  ) throws(CheckpointError) -> KnownArray? {
    has(parameter) ? try weight(parameter, builder) : nil
  }

  func integer(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> Int {
    guard let value = self[parameter].integer else {
      throw problem(parameter, "a whole number", builder)
    }
    return value
  }

  /// A whole number, or nil when none is given.
  func optionalInteger(
    _ parameter: String, _ builder: GraphBuilder
  ) throws(CheckpointError) -> Int? {
    has(parameter) ? try integer(parameter, builder) : nil
  }

  /// Whole numbers: a list, or one.
  func integers(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> [Int] {
    try several(parameter, "whole numbers", builder, \.integer)
  }

  /// One whole number per axis: a list, or one number for all.
  func integers(
    _ parameter: String, count: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Int] {
    let values = try integers(parameter, builder)
    if values.count == 1 { return [Int](repeating: values[0], count: count) }
    guard values.count == count else { throw problem(parameter, "\(count) numbers", builder) }
    return values
  }

  /// Extents: a list, or one.
  func dimensions(
    _ parameter: String, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Dimension] {
    try several(parameter, "extents", builder, \.dimension)
  }

  /// A list of values of one kind, or one such value.
  private func several<Element>(
    _ parameter: String, _ words: String, _ builder: GraphBuilder,
    _ element: (GraphValue) -> Element?
  ) throws(CheckpointError) -> [Element] {
    if let one = element(self[parameter]) { return [one] }
    let values = self[parameter].list?.map(element)
    let found = values?.compactMap { $0 }
    guard let found, found.count == values?.count else { throw problem(parameter, words, builder) }
    return found
  }

  func double(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> Double {
    guard let value = self[parameter].double else { throw problem(parameter, "a number", builder) }
    return value
  }

  func flag(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> Bool {
    guard let value = self[parameter].flag else {
      throw problem(parameter, "True or False", builder)
    }
    return value
  }

  /// An element type, or nil when none is given.
  func type(_ parameter: String, _ builder: GraphBuilder) throws(CheckpointError) -> ElementType? {
    guard has(parameter) else { return nil }
    guard case .type(let type) = self[parameter] else {
      throw problem(parameter, "an element type", builder)
    }
    return type
  }

  /// All arguments, for functions that are read by another table.
  var all: [(name: String, value: GraphValue)] {
    arguments.map { ($0.key, $0.value) }.sorted { $0.name < $1.name }
  }
}

/// An operator of aten: its parameters, and what it is in a graph.
struct GraphFunction: Sendable {
  typealias Apply =
    @Sendable (GraphCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// The name without overload: `cat`.
  let name: String
  /// The parameters that may be left out, with their values.
  let defaults: [(name: String, value: GraphValue)]
  /// All parameters, in order.
  let parameters: [String]
  /// The results.
  let apply: Apply

  /// Describes an operator by its signature in aten's words: `cat(tensors, dim=0)`.
  init(_ text: String, _ apply: @escaping Apply) {
    let signature = PyTorchSignature(text)
    name = signature.name
    parameters = signature.parameters.map(\.name)
    defaults = signature.parameters.compactMap { parameter in
      parameter.standard.map { (parameter.name, GraphValue($0, [:])) }
    }
    self.apply = apply
  }
}
