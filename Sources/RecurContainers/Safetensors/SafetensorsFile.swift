package import RecurTensors

/// A safetensors file: a JSON header, then the numbers.
///
/// Tensors are views of the file.
///
/// Everything the format demands is checked before any tensor is handed out (huggingface/safetensors,
/// README "Format"): the header's size and first byte, unique names, shapes that fit their bytes, and
/// data that the tensors fill without holes, overlaps or remainder.
package struct SafetensorsFile: Sendable {
  package let tensors: TensorTable
  package let metadata: [(name: String, value: String)]

  /// Whether `bytes` begin like a safetensors file.
  package static func recognizes(_ bytes: ByteRegion) -> Bool {
    guard let length = try? bytes.integer(UInt64.self, at: 0), length <= UInt64(bytes.count) else {
      return false
    }
    let header = try? bytes.slice(at: 8, length: min(Int(length), bytes.count - 8))
    return header.map(beginsAsObject) ?? false
  }

  /// Whether the first character is `{`.
  ///
  /// The format requires `{` as the first byte; the reference library accepts blanks in front of
  /// it.
  private static func beginsAsObject(_ header: ByteRegion) -> Bool {
    if header.holds([UInt8(ascii: "{")]) { return true }
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
    guard let first = try? header.byte(at: 0), blanks.contains(first) else { return false }
    return header.bytes().first { !blanks.contains($0) } == UInt8(ascii: "{")
  }

  /// Reads the header of `bytes`.
  ///
  /// - Throws: `safetensors.header.too-large`, `safetensors.header.invalid`,
  ///   `safetensors.dtype.unsupported`, `safetensors.offsets.invalid`, and what ``JSONParser`` throws.
  package init(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    let length = try bytes.integer(UInt64.self, at: 0)
    guard length <= UInt64(limits.headerBytes) else {
      throw CheckpointError(
        .safetensorsHeaderTooLarge,
        "the header has \(length) bytes; at most \(limits.headerBytes) are read",
        at: bytes.location(at: 0, length: 8))
    }
    let header = try bytes.slice(at: 8, length: Int(length))
    let data = try bytes.suffix(from: 8 + Int(length))
    guard Self.beginsAsObject(header) else {
      throw CheckpointError(
        .safetensorsHeaderInvalid, "the header does not begin with '{'", at: header.location)
    }
    var jsonLimits = limits
    jsonLimits.jsonBytes = max(limits.jsonBytes, limits.headerBytes)
    guard let object = try JSONParser.parse(header, limits: jsonLimits).object else {
      throw CheckpointError(
        .safetensorsHeaderInvalid, "the header is not a JSON object", at: header.location)
    }
    var metadata: [(name: String, value: String)] = []
    var entries: [Entry] = []
    for member in object.members {
      if member.name == "__metadata__" {
        metadata = try Self.metadata(member.value, header)
      } else {
        let value = member.value
        entries.append(
          try locating(object: member.name) { () throws(CheckpointError) in
            try Entry(member.name, value, header, data, limits)
          })
      }
    }
    try Self.checkTiling(entries, data)
    var tensors = TensorTable()
    for entry in entries {
      switch entry.content {
      case .numbers(let tensor): try tensors.append(entry.name, tensor)
      case .unreadable(let tensor): try tensors.append(tensor)
      }
    }
    self.tensors = tensors
    self.metadata = metadata
  }

  private static func metadata(
    _ value: JSONValue, _ header: ByteRegion
  ) throws(CheckpointError) -> [(name: String, value: String)] {
    if value.isNull { return [] }
    var result: [(name: String, value: String)] = []
    for member in value.object?.members ?? [] {
      guard let text = member.value.string else {
        throw CheckpointError(
          .safetensorsHeaderInvalid,
          "'__metadata__' holds \(member.value.kind) under '\(member.name)'; only strings are "
            + "allowed", at: header.location,
          remedies: [.saveTensors(metadata: member.name)])
      }
      result.append((member.name, text))
    }
    guard value.object != nil else {
      throw CheckpointError(
        .safetensorsHeaderInvalid, "'__metadata__' is \(value.kind), not an object",
        at: header.location)
    }
    return result
  }

  /// Checks that the tensors cover the data from the first byte to the last, each byte once.
  private static func checkTiling(_ entries: [Entry], _ data: ByteRegion) throws(CheckpointError) {
    var end = 0
    var previous: Entry?
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard entry.range.lowerBound == end else {
        let overlaps = entry.range.lowerBound < end
        throw CheckpointError(
          overlaps ? .safetensorsOffsetsInvalid : .safetensorsHole,
          overlaps
            ? "tensors '\(previous?.name ?? "")' and '\(entry.name)' overlap"
            : "no tensor covers the bytes before '\(entry.name)'",
          at: data.location(at: min(end, entry.range.lowerBound), length: 1),
          expected: "data_offsets from \(end)", found: "from \(entry.range.lowerBound)")
      }
      end = entry.range.upperBound
      previous = entry
    }
    guard end == data.count else {
      throw CheckpointError(
        .safetensorsHole, "\(data.count - end) bytes after the last tensor belong to none",
        at: data.location(at: end, length: data.count - end),
        expected: "\(end) bytes of data", found: "\(data.count) bytes",
        reason: "something was appended to the file",
        hint: "fetch it again, or drop them: truncate -s -\(data.count - end) FILE")
    }
  }

  private struct Entry {
    enum Content {
      case numbers(Tensor)
      case unreadable(UnreadableTensor)
    }

    let name: String
    let range: Range<Int>
    let content: Content

    init(
      _ name: String, _ value: JSONValue, _ header: ByteRegion, _ data: ByteRegion,
      _ limits: DecodeLimits
    ) throws(CheckpointError) {
      self.name = name
      guard let dtype = value["dtype"]?.string, let dimensions = value["shape"]?.array,
        let offsets = value["data_offsets"]?.array, offsets.count == 2,
        let start = offsets[0].integer, let end = offsets[1].integer
      else {
        throw CheckpointError(
          .safetensorsHeaderInvalid, "the entry needs 'dtype', 'shape' and two 'data_offsets'",
          at: header.location)
      }
      guard let type = SafetensorsType(rawValue: dtype) else {
        throw CheckpointError(
          .safetensorsDtypeUnsupported, "dtype '\(dtype)' is none of the format's",
          at: header.location,
          expected: SafetensorsType.allCases.map(\.rawValue).joined(separator: ", "),
          found: dtype, remedies: [.saveTensors(metadata: nil)])
      }
      var shape: [Int] = []
      for dimension in dimensions {
        guard let extent = dimension.integer, extent >= 0, extent < 1 << 31,
          shape.count < limits.rank
        else {
          throw CheckpointError(
            .safetensorsHeaderInvalid,
            "'shape' is not a list of at most \(limits.rank) sizes "
              + "below 2^31", at: header.location)
        }
        shape.append(extent)
      }
      guard start >= 0, start <= end, end <= data.count else {
        throw CheckpointError(
          .safetensorsOffsetsInvalid,
          "data_offsets [\(start), \(end)] lie outside the \(data.count) bytes of data",
          at: header.location, expected: "\(max(start, end)) bytes of data or more",
          found: "\(data.count) bytes",
          reason: "a download or a copy stopped early, or a tool wrote wrong offsets",
          hint: "fetch the file again")
      }
      range = start..<end
      let bytes = try data.slice(at: start, length: end - start)
      if let elementType = type.elementType {
        content = .numbers(try Tensor(bytes, elementType, shape: shape, at: .init(object: name)))
        return
      }
      let place = bytes.location.inside(.init(object: name))
      guard let needed = type.byteCount(of: shape), needed == bytes.count else {
        throw CheckpointError(
          .tensorBytesMismatch,
          "shape \(shapeText(shape)) of \(dtype), \(type.bitCount) bits each, does not need the "
            + "\(bytes.count) bytes it has", at: place,
          expected: type.byteCount(of: shape).map { "\($0) bytes" } ?? "a whole number of bytes",
          found: "\(bytes.count) bytes")
      }
      content = .unreadable(
        UnreadableTensor(
          name: name, type: dtype, shape: shape, byteCount: bytes.count, location: place))
    }
  }
}

extension Diagnostic.Code {
  package static let safetensorsHeaderTooLarge = Self(rawValue: "safetensors.header.too-large")
  package static let safetensorsHeaderInvalid = Self(rawValue: "safetensors.header.invalid")
  package static let safetensorsDtypeUnsupported = Self(rawValue: "safetensors.dtype.unsupported")
  package static let safetensorsOffsetsInvalid = Self(rawValue: "safetensors.offsets.invalid")
  package static let safetensorsHole = Self(rawValue: "safetensors.hole")
}
