package import RecurTensors

/// A ZIP archive whose stored entries are views of the file.
///
/// The reader uses the central directory (PKWARE APPNOTE 4.3.12–4.3.16), because the local headers
/// of real files hold wrong sizes. It checks that a local header agrees with the directory wherever
/// the local header gives a value.
package struct ZipArchive: Sendable {
  package struct Entry: Sendable {
    package let name: String
    package let isDeflated: Bool
    package let checksum: UInt32
    /// The bytes of the entry as stored in the file.
    package let stored: ByteRegion
    /// The size in bytes after inflating.
    package let count: Int
  }

  package static let magic: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  package let entries: [Entry]
  /// The text after the directory, for people and for programs that look for it.
  package let comment: ByteRegion
  private let positions: [Name: Int]
  private let checksArrays: Bool

  /// Reads the directory of `bytes`; the entries are not read.
  ///
  /// - Throws: `zip.directory.missing`, `zip.directory.invalid`, `zip.entry.refused`,
  ///   `zip.method.unsupported`.
  package init(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    let end = try EndRecord(bytes)
    guard end.entryCount <= limits.objects else {
      throw CheckpointError(
        .limitExceeded, "\(end.entryCount) entries; at most \(limits.objects) are read",
        at: bytes.location)
    }
    var entries: [Entry] = []
    var positions: [Name: Int] = [:]
    var offset = end.directory.lowerBound
    var used: [Range<Int>] = []
    for _ in 0..<end.entryCount {
      let record = try CentralRecord(bytes, at: offset, limits)
      offset = record.end
      guard offset <= end.directory.upperBound else {
        throw invalid("an entry reaches beyond the directory", bytes.location)
      }
      let start = try record.localHeader(in: bytes)
      let stored = try bytes.slice(at: start, length: record.compressedCount)
      guard record.isDeflated || record.compressedCount == record.count else {
        throw invalid("stored entry '\(record.name)' has two sizes", stored.location)
      }
      guard positions.updateValue(entries.count, forKey: Name(record.name)) == nil else {
        throw CheckpointError(
          .zipEntryRefused, "two entries are named '\(record.name)'", at: stored.location)
      }
      used.append(record.localOffset..<start + record.compressedCount)
      entries.append(
        Entry(
          name: record.name, isDeflated: record.isDeflated, checksum: record.checksum,
          stored: stored, count: record.count))
    }
    guard offset == end.directory.upperBound else {
      throw invalid("the directory holds more than its \(end.entryCount) entries", bytes.location)
    }
    used.sort { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(used, used.dropFirst()) where one.upperBound > next.lowerBound {
      throw CheckpointError(
        .zipEntryRefused, "two entries share bytes",
        at: bytes.location(at: next.lowerBound, length: one.upperBound - next.lowerBound))
    }
    guard used.first?.lowerBound ?? end.directory.lowerBound == 0,
      used.last?.upperBound ?? 0 <= end.directory.lowerBound
    else { throw invalid("data stands before the first entry", bytes.location) }
    self.entries = entries
    comment = end.comment
    self.positions = positions
    checksArrays = limits.checksArrays
  }

  package subscript(name: String) -> Entry? { positions[Name(name)].map { entries[$0] } }

  /// The content of `entry`: a view when the entry is stored, a copy when it is deflated.
  ///
  /// The checksum of the entry is verified, unless the archive is only listed and the entry holds
  /// arrays.
  ///
  /// - Throws: `zip.inflate`, `zip.crc.mismatch`.
  package func content(
    of entry: Entry, holdsArrays: Bool = false
  ) throws(CheckpointError) -> ByteRegion {
    try locating(object: entry.name) { () throws(CheckpointError) in
      let content =
        entry.isDeflated ? try inflated(entry.stored, count: entry.count) : entry.stored
      guard checksArrays || !holdsArrays || entry.isDeflated else { return content }
      let found = CRC32.of(content)
      guard found == entry.checksum else {
        throw CheckpointError(
          .zipChecksumMismatch, "the data does not have the checksum the archive promises",
          at: entry.stored.location, expected: "CRC-32 \(String(entry.checksum, radix: 16))",
          found: "CRC-32 \(String(found, radix: 16))",
          hint: Hint.damaged)
      }
      return content
    }
  }
}

/// The end-of-central-directory record, together with its ZIP64 form if there is one.
private struct EndRecord {
  let entryCount: Int
  let directory: Range<Int>
  let comment: ByteRegion

  init(_ bytes: ByteRegion) throws(CheckpointError) {
    let magic: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    // The record is 22 bytes and a comment of up to 65 535 bytes.
    var position = bytes.count - 22
    let lowest = max(0, position - 65_535)
    while position >= lowest, !bytes.holds(magic, at: position) { position -= 1 }
    guard position >= lowest else {
      throw CheckpointError(
        .zipDirectoryMissing, "the ZIP archive has no central directory", at: bytes.location,
        hint: "the file is cut off; fetch it again")
    }
    let commentLength = Int(try bytes.integer(UInt16.self, at: position + 20))
    guard position + 22 + commentLength == bytes.count else {
      throw invalid(
        "\(bytes.count - position - 22 - commentLength) bytes follow the end record", bytes.location
      )
    }
    guard try bytes.integer(UInt32.self, at: position + 4) == 0 else {
      throw invalid("the archive is split over several disks", bytes.location)
    }
    var count = Int(try bytes.integer(UInt16.self, at: position + 10))
    guard try bytes.integer(UInt16.self, at: position + 8) == UInt16(count) else {
      throw invalid("the archive is split over several disks", bytes.location)
    }
    var size = Int(try bytes.integer(UInt32.self, at: position + 12))
    var offset = Int(try bytes.integer(UInt32.self, at: position + 16))
    var limit = position
    if bytes.holds([0x50, 0x4B, 0x06, 0x07], at: position - 20) {
      let record = try number(bytes, at: position - 12)
      guard bytes.holds([0x50, 0x4B, 0x06, 0x06], at: record), record + 56 <= position - 20 else {
        throw invalid("the ZIP64 locator points nowhere", bytes.location)
      }
      let large = (
        count: try number(bytes, at: record + 32), size: try number(bytes, at: record + 40),
        offset: try number(bytes, at: record + 48)
      )
      guard count == 0xFFFF || count == large.count, size == 0xFFFF_FFFF || size == large.size,
        offset == 0xFFFF_FFFF || offset == large.offset
      else { throw invalid("the two end records disagree", bytes.location) }
      (count, size, offset) = large
      limit = record
    }
    guard size >= 0, offset >= 0, offset <= limit, size == limit - offset else {
      throw invalid(
        "the directory (\(size) bytes at \(offset)) does not end at its end record", bytes.location)
    }
    entryCount = count
    comment = try bytes.suffix(from: bytes.count - commentLength)
    directory = offset..<limit
  }
}

/// One entry of the central directory.
private struct CentralRecord {
  let name: String
  let isDeflated: Bool
  let checksum: UInt32
  private(set) var compressedCount: Int
  private(set) var count: Int
  private(set) var localOffset: Int
  let end: Int
  private let nameBytes: [UInt8]
  private let method: UInt16

  init(_ bytes: ByteRegion, at start: Int, _ limits: DecodeLimits) throws(CheckpointError) {
    let place = bytes.location(at: start, length: 46)
    guard bytes.holds([0x50, 0x4B, 0x01, 0x02], at: start) else {
      throw invalid("an entry of the directory is missing", place)
    }
    let flags = try bytes.integer(UInt16.self, at: start + 8)
    method = try bytes.integer(UInt16.self, at: start + 10)
    checksum = try bytes.integer(UInt32.self, at: start + 16)
    compressedCount = Int(try bytes.integer(UInt32.self, at: start + 20))
    count = Int(try bytes.integer(UInt32.self, at: start + 24))
    let nameLength = Int(try bytes.integer(UInt16.self, at: start + 28))
    let extraLength = Int(try bytes.integer(UInt16.self, at: start + 30))
    let commentLength = Int(try bytes.integer(UInt16.self, at: start + 32))
    let attributes = try bytes.integer(UInt32.self, at: start + 38)
    localOffset = Int(try bytes.integer(UInt32.self, at: start + 42))
    let nameRegion = try bytes.slice(at: start + 46, length: nameLength)
    guard nameLength <= limits.nameBytes, let name = nameRegion.text(), isSafe(name) else {
      throw CheckpointError(
        .zipEntryRefused,
        "the entry name '\(nameRegion.text() ?? "(not UTF-8)")' is not a plain "
          + "relative path", at: nameRegion.location,
        hint: "neither torch nor numpy writes such names; get the file from a source you trust")
    }
    self.name = name
    nameBytes = nameRegion.bytes()
    end = start + 46 + nameLength + extraLength + commentLength
    guard flags & 0x2041 == 0 else {
      throw CheckpointError(.zipEntryRefused, "entry '\(name)' is encrypted", at: place)
    }
    guard attributes >> 28 != 0xA else {
      throw CheckpointError(.zipEntryRefused, "entry '\(name)' is a symbolic link", at: place)
    }
    guard method == 0 || method == 8 else {
      throw CheckpointError(
        .zipMethodUnsupported,
        "entry '\(name)' is compressed with method \(method); only stored (0) and deflated (8) "
          + "entries are read", at: place,
        fixes: [.init(.numpy, "np.savez('out.npz', **np.load('in.npz'))")])
    }
    isDeflated = method == 8
    try readLargeSizes(bytes.slice(at: start + 46 + nameLength, length: extraLength))
    guard count <= limits.inflatedBytes else {
      throw CheckpointError(
        .limitExceeded,
        "entry '\(name)' holds \(count) bytes; at most \(limits.inflatedBytes) are read", at: place)
    }
  }

  /// The ZIP64 extra field (APPNOTE 4.5.3) holds only the values that did not fit in 32 bits.
  private mutating func readLargeSizes(_ extra: ByteRegion) throws(CheckpointError) {
    var position = 0
    while position + 4 <= extra.count {
      let id = try extra.integer(UInt16.self, at: position)
      let length = Int(try extra.integer(UInt16.self, at: position + 2))
      let field = try extra.slice(at: position + 4, length: length)
      position += 4 + length
      guard id == 1 else { continue }
      var next = 0
      if count == 0xFFFF_FFFF {
        count = try number(field, at: next)
        next += 8
      }
      if compressedCount == 0xFFFF_FFFF {
        compressedCount = try number(field, at: next)
        next += 8
      }
      if localOffset == 0xFFFF_FFFF { localOffset = try number(field, at: next) }
    }
  }

  /// Checks the local header against this record and returns the offset of the data.
  func localHeader(in bytes: ByteRegion) throws(CheckpointError) -> Int {
    let place = bytes.location(at: localOffset, length: 30)
    guard bytes.holds(ZipArchive.magic, at: localOffset) else {
      throw invalid("entry '\(name)' has no local header", place)
    }
    let flags = try bytes.integer(UInt16.self, at: localOffset + 6)
    let localMethod = try bytes.integer(UInt16.self, at: localOffset + 8)
    let localChecksum = try bytes.integer(UInt32.self, at: localOffset + 14)
    let sizes = [
      (try bytes.integer(UInt32.self, at: localOffset + 18), compressedCount),
      (try bytes.integer(UInt32.self, at: localOffset + 22), count),
    ]
    let nameLength = Int(try bytes.integer(UInt16.self, at: localOffset + 26))
    let extraLength = Int(try bytes.integer(UInt16.self, at: localOffset + 28))
    guard bytes.holds(nameBytes, at: localOffset + 30), nameLength == nameBytes.count,
      localMethod == method
    else { throw invalid("the two headers of entry '\(name)' disagree", place) }
    // With flag bit 3 the local header may hold zeros; the directory has the right values.
    if flags & 8 == 0 {
      guard localChecksum == checksum,
        sizes.allSatisfy({ $0.0 == 0xFFFF_FFFF || Int($0.0) == $0.1 })
      else { throw invalid("the two headers of entry '\(name)' disagree", place) }
    }
    return localOffset + 30 + nameLength + extraLength
  }
}

private func isSafe(_ name: String) -> Bool {
  !name.isEmpty && !name.hasPrefix("/") && !name.utf8.contains(0) && !name.utf8.contains(0x5C)
    && !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
}

/// A 64-bit number that must fit in an `Int`.
private func number(_ bytes: ByteRegion, at offset: Int) throws(CheckpointError) -> Int {
  let value = try bytes.integer(UInt64.self, at: offset)
  guard let number = Int(exactly: value), number < 1 << 62 else {
    throw invalid("the number \(value) is too large", bytes.location(at: offset, length: 8))
  }
  return number
}

private func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(
    .zipDirectoryInvalid, message, at: location,
    reason: "bytes were put before or after the archive, or it was damaged",
    hint: "fetch it again, or save it again")
}

extension Diagnostic.Code {
  package static let zipDirectoryMissing = Self(rawValue: "zip.directory.missing")
  package static let zipDirectoryInvalid = Self(rawValue: "zip.directory.invalid")
  package static let zipEntryRefused = Self(rawValue: "zip.entry.refused")
  package static let zipMethodUnsupported = Self(rawValue: "zip.method.unsupported")
  package static let zipChecksumMismatch = Self(rawValue: "zip.crc.mismatch")
}
