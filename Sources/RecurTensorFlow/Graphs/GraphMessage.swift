import RecurContainers
import RecurTensors

/// A graph of operators (tensorflow/core/framework/graph.proto, `GraphDef`).
struct GraphMessage {
  let nodes: [GraphOperator]
  /// The version of the writer (tensorflow/core/public/version.h, `TF_GRAPH_DEF_VERSION`); 0 where none is said.
  let producer: Int
  private let limits: DecodeLimits

  /// Reads a graph.
  ///
  /// - Throws: `protobuf.invalid`, `tensorflow.graph.invalid`, `bytes.limit-exceeded`.
  init(_ message: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    var nodes: [GraphOperator] = []
    var (reader, producer) = (ProtobufReader(message), 0)
    while let field = try reader.next() {
      if field.number == 4 {
        var version = ProtobufReader(try field.bytes())
        while let part = try version.next() {
          if part.number == 1 { producer = try part.integer() }
        }
      }
      guard field.number == 1 else { continue }
      guard nodes.count < limits.jsonValues else {
        throw CheckpointError(
          .limitExceeded, "the graph has more than \(limits.jsonValues) operators",
          at: field.location)
      }
      var node = try Self.node(field.bytes(), limits)
      node.location = field.location.inside(.init(object: node.name))
      nodes.append(node)
    }
    self.nodes = nodes
    self.producer = producer
    self.limits = limits
  }

  private static func node(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> GraphOperator {
    var (node, reader) = (GraphOperator(), ProtobufReader(message))
    while let field = try reader.next() {
      switch field.number {
      case 1: node.name = try field.text(limit: limits.nameBytes)
      case 2: node.operation = try field.text(limit: limits.nameBytes)
      case 3: node.inputs.append(try field.text(limit: limits.nameBytes))
      case 5:
        var (key, value, entry) = ("", ByteRegion?.none, ProtobufReader(try field.bytes()))
        while let part = try entry.next() {
          if part.number == 1 { key = try part.text(limit: limits.nameBytes) }
          if part.number == 2 { value = try part.bytes() }
        }
        node.attributes[key] = value
      default: continue
      }
    }
    return node
  }

  /// The numbers of a constant; nil for every other operator, and for elements that are no numbers.
  ///
  /// - Throws: what is wrong with the numbers.
  func constant(_ node: GraphOperator) throws(CheckpointError) -> Tensor? {
    guard node.operation == "Const", let value = node.attributes["value"],
      let message = try ProtobufReader.field(8, of: value)
    else { return nil }
    return try TensorMessage(message, limits: limits, at: .init(object: node.name)).tensor()
  }

  /// Every constant by its name.
  ///
  /// - Throws: what is wrong with the numbers of one.
  func constants() throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    for node in nodes where node.operation == "Const" {
      if let tensor = try constant(node) {
        try table.append(node.name, tensor)
      } else {
        try table.append(
          UnreadableTensor(
            name: node.name, type: "string", shape: [], byteCount: 0, location: node.location))
      }
    }
    return table
  }

  // MARK: attributes

  /// A whole number; nil when it is left out.
  static func integer(_ node: GraphOperator, _ name: String) -> Int? {
    node.attributes[name].flatMap { ProtobufOutline($0)?.integer(3) }
      .map { Int(truncatingIfNeeded: $0) }
  }

  /// A number with a fraction; nil when it is left out.
  static func float(_ node: GraphOperator, _ name: String) throws(CheckpointError) -> Double? {
    guard let value = node.attributes[name] else { return nil }
    var reader = ProtobufReader(value)
    while let field = try reader.next() {
      if field.number == 4 { return try field.float() }
    }
    return 0
  }
}

/// One operator.
struct GraphOperator {
  var name = ""
  var operation = ""
  /// What it reads: `name`, `name:1` for another output than the first, `^name` for what has to run
  /// before.
  var inputs: [String] = []
  /// Its options, each a message by itself.
  var attributes: [String: ByteRegion] = [:]
  var location = Diagnostic.Location()
}
