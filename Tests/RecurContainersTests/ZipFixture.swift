import RecurContainers
import RecurTestSupport

/// A ZIP archive made by hand, so that every field can be wrong.
struct ZipFixture {
  struct Entry {
    var name: [UInt8]
    var stored: [UInt8]
    var count: Int
    var checksum: Int
    var method = 0
    var flags = 0
    var attributes = 0
    var localExtra: [UInt8] = []
    var centralExtra: [UInt8] = []
    /// A value for the local header that differs from the directory.
    var localName: [UInt8]?
    var localMethod: Int?
    var localChecksum: Int?
    var localSizes: (Int, Int)?
    var centralSizes: (Int, Int)?
    /// Bytes between this entry's data and the next entry: a data descriptor.
    var trailer: [UInt8] = []

    init(_ name: String, _ content: [UInt8]) {
      self.name = Array(name.utf8)
      stored = content
      count = content.count
      checksum = Int(CRC32.of(TestData.region(content)))
    }

    init(_ name: String, deflated: [UInt8], of content: [UInt8]) {
      self.init(name, content)
      stored = deflated
      method = 8
    }
  }

  var entries: [Entry]
  var prefix: [UInt8] = []
  var gap: [UInt8] = []
  var comment: [UInt8] = []
  var suffix: [UInt8] = []
  var entryCount: Int?
  var disk = 0
  var hasZip64 = false

  init(_ entries: [Entry]) { self.entries = entries }

  /// Two stored entries.
  static var plain: ZipFixture {
    ZipFixture([Entry("a.txt", Array("hello".utf8)), Entry("folder/b.bin", [1, 2, 3])])
  }

  /// `plain` with its first entry changed.
  static func plain(_ change: (inout Entry) -> Void) -> [UInt8] {
    var fixture = plain
    change(&fixture.entries[0])
    return fixture.bytes
  }

  var bytes: [UInt8] {
    var bytes = prefix
    var offsets: [Int] = []
    for entry in entries {
      offsets.append(bytes.count)
      let name = entry.localName ?? entry.name
      let sizes = entry.localSizes ?? (entry.stored.count, entry.count)
      bytes += [0x50, 0x4B, 3, 4] + Bytes.le16(20) + Bytes.le16(entry.flags)
      bytes += Bytes.le16(entry.localMethod ?? entry.method) + Bytes.le16(0) + Bytes.le16(0x21)
      bytes += Bytes.le32(entry.localChecksum ?? entry.checksum)
      bytes += Bytes.le32(sizes.0) + Bytes.le32(sizes.1)
      bytes += Bytes.le16(name.count) + Bytes.le16(entry.localExtra.count)
      bytes += name + entry.localExtra + entry.stored + entry.trailer
    }
    bytes += gap
    let start = bytes.count
    for (entry, offset) in zip(entries, offsets) {
      let sizes = entry.centralSizes ?? (entry.stored.count, entry.count)
      bytes += [0x50, 0x4B, 1, 2] + Bytes.le16(20) + Bytes.le16(20) + Bytes.le16(entry.flags)
      bytes += Bytes.le16(entry.method) + Bytes.le16(0) + Bytes.le16(0x21)
      bytes += Bytes.le32(entry.checksum) + Bytes.le32(sizes.0) + Bytes.le32(sizes.1)
      bytes += Bytes.le16(entry.name.count) + Bytes.le16(entry.centralExtra.count)
      bytes += Bytes.le16(0) + Bytes.le16(0) + Bytes.le16(0) + Bytes.le32(entry.attributes)
      bytes += Bytes.le32(offset) + entry.name + entry.centralExtra
    }
    let size = bytes.count - start
    let count = entryCount ?? entries.count
    if hasZip64 {
      let record = bytes.count
      bytes += [0x50, 0x4B, 6, 6] + Bytes.le64(44) + Bytes.le16(45) + Bytes.le16(45)
      bytes += Bytes.le32(0) + Bytes.le32(0) + Bytes.le64(count) + Bytes.le64(count)
      bytes += Bytes.le64(size) + Bytes.le64(start)
      bytes += [0x50, 0x4B, 6, 7] + Bytes.le32(0) + Bytes.le64(record) + Bytes.le32(1)
    }
    bytes += [0x50, 0x4B, 5, 6] + Bytes.le16(disk) + Bytes.le16(disk)
    bytes += Bytes.le16(hasZip64 ? 0xFFFF : count) + Bytes.le16(hasZip64 ? 0xFFFF : count)
    bytes += Bytes.le32(hasZip64 ? 0xFFFF_FFFF : size) + Bytes.le32(hasZip64 ? 0xFFFF_FFFF : start)
    return bytes + Bytes.le16(comment.count) + comment + suffix
  }
}
