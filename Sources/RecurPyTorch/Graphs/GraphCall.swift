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
    if let one = self[parameter].integer { return [one] }
    let values = self[parameter].list?.map(\.integer)
    guard let values, !values.contains(nil) else {
      throw problem(parameter, "whole numbers", builder)
    }
    return values.compactMap { $0 }
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
    if let one = self[parameter].dimension { return [one] }
    let values = self[parameter].list?.map(\.dimension)
    guard let values, !values.contains(nil) else { throw problem(parameter, "extents", builder) }
    return values.compactMap { $0 }
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
  init(_ signature: String, _ apply: @escaping Apply) {
    let open = signature.firstIndex(of: "(") ?? signature.endIndex
    name = String(signature[..<open])
    let parts = signature[open...].dropFirst().dropLast().split(separator: ",").map { part in
      part.filter { $0 != " " }.split(separator: "=", maxSplits: 1).map(String.init)
    }
    parameters = parts.map { $0[0] }
    defaults = parts.filter { $0.count > 1 }.map { ($0[0], Self.value($0[1])) }
    self.apply = apply
  }

  private static func value(_ text: String) -> GraphValue {
    switch text {
    case "None": .nothing
    case "True": .flag(true)
    case "False": .flag(false)
    case "[]": .list([])
    default:
      Int(text).map { GraphValue.integer($0) } ?? Double(text).map { .number($0) } ?? .text(text)
    }
  }
}
