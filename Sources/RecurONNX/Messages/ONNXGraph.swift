import RecurContainers
import RecurTensors

/// A graph: the model's, a branch of `If`, or the body of a loop (`GraphProto`).
struct ONNXGraph: Sendable {
  /// The name.
  var name = ""
  /// The nodes, each behind those whose results it reads.
  var nodes: [ONNXNode] = []
  /// The weights.
  var initializers: [ONNXTensor] = []
  /// The inputs; in old files the weights are among them.
  var inputs: [ONNXValueInfo] = []
  /// The outputs.
  var outputs: [ONNXValueInfo] = []
  /// Where a sparse tensor is, which is not supported; nil without one.
  var sparse: Diagnostic.Location?

  init() {}

  init(
    _ bytes: ByteRegion, depth: Int, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    try budget.check(depth: depth, of: "graphs", at: bytes.location)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try ONNXNode(field.bytes(), depth: depth, &budget))
      case 2: name = try field.text()
      case 5: initializers.append(try ONNXTensor(field.bytes(), &budget))
      case 11: inputs.append(try ONNXValueInfo(field.bytes(), &budget))
      case 12: outputs.append(try ONNXValueInfo(field.bytes(), &budget))
      case 15: sparse = field.location
      default: continue
      }
    }
  }
}

/// A function of a model, which nodes call like an operator (`FunctionProto`).
struct ONNXFunction: Sendable {
  var name = ""
  var domain = ""
  var inputs: [String] = []
  var outputs: [String] = []
  /// The values of attributes that a call leaves out.
  var defaults: [ONNXAttribute] = []
  var nodes: [ONNXNode] = []
  /// The versions of the sets of operators that its nodes use.
  var operatorSets: [String: Int] = [:]

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    try budget.take(1, at: bytes.location)
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text()
      case 4: inputs.append(try budget.name(field))
      case 5: outputs.append(try budget.name(field))
      case 7: nodes.append(try ONNXNode(field.bytes(), depth: 1, &budget))
      case 9:
        let set = try ONNXModel.operatorSet(field.bytes())
        operatorSets[set.domain] = set.version
      case 10: domain = try field.text()
      case 11: defaults.append(try ONNXAttribute(field.bytes(), depth: 1, &budget))
      default: continue
      }
    }
  }
}

/// The name, the element type and the shape of a value (`ValueInfoProto`).
struct ONNXValueInfo: Sendable {
  /// One extent.
  enum Extent: Sendable {
    case fixed(Int)
    case named(String)
    case unknown
  }

  var name = ""
  /// The number of the element type; nil for a value that is no tensor.
  var type: Int?
  /// The extents; nil when nothing is said.
  var shape: [Extent]?
  var location: Diagnostic.Location

  init(_ bytes: ByteRegion, _ budget: inout ProtobufBudget) throws(CheckpointError) {
    try budget.take(1, at: bytes.location)
    location = bytes.location
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text()
      case 2:
        var inner = ProtobufReader(try field.bytes())
        while let kind = try inner.next() {
          if kind.number == 1 { try readTensor(kind.bytes(), &budget) }
        }
      default: continue
      }
    }
    location.object = name
  }

  private mutating func readTensor(
    _ bytes: ByteRegion, _ budget: inout ProtobufBudget
  ) throws(CheckpointError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 1 { type = try field.integer() }
      guard field.number == 2 else { continue }
      var (extents, inner): ([Extent], ProtobufReader) = ([], ProtobufReader(try field.bytes()))
      while let extent = try inner.next() {
        guard extent.number == 1 else { continue }
        try budget.take(1, at: extent.location)
        extents.append(try Self.extent(extent.bytes()))
      }
      shape = extents
    }
  }

  private static func extent(_ bytes: ByteRegion) throws(CheckpointError) -> Extent {
    var (reader, extent): (ProtobufReader, Extent) = (ProtobufReader(bytes), .unknown)
    while let field = try reader.next() {
      switch field.number {
      case 1: extent = .fixed(try field.integer())
      case 2:
        let name = try field.text()
        extent = name.isEmpty ? .unknown : .named(name)
      default: continue
      }
    }
    return extent
  }
}
