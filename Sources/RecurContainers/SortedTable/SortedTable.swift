package import RecurTensors

/// An immutable table of sorted keys with values (leveldb/doc/table_format.md), as checkpoints keep
/// names in it.
package struct SortedTable: Sendable {
  /// A key and its value.
  package struct Entry: Sendable {
    /// The key; any bytes.
    package let key: [UInt8]
    /// The value.
    package let value: ByteRegion
  }

  /// All entries; their keys ascend bytewise.
  package let entries: [Entry]

  private static let magic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
  private static let footerByteCount = 48
  /// A byte that says how a block is compressed, and a checksum.
  private static let trailerByteCount = 5
  /// The memory that all keys together may take; prefixes are stored once and take memory each time.
  private static let mostKeyBytes = 64 << 20

  /// Whether the bytes end as those of a table do.
  package static func recognizes(_ file: ByteRegion) -> Bool {
    file.count > footerByteCount && file.holds(magic, at: file.count - magic.count)
  }

  /// Reads all blocks of a table.
  ///
  /// - Throws: `bundle.invalid`, `bundle.checksum`, `bytes.limit-exceeded`.
  package init(_ file: ByteRegion, limits: DecodeLimits) throws(CheckpointError) {
    guard Self.recognizes(file) else {
      throw CheckpointError(
        .bundleInvalid, "the file does not end as a table of a checkpoint does",
        at: file.location(at: file.count - Self.magic.count, length: Self.magic.count),
        reason: "the file was cut off, or it is another one",
        hint: "fetch it again, or save it again")
    }
    let footer = try file.slice(
      at: file.count - Self.footerByteCount, length: Self.footerByteCount)
    var position = 0
    // The first handle is that of the block of metadata, which holds nothing.
    _ = try Self.handle(footer, &position)
    let index = try Self.handle(footer, &position)
    var found: [Entry] = []
    var keyBytes = 0
    var last: [UInt8]?
    try SortedTableBlock.read(Self.block(index, file, limits)) {
      (_, value) throws(CheckpointError) in
      var position = 0
      let handle = try Self.handle(value, &position)
      try SortedTableBlock.read(Self.block(handle, file, limits)) {
        (key, value) throws(CheckpointError) in
        if let last, !last.lexicographicallyPrecedes(key) {
          throw CheckpointError(
            .bundleInvalid, "the keys of the table are not in order, or one is there twice",
            at: value.location,
            found: "'\(String(decoding: key, as: UTF8.self))' behind "
              + "'\(String(decoding: last, as: UTF8.self))'")
        }
        last = key
        keyBytes += key.count
        guard found.count < limits.objects, key.count <= limits.nameBytes,
          keyBytes <= Self.mostKeyBytes
        else {
          throw CheckpointError(
            .limitExceeded,
            "the table has more than \(limits.objects) keys, or keys of more than "
              + "\(limits.nameBytes) bytes", at: value.location)
        }
        found.append(Entry(key: key, value: value))
      }
    }
    entries = found
  }

  private struct Handle {
    let offset: Int
    let count: Int
  }

  /// Where a block is: its offset and its size without the trailer.
  private static func handle(
    _ bytes: ByteRegion, _ position: inout Int
  ) throws(CheckpointError) -> Handle {
    guard let offset = ProtobufReader.varint(bytes, &position).flatMap({ Int(exactly: $0) }),
      let count = ProtobufReader.varint(bytes, &position).flatMap({ Int(exactly: $0) })
    else {
      throw CheckpointError(
        .bundleInvalid, "the place of a block is no place in a file", at: bytes.location)
    }
    return Handle(offset: offset, count: count)
  }

  /// The contents of a block, with its checksum checked, decompressed if need be.
  private static func block(
    _ handle: Handle, _ file: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> ByteRegion {
    let room = file.count - footerByteCount - trailerByteCount
    guard handle.offset <= room, handle.count <= room - handle.offset else {
      throw CheckpointError(
        .bundleInvalid,
        "a block of \(handle.count) bytes at \(handle.offset) lies outside of the file",
        at: file.location(at: handle.offset, length: 1), found: "\(file.count) bytes in all")
    }
    let checked = try file.slice(at: handle.offset, length: handle.count + 1)
    var checksum = CRC32C()
    checksum.update(checked)
    guard checksum.masked == (try file.integer(UInt32.self, at: handle.offset + handle.count + 1))
    else {
      throw CheckpointError(
        .bundleChecksum, "the checksum of a block of the table is wrong", at: checked.location,
        reason: "the file was damaged after it was written", hint: "fetch it again")
    }
    let contents = try checked.slice(at: 0, length: handle.count)
    switch try checked.byte(at: handle.count) {
    case 0: return contents
    case 1: return try Snappy.decompressed(contents, limit: limits.inflatedBytes)
    case let form:
      throw CheckpointError(
        .bundleInvalid, "a block of the table is compressed in form \(form), which is not read",
        at: checked.location(at: handle.count, length: 1), expected: "0, or 1 for snappy")
    }
  }
}

extension Diagnostic.Code {
  /// A table, an entry or a tensor of a checkpoint that contradicts itself.
  package static let bundleInvalid = Self(rawValue: "bundle.invalid")
  /// Bytes of a checkpoint that changed after they were written.
  package static let bundleChecksum = Self(rawValue: "bundle.checksum")
  /// A file of a checkpoint that is not there.
  package static let bundleFileMissing = Self(rawValue: "bundle.file-missing")
}
