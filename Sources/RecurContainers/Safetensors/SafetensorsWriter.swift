package import RecurTensors

/// Writes safetensors files like the reference library.
///
/// Tensors are sorted by type, widest first, then by name. The header is padded with blanks so that
/// the data begins at a multiple of 8 bytes.
package enum SafetensorsWriter {
  /// Writes `tensors` and `metadata`.
  ///
  /// - Throws: `safetensors.dtype.unsupported` for complex128, which the format lacks, and what
  ///   `sink` throws.
  package static func write<Sink: ByteSink & ~Copyable>(
    _ tensors: TensorTable, metadata: [(name: String, value: String)], to sink: inout Sink
  ) throws(CheckpointError) {
    var typed: [(type: SafetensorsType, name: String, tensor: Tensor)] = []
    for (name, tensor) in tensors.entries {
      guard let type = SafetensorsType(tensor.elementType) else {
        throw CheckpointError(
          .safetensorsDtypeUnsupported,
          "'\(name)' holds \(tensor.elementType), which the format has no type for",
          at: tensor.location, hint: "write .pt or .npz, which have it")
      }
      typed.append((type, name, tensor))
    }
    let ordered = typed.sorted { one, other in
      one.type == other.type
        ? Name(one.name) < Name(other.name) : one.type.rank > other.type.rank
    }
    var header = JSONObject()
    if !metadata.isEmpty {
      var object = JSONObject()
      for (name, value) in metadata { _ = object.append(name, .string(value)) }
      _ = header.append("__metadata__", .object(object))
    }
    var offset = 0
    for (type, name, tensor) in ordered {
      let end = offset + tensor.byteCount
      _ = header.append(
        name,
        [
          "dtype": .string(type.rawValue),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "data_offsets": [.integer(offset), .integer(end)],
        ])
      offset = end
    }
    var text = Array(JSONValue.object(header).text.utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    try sink.write([UInt64(text.count)].littleEndianBytes + text)
    for (_, _, tensor) in ordered { try tensor.write(to: &sink) }
  }
}
