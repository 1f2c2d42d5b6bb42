package import RecurTensors

/// Writes a ZIP archive of stored entries: no compression, no dates, aligned data.
///
/// The same entries give the same bytes. Entries of 4 GiB and more, and archives that large, use
/// ZIP64 (APPNOTE 4.3.14, 4.5.3).
package struct ZipWriter {
  private struct Written {
    let name: [UInt8]
    var checksum: UInt32
    let count: Int
    let offset: Int
  }

  private let alignment: Int
  private var written: [Written] = []
  private var position = 0

  /// Starts an archive whose entry data begins at multiples of `alignment` bytes.
  package init(alignment: Int = 1) { self.alignment = alignment }

  /// Appends an entry and computes its checksum while writing.
  ///
  /// - Precondition: the archive begins at the start of `sink`, and `sink` received nothing else.
  /// - Throws: what `sink` and `content` throw.
  package mutating func append<Sink: ByteSink & ~Copyable>(
    _ name: String, _ content: some ByteSource, to sink: inout Sink
  ) throws(CheckpointError) {
    var entry = Written(
      name: Array(name.utf8), checksum: 0, count: content.byteCount, offset: position)
    let header = localHeader(of: entry)
    try sink.write(header)
    var checksum = ChecksumSink(sink)
    do throws(CheckpointError) {
      try content.write(to: &checksum)
    } catch {
      sink = checksum.base()
      throw error
    }
    precondition(checksum.count == entry.count)
    entry.checksum = checksum.checksum.value
    sink = checksum.base()
    // The checksum is in front of the data (APPNOTE 4.3.7).
    try sink.replace(at: position + 14, with: le32(Int(entry.checksum)))
    position += header.count + entry.count
    written.append(entry)
  }

  /// Appends the directory; no entry may be appended afterwards.
  ///
  /// - Parameters:
  ///   - comment: the text at the very end, for readers that look for it.
  ///   - sink: the sink that receives the archive.
  /// - Throws: what `sink` throws.
  /// - Precondition: `comment` has at most ``largestComment`` bytes.
  package func finish<Sink: ByteSink & ~Copyable>(
    comment: [UInt8] = [], to sink: inout Sink
  ) throws(CheckpointError) {
    precondition(comment.count <= Self.largestComment)
    var directory: [UInt8] = []
    for entry in written { directory += centralRecord(of: entry) }
    try sink.write(directory + endRecords(directoryCount: directory.count, comment) + comment)
  }

  /// The largest size of an archive's comment in bytes.
  package static let largestComment = 0xFFFF

  private func localHeader(of entry: Written) -> [UInt8] {
    let isLarge = entry.count >= 0xFFFF_FFFF
    var extra = isLarge ? zip64(entry.count, entry.count) : []
    let bare = position + 30 + entry.name.count + extra.count
    if bare % alignment != 0 {
      // The padding is an extra field like that of torch's writer: id "FB", filled with Z.
      var padding = alignment - (bare + 4) % alignment
      if padding == alignment { padding = 0 }
      extra += le16(0x4246) + le16(padding) + [UInt8](repeating: 0x5A, count: padding)
    }
    return [0x50, 0x4B, 0x03, 0x04] + le16(isLarge ? 45 : 20) + common(entry, isLarge)
      + le16(entry.name.count) + le16(extra.count) + entry.name + extra
  }

  private func centralRecord(of entry: Written) -> [UInt8] {
    let isLarge = entry.count >= 0xFFFF_FFFF
    let isFar = entry.offset >= 0xFFFF_FFFF
    let values = (isLarge ? [entry.count, entry.count] : []) + (isFar ? [entry.offset] : [])
    let extra = values.isEmpty ? [] : le16(1) + le16(8 * values.count) + values.flatMap(le64)
    let version = extra.isEmpty ? 20 : 45
    return [0x50, 0x4B, 0x01, 0x02] + le16(version) + le16(version) + common(entry, isLarge)
      + le16(entry.name.count) + le16(extra.count) + le16(0) + le16(0) + le16(0) + le32(0)
      + le32(isFar ? 0xFFFF_FFFF : entry.offset) + entry.name + extra
  }

  /// The fields that both headers share: flags, method, time, date, checksum, sizes.
  ///
  /// Bit 11 of the flags marks a UTF-8 name.
  private func common(_ entry: Written, _ isLarge: Bool) -> [UInt8] {
    let flags = entry.name.allSatisfy { $0 < 0x80 } ? 0 : 0x800
    let size = le32(isLarge ? 0xFFFF_FFFF : entry.count)
    // The earliest date of a ZIP archive, 1 January 1980.
    return le16(flags) + le16(0) + le16(0) + le16(0x21) + le32(Int(entry.checksum)) + size + size
  }

  private func endRecords(directoryCount: Int, _ comment: [UInt8]) -> [UInt8] {
    let isLarge =
      written.count >= 0xFFFF || position >= 0xFFFF_FFFF || directoryCount >= 0xFFFF_FFFF
    var records: [UInt8] = []
    if isLarge {
      records += [0x50, 0x4B, 0x06, 0x06] + le64(44) + le16(45) + le16(45) + le32(0) + le32(0)
      records += le64(written.count) + le64(written.count) + le64(directoryCount) + le64(position)
      records += [0x50, 0x4B, 0x06, 0x07] + le32(0) + le64(position + directoryCount) + le32(1)
    }
    records += [0x50, 0x4B, 0x05, 0x06] + le16(0) + le16(0)
    records += le16(min(written.count, 0xFFFF)) + le16(min(written.count, 0xFFFF))
    return records + le32(min(directoryCount, 0xFFFF_FFFF)) + le32(min(position, 0xFFFF_FFFF))
      + le16(comment.count)
  }

  private func zip64(_ count: Int, _ compressed: Int) -> [UInt8] {
    le16(1) + le16(16) + le64(count) + le64(compressed)
  }
}

/// Computes the checksum of the bytes on their way to another sink.
private struct ChecksumSink<Base: ByteSink & ~Copyable>: ByteSink, ~Copyable {
  private var sink: Base
  private(set) var checksum = CRC32()
  private(set) var count = 0

  init(_ sink: consuming Base) { self.sink = sink }

  /// Returns the sink to which the bytes were passed.
  consuming func base() -> Base { sink }

  mutating func write(_ bytes: RawSpan) throws(CheckpointError) {
    checksum.update(bytes)
    count += bytes.byteCount
    try sink.write(bytes)
  }

  /// - Precondition: never called, because the checksum already covers the bytes to be replaced.
  mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError) {
    preconditionFailure("an entry is written front to back")
  }
}

private func le16(_ value: Int) -> [UInt8] { [UInt16(value)].littleEndianBytes }
private func le32(_ value: Int) -> [UInt8] { [UInt32(value)].littleEndianBytes }
private func le64(_ value: Int) -> [UInt8] { [UInt64(value)].littleEndianBytes }
