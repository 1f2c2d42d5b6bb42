package import RecurTensors

/// Writes safetensors files as the reference library does: widest elements first, then by name,
/// the header padded with blanks so that the data begins at a multiple of 8.
package enum SafetensorsWriter {
  /// Writes `tensors` and `metadata`.
  ///
  /// - Throws: what `sink` throws.
  package static func write<Sink: ByteSink & ~Copyable>(
    _ tensors: TensorTable, metadata: [(name: String, value: String)], to sink: inout Sink
  ) throws(CheckpointError) {
    let ordered = tensors.entries.sorted { one, other in
      let widths = (one.tensor.elementType.byteCount, other.tensor.elementType.byteCount)
      return widths.0 == widths.1 ? Name(one.name) < Name(other.name) : widths.0 > widths.1
    }
    var header = JSONObject()
    if !metadata.isEmpty {
      var object = JSONObject()
      for (name, value) in metadata { _ = object.append(name, .string(value)) }
      _ = header.append("__metadata__", .object(object))
    }
    var offset = 0
    for (name, tensor) in ordered {
      let end = offset + tensor.byteCount
      _ = header.append(
        name,
        [
          "dtype": .string(safetensorsName(of: tensor.elementType)),
          "shape": .array(tensor.shape.map { .integer($0) }),
          "data_offsets": [.integer(offset), .integer(end)],
        ])
      offset = end
    }
    var text = Array(JSONValue.object(header).text.utf8)
    text += [UInt8](repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    try sink.write([UInt64(text.count)].littleEndianBytes + text)
    for (_, tensor) in ordered { try tensor.write(to: &sink) }
  }
}
