import RecurContainers
import RecurModel
import RecurTensors

/// A model as its file holds it (coremltools, mlmodel/format/Model.proto, `Model`).
struct CoreMLModel: Sendable {
  /// What a model is.
  enum Content: Sendable {
    /// Operations in blocks.
    case program(MILProgram)
    /// Layers in a row.
    case network(NetworkMessage)
  }

  /// The version of the specification.
  var version = 0
  var inputs: [CoreMLPort] = []
  var outputs: [CoreMLPort] = []
  /// What is kept from call to call.
  var states: [CoreMLPort] = []
  /// Names and values that the writer added.
  var metadata: [(name: String, value: String)] = []
  private(set) var content = Content.network(NetworkMessage())

  /// The field that holds a network, a classifier or a regressor made of one, and a program.
  private enum Kind {
    static let classifier = 403
    static let regressor = 303
    static let network = 500
    static let program = 502
  }

  /// Whether the bytes are a model, and of this kind: a version, a description, and the model's field.
  static func recognizes(_ bytes: ByteRegion, isProgram: Bool) -> Bool {
    guard bytes.holds([0x08]), let outline = ProtobufOutline(bytes), outline.isWhole,
      let version = outline.integer(1), (1...100).contains(version), outline.hasBytes(2)
    else { return false }
    return isProgram
      ? outline.hasBytes(Kind.program)
      : [Kind.network, Kind.classifier, Kind.regressor].contains(where: outline.hasBytes)
  }

  /// Reads the bytes of a file.
  ///
  /// - Throws: `protobuf.invalid`, `coreml.invalid`, `bytes.limit-exceeded`, `graph.unsupported` for a
  ///   classifier, which puts out words.
  init(_ bytes: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    var budget = ProtobufBudget(limits, of: "operations and names")
    var found: Content?
    while let field = try reader.next() {
      switch field.number {
      case 1: version = try field.integer()
      case 2: try readDescription(field.bytes(), &budget)
      case Kind.network: found = .network(try NetworkMessage(field.bytes(), &budget))
      case Kind.program: found = .program(try MILProgram(field.bytes(), &budget))
      case Kind.classifier, Kind.regressor:
        throw CheckpointError(
          .graphUnsupported,
          "the model is a classifier or a regressor, which puts out words and dictionaries",
          at: field.location, expected: "a neural network or an ML program")
      default: continue
      }
    }
    guard let found else {
      throw CheckpointError(
        .coreMLInvalid, "the model has neither layers nor operations", at: bytes.location)
    }
    content = found
  }

  /// `ModelDescription`.
  private mutating func readDescription(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try CoreMLPort(field.bytes(), &budget))
      case 10: outputs.append(try CoreMLPort(field.bytes(), &budget))
      case 13: states.append(try CoreMLPort(field.bytes(), &budget))
      case 20: try readFunction(field.bytes(), &budget)
      case 100: try readMetadata(field.bytes(), &budget)
      default: continue
      }
    }
  }

  /// `FunctionDescription`: ports of a function, of which the first one counts.
  private mutating func readFunction(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    guard inputs.isEmpty, outputs.isEmpty else { return }
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 2: inputs.append(try CoreMLPort(field.bytes(), &budget))
      case 3: outputs.append(try CoreMLPort(field.bytes(), &budget))
      case 6: states.append(try CoreMLPort(field.bytes(), &budget))
      default: continue
      }
    }
  }

  /// `Metadata`.
  private mutating func readMetadata(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    let names = [1: "description", 2: "version", 3: "author", 4: "license"]
    while let field = try reader.next() {
      try budget.take(1, at: field.location)
      if let name = names[field.number] {
        let value = try field.text(limit: 1 << 20)
        if !value.isEmpty { metadata.append((name, value)) }
      } else if field.number == 100 {
        var (inner, name, value) = (ProtobufReader(try field.bytes()), "", "")
        while let own = try inner.next() {
          if own.number == 1 { name = try own.text() }
          if own.number == 2 { value = try own.text(limit: 1 << 20) }
        }
        metadata.append((name, value))
      }
    }
  }
}

extension Diagnostic.Code {
  /// A file of Core ML that contradicts itself or the format.
  static let coreMLInvalid = Self(rawValue: "coreml.invalid")
}
