package import RecurTensors

/// Writes a ZIP archive of stored entries: no compression, no dates, data aligned.
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

  /// Appends an entry, whose checksum is computed while it is written.
  ///
  /// - Precondition: the archive began where `sink` did, and nothing else was written to it.
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
    // The checksum stands in front of the data (APPNOTE 4.3.7).
    try sink.replace(at: position + 14, with: le32(Int(entry.checksum)))
    position += header.count + entry.count
    written.append(entry)
  }

  /// Appends the directory; nothing may be appended after it.
  ///
  /// - Parameters:
  ///   - comment: what stands at the very end, for readers that look for it.
  ///   - sink: where the archive goes.
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

  /// The number of bytes that an archive's comment may have.
  package static let largestComment = 0xFFFF

  private func localHeader(of entry: Written) -> [UInt8] {
    let isLarge = entry.count >= 0xFFFF_FFFF
    var extra = isLarge ? zip64(entry.count, entry.count) : []
    let bare = position + 30 + entry.name.count + extra.count
    if bare % alignment != 0 {
      // Padding is an extra field of its own, as torch's writer makes it: id "FB", filled with Z.
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

  /// What both headers hold: flags, method, time, date, checksum, sizes.
  ///
  /// UTF-8 names set bit 11.
  private func common(_ entry: Written, _ isLarge: Bool) -> [UInt8] {
    let flags = entry.name.allSatisfy { $0 < 0x80 } ? 0 : 0x800
    let size = le32(isLarge ? 0xFFFF_FFFF : entry.count)
    // The earliest date a ZIP archive can hold, 1 January 1980.
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

/// Computes the checksum of what passes through to another sink.
private struct ChecksumSink<Base: ByteSink & ~Copyable>: ByteSink, ~Copyable {
  private var sink: Base
  private(set) var checksum = CRC32()
  private(set) var count = 0

  init(_ sink: consuming Base) { self.sink = sink }

  /// Gives the sink back.
  consuming func base() -> Base { sink }

  mutating func write(_ bytes: RawSpan) throws(CheckpointError) {
    checksum.update(bytes)
    count += bytes.byteCount
    try sink.write(bytes)
  }

  /// - Precondition: never called; the checksum of what was replaced is in the sum.
  mutating func replace(at offset: Int, with bytes: RawSpan) throws(CheckpointError) {
    preconditionFailure("an entry is written front to back")
  }
}

private func le16(_ value: Int) -> [UInt8] { [UInt16(value)].littleEndianBytes }
private func le32(_ value: Int) -> [UInt8] { [UInt32(value)].littleEndianBytes }
private func le64(_ value: Int) -> [UInt8] { [UInt64(value)].littleEndianBytes }
