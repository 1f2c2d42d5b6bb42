import Foundation
import RecurTestSupport
import Testing

@Suite("The README tells the truth")
struct ReadmeTests {
  private func blocks() throws -> [MarkdownPage.Block] { try MarkdownPage("README.md").blocks }

  private func withFixtures<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try TestData.withFolder { folder in
      for name in ["keras3", "keras_2_2_4", "torch_modules", "readings", "questions"] {
        try FileManager.default.copyItem(
          at: URL(filePath: TestData.path(name)), to: folder.appending(path: name))
      }
      return try body(folder.appending(path: "keras3"))
    }
  }

  @Test("every command prints what is printed there") func commands() throws {
    let consoles = try blocks().filter { $0.language == "console" }
    #expect(consoles.count >= 3)
    try withFixtures { folder in
      for block in consoles {
        let printed = try block.printed(in: folder)
        #expect(block.text == printed)
      }
    }
  }

  @Test("the Swift program is one of the examples, which a script builds and runs")
  func example() throws {
    let all = try blocks()
    let code = try #require(
      all.first { $0.language == "swift" && $0.text.contains("import Recur") })
    let output = try #require(all.first { $0.language == "text" })
    let folder = TestData.root.appending(path: "Examples/Sources/Tour")
    for (block, file) in [(code, "main.swift"), (output, "expected.txt")] {
      let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      #expect(block.text == text, "\(file)")
    }
  }
}
