import RecurModel
import RecurTensors

/// A call of an operation: its arguments by name.
struct MILCall: Sendable {
  let operation: MILOperation
  /// The arguments; several values for one that is a list.
  let arguments: [String: [GraphValue]]

  /// The operation as errors name it.
  var subject: String { "\(operation.type) '\(operation.outputs.first?.name ?? "")'" }

  /// The error of something that is not supported.
  func problem(
    _ message: String, _ builder: GraphBuilder, expected: String? = nil
  ) -> CheckpointError {
    builder.problem("\(subject) \(message)", expected: expected)
  }

  /// An argument; nothing when it is left out.
  subscript(name: String) -> GraphValue { arguments[name]?.first ?? .nothing }

  /// Whether an argument is given.
  func has(_ name: String) -> Bool { arguments[name]?.isEmpty == false }

  /// The values of a list.
  func list(_ name: String) -> [GraphValue] { arguments[name] ?? [] }

  /// An array, or a number that stands for one.
  func operand(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> GraphValue {
    let value = self[name]
    if let flag = value.flag {
      return .known(try KnownArray(repeating: flag ? 1 : 0, .bool, shape: []))
    }
    guard value.isArray || value.dimension != nil || value.double != nil else {
      throw problem("has \(value.title) for '\(name)', an array is needed", builder)
    }
    return value
  }

  /// An array.
  func array(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> GraphValue {
    guard self[name].isArray else {
      throw problem("has \(self[name].title) for '\(name)', an array is needed", builder)
    }
    return self[name]
  }

  /// Numbers that the file holds, or that are computed from them.
  func weight(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> KnownArray {
    guard let known = self[name].known, let count = known.storedCount,
      count <= builder.limits.knownElements || known.isStored
    else { throw problem("has \(self[name].title) for '\(name)', which must be weights", builder) }
    let stored = known.isStored ? known : try known.stored()
    guard stored.isStored else {
      throw problem("has weights of a free shape for '\(name)'", builder)
    }
    return stored
  }

  /// Weights of this shape.
  func weight(
    _ name: String, shape: [Int], _ builder: GraphBuilder
  ) throws(CheckpointError) -> Tensor {
    let known = try weight(name, builder)
    guard known.array.shape == shape, known.type.isArithmetic else {
      throw problem(
        "has weights of the shape \(tuple(known.array.shape)) for '\(name)'", builder,
        expected: tuple(shape))
    }
    return known.array
  }

  /// Whole numbers that are known.
  func ints(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> [Int] {
    if let number = self[name].integer { return [number] }
    guard let sizes = GraphSizes(self[name]) else {
      throw problem("has \(self[name].title) for '\(name)': whole numbers are needed", builder)
    }
    let known = sizes.elements.compactMap(\.value)
    guard known.count == sizes.elements.count else {
      throw problem("has \(self[name].title) for '\(name)', which depends on the call", builder)
    }
    return known
  }

  /// A whole number; the default when it is left out.
  func int(
    _ name: String, _ builder: GraphBuilder, default usual: Int? = nil
  ) throws(CheckpointError) -> Int {
    if !has(name), let usual { return usual }
    let all = try ints(name, builder)
    guard all.count == 1 else {
      throw problem("has \(all.count) numbers for '\(name)'", builder, expected: "one")
    }
    return all[0]
  }

  /// A number; the default when it is left out.
  func number(
    _ name: String, _ builder: GraphBuilder, default usual: Double? = nil
  ) throws(CheckpointError) -> Double {
    if !has(name), let usual { return usual }
    guard let number = self[name].double else {
      throw problem("has \(self[name].title) for '\(name)': a number is needed", builder)
    }
    return number
  }

  /// A Boolean; the default when it is left out.
  func flag(
    _ name: String, _ builder: GraphBuilder, default usual: Bool
  ) throws(CheckpointError) -> Bool {
    if !has(name) { return usual }
    guard let flag = self[name].flag ?? self[name].double.map({ $0 != 0 }) else {
      throw problem("has \(self[name].title) for '\(name)': true or false is needed", builder)
    }
    return flag
  }

  /// Several Booleans; nil when they are left out.
  func flags(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> [Bool]? {
    guard has(name) else { return nil }
    if let flag = self[name].flag { return [flag] }
    guard let known = self[name].known, known.array.count <= GraphLimits.axes else {
      throw problem("has \(self[name].title) for '\(name)'", builder)
    }
    return known.array.doubles().map { $0 != 0 }
  }

  /// A text; the default when it is left out.
  func text(
    _ name: String, _ builder: GraphBuilder, default usual: String
  ) throws(CheckpointError) -> String {
    if !has(name) { return usual }
    guard let text = self[name].text else {
      throw problem("has \(self[name].title) for '\(name)': a text is needed", builder)
    }
    return text
  }
}

/// An operation of programs: what it takes, and what it is in a model.
struct MILOperator: Sendable {
  typealias Apply =
    @Sendable (MILCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// The name.
  let name: String
  /// The arguments that are honoured; every other one is refused by name.
  let arguments: Set<String>
  /// The results.
  let apply: Apply

  init(_ name: String, _ arguments: String, _ apply: @escaping Apply) {
    self.name = name
    self.arguments = Set(arguments.split(separator: " ").map(String.init))
    self.apply = apply
  }
}
