import Foundation
import RecurTestSupport
import Testing

@Suite("docs/ci.md tells the truth")
struct CIDocumentationTests {
  private let models = [
    "lstm.h5": "keras3/lstm_last.h5", "lstm.keras": "keras3/lstm_last.keras",
    "extra.h5": "broken/extra_dataset.h5", "broken.h5": "broken/bias_missing.h5",
  ]

  @Test("every command prints what is printed there") func commands() throws {
    let url = TestData.root.appending(path: "docs/ci.md")
    let page = try String(contentsOf: url, encoding: .utf8)
    var made: [String] = []
    var isConsole = false
    try TestData.withFolder { folder in
      let target = folder.appending(path: "models")
      try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
      for (name, fixture) in models {
        try FileManager.default.copyItem(
          at: URL(filePath: TestData.path(fixture)), to: target.appending(path: name))
      }
      for line in page.components(separatedBy: "\n") {
        if line.hasPrefix("```") { isConsole = line == "```console" }
        if isConsole, line.hasPrefix("$ ") {
          let result = try Tool.shell(
            "unset GITHUB_STEP_SUMMARY; " + line.dropFirst(2), in: folder)
          let text = (result.output + result.errors).split(
            separator: "\n", omittingEmptySubsequences: false)
          made += [line] + text.dropLast().map(String.init)
        } else if !isConsole || line.hasPrefix("```") {
          made.append(line)
        }
      }
    }
    // How long a file takes is another number in every run.
    let truth = made.joined(separator: "\n")
      .replacing(/"seconds":[0-9.e-]+/, with: "\"seconds\":0.001")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try truth.write(to: url, atomically: true, encoding: .utf8)
      Issue.record("docs/ci.md was written anew; read it and run the tests again")
    }
    #expect(page.components(separatedBy: "```console").count > 6)
    #expect(page == truth)
  }
}
