import Foundation
import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Tape archives")
struct TarArchiveTests {
  /// A header and the content, padded to blocks of 512 bytes.
  private func entry(
    _ name: String, _ content: [UInt8], kind: Character = "0", size: String? = nil
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) {
      for (index, byte) in text.utf8.enumerated() { header[place + index] = byte }
    }
    put(name, 0)
    put(
      size ?? String(repeating: "0", count: 11 - String(content.count, radix: 8).count)
        + String(content.count, radix: 8), 124)
    put(String(kind), 156)
    put("ustar", 257)
    put("00", 263)
    put("        ", 148)
    put(String(header.reduce(0) { $0 + Int($1) }, radix: 8) + "\0", 148)
    return header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  private let end = [UInt8](repeating: 0, count: 1024)

  @Test("files have their names and bytes; folders and links are left out")
  func files() throws {
    let long = "folder/" + String(repeating: "a", count: 120)
    let bytes =
      entry("./m/", [], kind: "5") + entry("./m/one", [1, 2, 3])
      + entry("link", [], kind: "2") + entry("@", Array("\(long)\0".utf8), kind: "L")
      + entry("cut", [7]) + entry("pax", Array("19 path=named/here\n".utf8), kind: "x")
      + entry("other", [8, 9]) + end
    let archive = try TarArchive(TestData.region(bytes))
    #expect(archive.entries.map(\.name) == ["m/one", long, "named/here"])
    #expect(archive["m/one"]?.bytes.bytes() == [1, 2, 3])
    #expect(archive["named/here"]?.bytes.bytes() == [8, 9])
    #expect(TarArchive.recognizes(TestData.region(bytes)))
    #expect(!TarArchive.recognizes(TestData.region(Array(bytes.dropFirst(256)))))
  }

  @Test("sizes beyond the end, false sums and two files of one name are refused")
  func broken() throws {
    var sum = entry("one", [1]) + end
    sum[0] ^= 1
    for (bytes, code) in [
      (entry("one", [1], size: "00000010000") + end, "bytes.truncated"),
      (sum, "zip.directory.invalid"),
      (entry("one", [1]) + entry("one", [2]) + end, "zip.directory.invalid"),
      (entry("one", [1], size: "9") + end, "zip.directory.invalid"),
    ] {
      let error = #expect(throws: CheckpointError.self) {
        _ = try TarArchive(TestData.region(bytes))
      }
      #expect(error?.diagnostic.code.rawValue == code)
    }
  }

  @Test("compressed files are decompressed to the size they promise, and no further")
  func compressed() throws {
    // Python: gzip.compress(b"recur" * 40, mtime=0)
    let bytes: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 43, 74, 77, 46, 45, 42, 26, 250, 4, 0, 4, 132, 240, 209, 200,
      0,
      0, 0,
    ]
    #expect(Gzip.recognizes(TestData.region(bytes)))
    let content = try Gzip.inflated(TestData.region(bytes)).bytes()
    #expect(content == Array(String(repeating: "recur", count: 40).utf8))
    for (place, value) in [(bytes.count - 4, UInt8(199)), (bytes.count - 1, 255), (12, 0)] {
      var broken = bytes
      broken[place] = value
      #expect(throws: CheckpointError.self) { _ = try Gzip.inflated(TestData.region(broken)) }
    }
  }
}
