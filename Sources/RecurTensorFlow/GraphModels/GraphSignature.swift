import RecurContainers
import RecurTensors

/// What a graph is served with: the values that it takes and gives
/// (tensorflow/core/protobuf/meta_graph.proto, `SignatureDef`).
struct GraphSignature {
  /// The names of the values that it gives, in the order of their keys.
  let outputs: [String]

  /// Reads the signature that is used unless told otherwise, or the only one; nil when there is none.
  ///
  /// - Throws: `protobuf.invalid`.
  init?(_ meta: ByteRegion) throws(CheckpointError) {
    var signatures: [(key: String, outputs: [(key: String, name: String)])] = []
    var reader = ProtobufReader(meta)
    while let field = try reader.next() {
      guard field.number == 5, signatures.count < 64 else { continue }
      let entry = try field.bytes()
      let key = try ProtobufReader.field(1, of: entry)?.text() ?? ""
      guard let definition = try ProtobufReader.field(2, of: entry) else { continue }
      let outputs = try Self.names(in: definition)
      if !outputs.isEmpty { signatures.append((key, outputs)) }
    }
    let usual = signatures.first { $0.key == "serving_default" }
    guard let own = usual ?? (signatures.count == 1 ? signatures[0] : nil) else { return nil }
    outputs = own.outputs.sorted { $0.key < $1.key }.map(\.name)
  }

  private static func names(
    in definition: ByteRegion
  ) throws(CheckpointError) -> [(key: String, name: String)] {
    var (names, reader): ([(key: String, name: String)], ProtobufReader) = (
      [], ProtobufReader(definition)
    )
    while let field = try reader.next() {
      guard field.number == 2, names.count < 64 else { continue }
      let entry = try field.bytes()
      guard let information = try ProtobufReader.field(2, of: entry),
        let name = try ProtobufReader.field(1, of: information)?.text()
      else { continue }
      names.append((try ProtobufReader.field(1, of: entry)?.text() ?? "", name))
    }
    return names
  }
}
