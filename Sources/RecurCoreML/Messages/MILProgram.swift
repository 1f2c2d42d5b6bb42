import RecurContainers
import RecurTensors

/// An ML program: operations in blocks (coremltools, mlmodel/format/MIL.proto, `Program`).
struct MILProgram: Sendable {
  /// The function that is called: `main`, or the only one.
  let main: MILFunction
  /// How many functions there are.
  let functionCount: Int

  /// - Throws: `protobuf.invalid`, `coreml.invalid`, `bytes.limit-exceeded`.
  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    var (reader, functions): (ProtobufReader, [(name: String, function: MILFunction)]) = (
      ProtobufReader(bytes), []
    )
    while let field = try reader.next() {
      guard field.number == 2 else { continue }
      var (inner, name, function) = (
        ProtobufReader(try field.bytes()), "", MILFunction?.none
      )
      while let own = try inner.next() {
        if own.number == 1 { name = try budget.name(own) }
        if own.number == 2 { function = try MILFunction(own.bytes(), &budget) }
      }
      if let function { functions.append((name, function)) }
    }
    let chosen = functions.first { $0.name == "main" } ?? functions.first
    guard let chosen else {
      throw CheckpointError(.coreMLInvalid, "the program has no function", at: bytes.location)
    }
    (main, functionCount) = (chosen.function, functions.count)
  }
}

/// A function: its inputs, and a block (`Function`).
struct MILFunction: Sendable {
  var inputs: [MILPort] = []
  /// The set of operations: `CoreML6`.
  var operationSet = ""
  let block: MILBlock

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    var (reader, blocks): (ProtobufReader, [String: MILBlock]) = (ProtobufReader(bytes), [:])
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try MILPort(field.bytes(), &budget))
      case 2: operationSet = try budget.name(field)
      case 3:
        var (inner, name, block) = (ProtobufReader(try field.bytes()), "", MILBlock?.none)
        while let own = try inner.next() {
          if own.number == 1 { name = try budget.name(own) }
          if own.number == 2 { block = try MILBlock(own.bytes(), depth: 0, &budget) }
        }
        blocks[name] = block
      default: continue
      }
    }
    guard let block = blocks[operationSet] ?? (blocks.count == 1 ? blocks.first?.value : nil) else {
      throw CheckpointError(
        .coreMLInvalid, "the function has no block for its operations, '\(operationSet)'",
        at: bytes.location)
    }
    self.block = block
  }
}

/// Operations one after the other (`Block`).
struct MILBlock: Sendable {
  var inputs: [MILPort] = []
  /// The names of the values that the block hands on.
  var outputs: [String] = []
  var operations: [MILOperation] = []
  let location: Diagnostic.Location

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.check(depth: depth, of: "blocks and values", at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try MILPort(field.bytes(), &budget))
      case 2: outputs.append(try budget.name(field))
      case 3: operations.append(try MILOperation(field.bytes(), depth: depth, &budget))
      default: continue
      }
    }
  }
}

/// One operation (`Operation`).
struct MILOperation: Sendable {
  /// What an argument is.
  enum Binding: Sendable {
    /// A value under a name.
    case name(String)
    case value(MILValue)
  }

  var type = ""
  /// The arguments by name; several values for one that is a list.
  var arguments: [(name: String, bindings: [Binding])] = []
  var outputs: [MILPort] = []
  var blocks: [MILBlock] = []
  var attributes: [(name: String, value: MILValue)] = []
  var location: Diagnostic.Location

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.take(4, at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: type = try budget.name(field)
      case 2: try readArgument(field.bytes(), &budget)
      case 3: outputs.append(try MILPort(field.bytes(), &budget))
      case 4: blocks.append(try MILBlock(field.bytes(), depth: depth + 1, &budget))
      case 5:
        var (inner, name, value) = (ProtobufReader(try field.bytes()), "", MILValue?.none)
        while let own = try inner.next() {
          if own.number == 1 { name = try budget.name(own) }
          if own.number == 2 { value = try MILValue(own.bytes(), depth: depth, &budget) }
        }
        if let value { attributes.append((name, value)) }
      default: continue
      }
    }
    location.object = "\(outputs.first?.name ?? ""), \(type)"
  }

  private mutating func readArgument(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var (reader, name, bindings): (ProtobufReader, String, [Binding]) = (
      ProtobufReader(bytes), "", []
    )
    while let field = try reader.next() {
      if field.number == 1 { name = try budget.name(field) }
      guard field.number == 2 else { continue }
      var list = ProtobufReader(try field.bytes())
      while let one = try list.next() {
        guard one.number == 1 else { continue }
        try budget.take(1, at: one.location)
        var binding = ProtobufReader(try one.bytes())
        while let own = try binding.next() {
          if own.number == 1 { bindings.append(.name(try budget.name(own))) }
          if own.number == 2 {
            bindings.append(.value(try MILValue(own.bytes(), depth: 0, &budget)))
          }
        }
      }
    }
    guard !arguments.contains(where: { $0.name == name }) else {
      throw CheckpointError(
        .coreMLInvalid, "an operation has two arguments '\(name)'", at: bytes.location)
    }
    arguments.append((name, bindings))
  }

  /// The attribute of this name; nil when there is none.
  func attribute(_ name: String) -> MILValue? { attributes.first { $0.name == name }?.value }
}

/// A value with a name and a type (`NamedValueType`).
struct MILPort: Sendable {
  var name = ""
  var type = MILType()

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 1 { name = try budget.name(field) }
      if field.number == 2 { type = try MILType(field.bytes(), depth: 0, &budget) }
    }
  }
}
