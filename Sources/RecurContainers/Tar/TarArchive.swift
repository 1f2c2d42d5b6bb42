package import RecurTensors

/// The files in a tape archive, whose bytes are views of it (POSIX.1-1988 `ustar`, pax and GNU long names).
///
/// Folders, links and devices are left out: nothing that they lead to is opened.
package struct TarArchive: Sendable {
  /// A file.
  package struct Entry: Sendable {
    /// Its name, without `./` in front.
    package let name: String
    package let bytes: ByteRegion
  }

  package let entries: [Entry]
  private let positions: [Name: Int]
  /// The bytes of the header of an entry, and of the blocks that entries are made of.
  package static let headerBytes = 512

  /// Whether bytes begin with the header of an entry.
  package static func recognizes(_ bytes: ByteRegion) -> Bool {
    bytes.holds(Array("ustar".utf8), at: 257) && (try? Header(bytes, at: 0)) != nil
  }

  /// Reads the headers.
  ///
  /// - Throws: `zip.directory.invalid`, `bytes.limit-exceeded`.
  package init(_ archive: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    var (entries, positions, offset): ([Entry], [Name: Int], Int) = ([], [:], 0)
    var longName: String?
    while offset <= archive.count - Self.headerBytes {
      let header = try Header(archive, at: offset)
      // Two blocks of zeros are the end.
      guard !header.isEnd else { break }
      let content = try archive.slice(at: offset + Self.headerBytes, length: header.count)
      let padded = (header.count + Self.headerBytes - 1) / Self.headerBytes * Self.headerBytes
      offset += Self.headerBytes + padded
      switch header.kind {
      case "L", "x":
        guard content.count <= limits.nameBytes * 4 else {
          throw CheckpointError(
            .limitExceeded, "a name of \(content.count) bytes", at: content.location)
        }
        longName = header.kind == "L" ? content.text(until: 0) : Self.path(in: content) ?? longName
        continue
      case "0", "\0":
        var name = longName ?? header.name
        while name.hasPrefix("./") { name.removeFirst(2) }
        guard entries.count < limits.objects else {
          throw CheckpointError(
            .limitExceeded, "more than \(limits.objects) files", at: content.location)
        }
        guard positions.updateValue(entries.count, forKey: Name(name)) == nil else {
          throw CheckpointError(
            .zipDirectoryInvalid, "two files are named '\(name)'", at: content.location)
        }
        entries.append(Entry(name: name, bytes: content))
      default: break
      }
      longName = nil
    }
    self.entries = entries
    self.positions = positions
  }

  /// The file of this name, or nil.
  package subscript(name: String) -> Entry? { positions[Name(name)].map { entries[$0] } }

  /// The path in the records of a pax header: `30 path=folder/name\n`.
  private static func path(in records: ByteRegion) -> String? {
    guard let text = records.text() else { return nil }
    for record in text.split(separator: "\n") {
      guard let space = record.firstIndex(of: " ") else { continue }
      let pair = record[record.index(after: space)...]
      if pair.hasPrefix("path=") { return String(pair.dropFirst(5)) }
    }
    return nil
  }

  /// The header of one entry.
  private struct Header {
    let name: String
    let count: Int
    let kind: Character
    let isEnd: Bool

    init(_ archive: ByteRegion, at offset: Int) throws(CheckpointError) {
      let bytes = try archive.slice(at: offset, length: TarArchive.headerBytes)
      let all = bytes.bytes()
      func octal(_ range: Range<Int>) -> Int? {
        let digits = all[range].drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x37 ~= $0 }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
      }
      isEnd = all.allSatisfy { $0 == 0 }
      guard !isEnd else {
        (name, count, kind) = ("", 0, "\0")
        return
      }
      // The sum is that of all bytes with blanks in its own place.
      let sum = all.enumerated().reduce(0) { $0 + (148..<156 ~= $1.offset ? 32 : Int($1.element)) }
      guard let size = octal(124..<136), octal(148..<156) == sum else {
        throw CheckpointError(
          .zipDirectoryInvalid, "this is no header of a tape archive, or its sum is another one",
          at: bytes.location)
      }
      func text(_ range: Range<Int>) -> String {
        String(decoding: all[range].prefix { $0 != 0 }, as: UTF8.self)
      }
      let prefix = bytes.holds(Array("ustar\0".utf8), at: 257) ? text(345..<500) : ""
      name = prefix.isEmpty ? text(0..<100) : prefix + "/" + text(0..<100)
      count = size
      kind = Character(UnicodeScalar(all[156]))
    }
  }
}

extension ByteRegion {
  /// The text before the first byte of this value.
  fileprivate func text(until end: UInt8) -> String {
    String(decoding: bytes().prefix { $0 != end }, as: UTF8.self)
  }
}
