import Foundation
import Recur
import RecurContainers
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// ONNX's own tests of single operators (`testdata/generators/make_onnx_nodes.py`).
@Suite("Nodes of ONNX")
struct ONNXNodeTests {
  @Test("every one of ONNX's tests of the operators is right, or refused by name")
  func nodes() throws {
    let refused = try Self.refused()
    let cases = try Self.cases()
    #expect(cases.count > 800)
    #expect(Set(refused.keys).isSubset(of: cases.map(\.name)))
    try TestData.withFolder { folder in
      for own in cases {
        let place = folder.appending(path: own.name)
        let recording = place.appending(path: "test_data_set_0")
        try FileManager.default.createDirectory(at: recording, withIntermediateDirectories: true)
        for (name, bytes) in own.files { try Data(bytes).write(to: place.appending(path: name)) }
        let model = place.appending(path: "model.onnx").path(percentEncoded: false)
        do throws(CheckpointError) {
          let checkpoint = try Checkpoint(opening: model)
          // The tolerance of ONNX's own runner; a number of 8 bits may be rounded the other way.
          let verification = try checkpoint.verify(
            golden: recording.path(percentEncoded: false),
            tolerance: .init(
              absolute: own.name.contains("quantizelinear") ? 1 : 1e-6, relative: 1e-3))
          #expect(verification.matches, "\(own.name)")
          #expect(refused[own.name] == nil, "\(own.name) is no longer refused")
        } catch {
          let found = "\(error.diagnostic.code.rawValue) \(error.diagnostic.message)"
          #expect(refused[own.name] == found, "\(own.name)")
        }
      }
    }
  }

  @Test("no test of a recurrent operator is refused")
  func recurrent() throws {
    let kinds = ["test_lstm", "test_gru", "test_rnn", "test_simple_rnn"]
    let names = try Self.cases().map(\.name).filter { name in
      kinds.contains { name.hasPrefix($0) }
    }
    #expect(names.count >= 16)
    #expect(try Set(Self.refused().keys).isDisjoint(with: names))
  }

  /// The tests that are refused, with code and message.
  private static func refused() throws -> [String: String] {
    let text = try String(contentsOfFile: TestData.path("onnx/nodes/refused.txt"), encoding: .utf8)
    return Dictionary(
      text.split(separator: "\n").compactMap { line in
        let parts = line.split(separator: " ", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
      }, uniquingKeysWith: { one, _ in one })
  }

  private struct Case {
    var name: String
    var files: [(name: String, bytes: [UInt8])]
  }

  private static func cases() throws -> [Case] {
    let archive = try ZipArchive(
      ByteRegion(ByteStorage(copying: TestData.bytes("onnx/nodes/nodes.zip"))))
    func content(_ name: String) throws -> [UInt8] {
      let entry = try #require(archive.entries.first { $0.name == name })
      return try archive.content(of: entry).bytes()
    }
    let all = try content("files")
    let index = try JSONSerialization.jsonObject(with: Data(content("index.json")))
    var (cases, start): ([Case], Int) = ([], 0)
    for own in try #require(index as? [[String: Any]]) {
      let name = try #require(own["name"] as? String)
      var files: [(String, [UInt8])] = []
      for file in try #require(own["files"] as? [[Any]]) {
        let (path, length) = (try #require(file[0] as? String), try #require(file[1] as? Int))
        files.append((path, Array(all[start..<start + length])))
        start += length
      }
      cases.append(Case(name: name, files: files))
    }
    #expect(start == all.count)
    return cases
  }
}
