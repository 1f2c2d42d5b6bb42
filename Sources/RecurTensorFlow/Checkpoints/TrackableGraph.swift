package import RecurContainers
package import RecurTensors

/// The objects of a program and the names under which they keep each other, with the tensor of each
/// variable (tensorflow/core/protobuf/trackable_object_graph.proto).
package struct TrackableGraph: Sendable {
  /// One object.
  package struct Node: Sendable {
    /// Positions of other objects, by the names of attributes.
    var children: [(name: String, node: Int)] = []
    /// The tensor that holds its numbers; nil for an object that is no variable.
    var tensor: String?
    /// The name that the variable had in the program.
    var fullName = ""
  }

  /// All objects; the first one is the root.
  package let nodes: [Node]

  /// The tensor whose text is the graph.
  static let tensorName = "_CHECKPOINTABLE_OBJECT_GRAPH"
  /// More objects than any program has.
  private static let mostNodes = 1 << 20

  /// Reads the text of the graph.
  ///
  /// - Throws: `protobuf.invalid`, `tensorflow.graph.invalid`, `bytes.limit-exceeded`.
  package init(_ message: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    var nodes: [Node] = []
    var places: [Diagnostic.Location] = []
    var reader = ProtobufReader(message)
    while let field = try reader.next() {
      guard field.number == 1 else { continue }
      guard nodes.count < Self.mostNodes else {
        throw CheckpointError(
          .limitExceeded, "the checkpoint has more than \(Self.mostNodes) objects",
          at: field.location)
      }
      nodes.append(try Self.node(field.bytes(), limits))
      places.append(field.location)
    }
    try Self.checkChildren(nodes, places)
    self.nodes = nodes
  }

  private static func node(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> Node {
    var (node, reader) = (Node(), ProtobufReader(message))
    while let field = try reader.next() {
      switch field.number {
      case 1: node.children.append(try child(field.bytes(), limits))
      case 2: try readAttribute(field.bytes(), limits, to: &node)
      default: continue
      }
    }
    return node
  }

  /// A reference to another object (`ObjectReference`).
  static func child(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (name: String, node: Int) {
    var (name, node, reader) = ("", 0, ProtobufReader(message))
    while let field = try reader.next() {
      switch field.number {
      case 1: node = try field.integer()
      case 2: name = try field.text(limit: limits.nameBytes)
      default: continue
      }
    }
    return (name, node)
  }

  private static func readAttribute(
    _ message: ByteRegion, _ limits: DecodeLimits, to node: inout Node
  ) throws(CheckpointError) {
    var (name, fullName, key, reader) = ("", "", "", ProtobufReader(message))
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text(limit: limits.nameBytes)
      case 2: fullName = try field.text(limit: limits.nameBytes)
      case 3: key = try field.text(limit: limits.nameBytes)
      default: continue
      }
    }
    // Objects may have other attributes, such as the keys of a table.
    guard name == "VARIABLE_VALUE" else { return }
    node.tensor = key
    node.fullName = fullName
  }

  /// Refuses objects that keep one that is not there; what the root does not reach plays no role.
  private static func checkChildren(
    _ nodes: [Node], _ places: [Diagnostic.Location]
  ) throws(CheckpointError) {
    guard !nodes.isEmpty else {
      throw CheckpointError(.tensorFlowGraphInvalid, "the checkpoint has no objects")
    }
    var isReached = [Bool](repeating: false, count: nodes.count)
    var waiting = [0]
    isReached[0] = true
    while let next = waiting.popLast() {
      for child in nodes[next].children {
        guard nodes.indices.contains(child.node) else {
          throw CheckpointError(
            .tensorFlowGraphInvalid,
            "object \(next) keeps object \(child.node) as '\(child.name)', and there are \(nodes.count)",
            at: places[next], expected: "0 to \(nodes.count - 1)", found: "\(child.node)")
        }
        guard !isReached[child.node] else { continue }
        isReached[child.node] = true
        waiting.append(child.node)
      }
    }
  }
}
