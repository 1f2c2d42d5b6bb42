import Foundation
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Byte region")
struct ByteRegionTests {
  private let whole = TestData.region([UInt8](10..<20))
  /// Offsets and lengths inside, at and far beyond both ends of 8 bytes.
  static let numbers = Array(-2...10) + [.min, .min + 1, .max - 1, .max, 1 << 62, -(1 << 62)]

  private func inner() throws -> ByteRegion { try whole.slice(at: 1, length: 8) }

  @Test("a slice is given exactly when it lies inside", arguments: numbers)
  func slices(offset: Int) throws {
    let region = try inner()
    for length in Self.numbers {
      let isInside = offset >= 0 && length >= 0 && offset <= 8 && length <= 8 - max(offset, 0)
      if isInside {
        let part = try region.slice(at: offset, length: length)
        #expect(part.bytes() == (0..<length).map { UInt8(11 + offset + $0) })
        #expect(part.range == 1 + offset..<1 + offset + length)
      } else {
        expectDiagnostic("bytes.truncated") { try region.slice(at: offset, length: length) }
      }
    }
  }

  @Test(
    "a suffix, a byte and an integer are given exactly when they lie inside", arguments: numbers)
  func others(offset: Int) throws {
    let region = try inner()
    if (0...8).contains(offset) {
      #expect(try region.suffix(from: offset).count == 8 - offset)
    } else {
      expectDiagnostic("bytes.truncated") { try region.suffix(from: offset) }
    }
    if (0..<8).contains(offset) {
      #expect(try region.byte(at: offset) == UInt8(11 + offset))
    } else {
      expectDiagnostic("bytes.truncated") { try region.byte(at: offset) }
    }
    if (0...4).contains(offset) {
      let first = UInt32(11 + offset)
      let expected = first | (first + 1) << 8 | (first + 2) << 16 | (first + 3) << 24
      #expect(try region.integer(UInt32.self, at: offset) == expected)
    } else {
      expectDiagnostic("bytes.truncated") { try region.integer(UInt32.self, at: offset) }
    }
    #expect(region.holds([11, 12], at: offset) == (offset == 0))
    #expect(region.holds([], at: offset) == (0...8).contains(offset))
  }

  @Test("a location is cut to what exists, for any numbers", arguments: numbers)
  func locations(offset: Int) throws {
    let region = try inner()
    for length in Self.numbers {
      let bytes = try #require(region.location(at: offset, length: length).bytes)
      #expect(bytes.lowerBound >= 1 && bytes.upperBound <= 9)
    }
    #expect(region.location(at: 2, length: 3).bytes == 3..<6)
    #expect(region.location(at: 6, length: 30).bytes == 7..<9)
  }

  @Test("bytes made in memory have no location in a file")
  func memoryLocation() {
    #expect(ByteRegion(ByteStorage(copying: [1, 2])).location == .init())
  }

  @Test("the error says what was needed and what is there")
  func message() throws {
    let region = try inner()
    let diagnostic = expectDiagnostic("bytes.truncated") { try region.slice(at: 5, length: 4) }
    #expect(diagnostic?.message == "needs 4 bytes at offset 5, but only 8 are there")
    #expect(diagnostic?.location.bytes == 1..<9)
  }

  @Test("integers are read little-endian, signed and unsigned")
  func integers() throws {
    let region = TestData.region([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(try region.integer(Int64.self, at: 0) == -2)
    #expect(try region.integer(UInt64.self, at: 0) == UInt64.max - 1)
    #expect(try region.integer(UInt16.self, at: 0) == 0xFFFE)
    #expect(try region.integer(Int8.self, at: 0) == -2)
  }

  @Test("text is UTF-8 or nothing; the first zero is found")
  func text() {
    #expect(TestData.region(Array("né".utf8)).text() == "né")
    #expect(TestData.region([0x6E, 0xE9]).text() == nil)
    #expect(TestData.region([0xED, 0xA0, 0x80]).text() == nil)
    #expect(TestData.region([]).text() == "")
    #expect(TestData.region([1, 2, 0, 0]).firstZero() == 2)
    #expect(TestData.region([1]).firstZero() == nil)
  }

  @Test("a region is written to a sink in pieces, byte for byte")
  func sink() throws {
    let bytes = (0..<(2 << 20) + 3).map { UInt8(truncatingIfNeeded: $0 / 3) }
    var sink = MemorySink()
    try sink.write(TestData.region(bytes))
    #expect(sink.bytes == bytes)
  }
}

@Suite("Byte storage")
struct ByteStorageTests {
  @Test("a file is mapped as it is")
  func mapping() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "x").path(percentEncoded: false)
      try Data([1, 2, 3]).write(to: URL(filePath: path))
      let storage = try ByteStorage(mapping: path)
      #expect(storage.count == 3 && storage.isFileImage)
      #expect(ByteRegion(storage).bytes() == [1, 2, 3])
    }
  }

  @Test("an empty file is refused by name")
  func empty() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "x").path(percentEncoded: false)
      try Data().write(to: URL(filePath: path))
      let diagnostic = expectDiagnostic("file.empty") { try ByteStorage(mapping: path) }
      #expect(diagnostic?.location.file == path)
    }
  }

  @Test("what is no regular file is refused without waiting for it")
  func notRegular() throws {
    try TestData.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let folderError = expectDiagnostic("file.unreadable") { try ByteStorage(mapping: path) }
      #expect(folderError?.message == "this is a directory")
      let fifo = path + "/fifo"
      try #require(unsafe mkfifo(fifo, 0o600) == 0)
      let fifoError = expectDiagnostic("file.unreadable") { try ByteStorage(mapping: fifo) }
      #expect(fifoError?.message == "this is not a regular file")
      let missing = expectDiagnostic("file.unreadable") {
        try ByteStorage(mapping: path + "/none")
      }
      #expect(missing?.message == "can't open: No such file or directory")
      expectDiagnostic("file.unreadable") { try ByteStorage(mapping: "/dev/null") }
    }
  }
}
