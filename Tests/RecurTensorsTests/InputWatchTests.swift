import Foundation
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Files that may change while they are read")
struct InputWatchTests {
  private static let content = (0..<(3 << 20) + 17).map { UInt8(truncatingIfNeeded: $0 &* 31) }

  /// A file with `content` in a folder of its own.
  private func withFile(_ body: (_ path: String, _ file: FileHandle) throws -> Void) throws {
    try TestData.withFolder { folder in
      let url = folder.appending(path: "x")
      try Data(Self.content).write(to: url)
      try body(url.path(percentEncoded: false), try FileHandle(forUpdating: url))
    }
  }

  @Test("what is read is what a mapping shows, in pieces and as a whole") func same() throws {
    try withFile { path, _ in
      let watch = InputWatch()
      let region = ByteRegion(try watch.open(path))
      #expect(region.count == Self.content.count && region.storage.isFileImage)
      for offset in [0, 1, 65_535, 65_536, 1 << 20, Self.content.count - 8] {
        let part = try region.slice(at: offset, length: 8)
        #expect(part.bytes() == Array(Self.content[offset..<offset + 8]))
      }
      let long = try region.slice(at: 65_000, length: 140_000)
      #expect(long.bytes() == Array(Self.content[65_000..<205_000]))
      var sink = MemorySink()
      try sink.write(region)
      #expect(sink.bytes == Self.content)
      #expect(region.bytes() == Self.content)
      try watch.check()
    }
  }

  @Test("two threads that read one file see the same bytes") func threads() throws {
    try withFile { path, _ in
      let region = ByteRegion(try InputWatch().open(path))
      let other = BackgroundWork { region.bytes() == InputWatchTests.content ? 1 : 0 }
      #expect(region.bytes() == Self.content)
      #expect(other?.wait() == 1)
    }
  }

  @Test("a file that is cut after it was opened is told, and ends nothing") func cut() throws {
    try withFile { path, file in
      let watch = InputWatch()
      let region = ByteRegion(try watch.open(path))
      #expect(try region.byte(at: 3) == Self.content[3])
      try file.truncate(atOffset: 100_000)
      #expect(try region.byte(at: 2 << 20) == 0)
      var sink = MemorySink()
      try sink.write(region)
      #expect(sink.bytes.count == Self.content.count && sink.bytes[200_000] == 0)
      let found = expectDiagnostic("file.changed") { try watch.check() }
      #expect(found?.message == "the file became shorter while it was read")
      #expect(found?.location.file == path)
      #expect(found?.expected == "\(Self.content.count) bytes" && found?.found == "100000 bytes")
    }
  }

  @Test("a file that grows again after a part of it was missed is told all the same")
  func regrown() throws {
    try withFile { path, file in
      let watch = InputWatch()
      let region = ByteRegion(try watch.open(path))
      try file.truncate(atOffset: 0)
      #expect(region.bytes().allSatisfy { $0 == 0 })
      try file.truncate(atOffset: UInt64(Self.content.count))
      expectDiagnostic("file.unreadable") { try watch.check() }
    }
  }

  @Test("a file that is written to is told") func written() throws {
    try withFile { path, file in
      let watch = InputWatch()
      let region = ByteRegion(try watch.open(path))
      #expect(try region.byte(at: 0) == Self.content[0])
      try file.seekToEnd()
      try file.write(contentsOf: Data([1]))
      let found = expectDiagnostic("file.changed") { try watch.check() }
      #expect(found?.message == "the file was written to while it was read")
    }
  }

  @Test("a file that is removed is told; one that another takes the place of was read as it was")
  func removed() throws {
    try withFile { path, _ in
      let (removed, replaced) = (InputWatch(), InputWatch())
      _ = try removed.open(path)
      try FileManager.default.removeItem(atPath: path)
      let found = expectDiagnostic("file.changed") { try removed.check() }
      #expect(found?.message == "the file was removed while it was read")
      try Data(Self.content).write(to: URL(filePath: path))
      let region = ByteRegion(try replaced.open(path))
      try Data([9]).write(to: URL(filePath: path + ".new"))
      #expect(unsafe rename(path + ".new", path) == 0)
      #expect(region.bytes() == Self.content)
      try replaced.check()
    }
  }

  @Test("a link to nothing says where it leads") func link() throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "link").path(percentEncoded: false)
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: "weights/best.h5")
      let found = expectDiagnostic("file.unreadable") { try InputWatch().open(path) }
      #expect(found?.message == "the link leads to 'weights/best.h5', where nothing is")
    }
  }
}
