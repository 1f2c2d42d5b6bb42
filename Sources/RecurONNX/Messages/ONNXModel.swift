import RecurContainers
import RecurTensors

/// A model as an ONNX file holds it (onnx/onnx.proto, `ModelProto`).
struct ONNXModel: Sendable {
  /// The version of the file format.
  var version = 0
  /// The program that wrote the file.
  var producer = ""
  /// The version of that program.
  var producerVersion = ""
  /// The graph.
  var graph = ONNXGraph()
  /// The versions of the sets of operators, by domain; the domain `ai.onnx` is the empty one.
  var operatorSets: [String: Int] = [:]
  /// Functions that nodes may call, by domain and name.
  var functions: [ONNXFunction] = []
  /// Names and values that the writer added.
  var metadata: [(name: String, value: String)] = []

  /// Reads the bytes of a file.
  ///
  /// - Throws: `protobuf.invalid`, `onnx.invalid`, `bytes.limit-exceeded`.
  init(_ bytes: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    var budget = ProtobufBudget(limits, of: "nodes, tensors and numbers")
    var hasGraph = false
    while let field = try reader.next() {
      switch field.number {
      case 1: version = try field.integer()
      case 2: producer = try field.text()
      case 3: producerVersion = try field.text()
      case 7:
        guard !hasGraph else { throw ONNXModel.invalid("the model has two graphs", field.location) }
        hasGraph = true
        graph = try ONNXGraph(field.bytes(), depth: 0, &budget)
      case 8:
        let set = try Self.operatorSet(field.bytes())
        operatorSets[set.domain] = set.version
      case 14:
        try budget.take(1, at: field.location)
        metadata.append(try Self.entry(field.bytes()))
      case 25: functions.append(try ONNXFunction(field.bytes(), &budget))
      default: continue
      }
    }
    guard hasGraph else { throw ONNXModel.invalid("the model has no graph", bytes.location) }
  }

  /// A name and a value (`StringStringEntryProto`).
  static func entry(_ bytes: ByteRegion) throws(CheckpointError) -> (name: String, value: String) {
    var (reader, entry) = (ProtobufReader(bytes), (name: "", value: ""))
    while let field = try reader.next() {
      switch field.number {
      case 1: entry.name = try field.text()
      case 2: entry.value = try field.text(limit: 1 << 20)
      default: continue
      }
    }
    return entry
  }

  /// A set of operators (`OperatorSetIdProto`).
  static func operatorSet(
    _ bytes: ByteRegion
  ) throws(CheckpointError) -> (domain: String, version: Int) {
    var (reader, set) = (ProtobufReader(bytes), (domain: "", version: 1))
    while let field = try reader.next() {
      switch field.number {
      case 1: set.domain = try field.text()
      case 2: set.version = try field.integer()
      default: continue
      }
    }
    if set.domain == "ai.onnx" { set.domain = "" }
    return set
  }

  /// The error of a file that is no valid model.
  static func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
    CheckpointError(.onnxInvalid, message, at: location)
  }
}

extension Diagnostic.Code {
  /// An ONNX file that contradicts itself or ONNX.
  static let onnxInvalid = Self(rawValue: "onnx.invalid")
  /// A file with the numbers of tensors that is not there, or not allowed.
  static let onnxExternalData = Self(rawValue: "onnx.external-data")
}
