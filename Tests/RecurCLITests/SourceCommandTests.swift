import Foundation
import RecurTestSupport
import Testing

/// Architectures read from Python sources, on the command line.
@Suite("Python sources on the command line")
struct SourceCommandTests {
  private func path(_ name: String) -> String { TestData.path("source_models/\(name)") }

  @Test("summary names the line and column of every call") func places() throws {
    let summary = try Tool.run([
      "summary", path("arguments.pt"), "--architecture", path("arguments.py"),
    ])
    #expect(summary.status == 0)
    let lines = summary.output.split(separator: "\n")
    #expect(lines[1].hasSuffix("source"))
    let source = try String(contentsOfFile: path("arguments.py"), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let gru = try #require(lines.first { $0.hasPrefix("encoder.gru") })
    let place = try #require(gru.split(separator: " ").last).split(separator: ":")
    #expect(place.count == 3 && place[0].hasSuffix("arguments.py"))
    let line = try #require(Int(place[1]))
    #expect(source[line - 1].contains("gru("), "\(gru)")
    let plain = try Tool.run(["summary", TestData.path("keras3/lstm_last.h5")])
    #expect(!plain.output.contains("source"))
  }

  @Test(
    "what was read is printed as a declaration that computes the same",
    arguments: ["arguments", "tutorial"])
  func declared(name: String) throws {
    try TestData.withFolder { folder in
      let source = ["--architecture", path(name + ".py")]
      let printed = try Tool.run(
        ["inspect", path(name + ".pt"), "--emit-architecture"] + source, in: folder)
      #expect(printed.status == 0, "\(printed.errors)")
      try printed.output.write(
        to: folder.appending(path: "a.json"), atomically: true, encoding: .utf8)
      let judged = try Tool.run(
        [
          "validate", path(name + ".pt"), "--architecture", "a.json", "--golden",
          path(name + ".golden.npz"),
        ], in: folder)
      #expect(judged.status == 0, "\(judged.output)\(judged.errors)")
    }
  }

  @Test("an architecture alone prints nothing") func unused() throws {
    let refused = try Tool.run([
      "inspect", path("cells.pt"), "--architecture", path("cells.py"),
    ])
    #expect(refused.status == 64 && refused.errors.contains("'--emit-architecture'"))
  }
}
