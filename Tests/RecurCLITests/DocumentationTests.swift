import Foundation
import RecurTestSupport
import Testing

@Suite("The documentation agrees with the code")
struct DocumentationTests {
  /// Every code that the sources declare.
  private func declaredCodes() throws -> Set<String> {
    let sources = TestData.root.appending(path: "Sources")
    let files = try #require(
      FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    var codes: Set<String> = []
    for case let url as URL in files where url.pathExtension == "swift" {
      let text = try String(contentsOf: url, encoding: .utf8)
      for match in text.matches(of: /Self\(\s*rawValue: "([a-z0-9.-]+)"\)/) {
        codes.insert(String(match.1))
      }
    }
    return codes
  }

  @Test("every declared code is explained, and no other") func codes() throws {
    let explained = try ExplainedCode.all().map(\.code)
    #expect(explained == explained.sorted())
    #expect(Set(explained) == (try declaredCodes()))
  }

  @Test("docs/diagnostics.md is made from the explanations") func diagnosticsPage() throws {
    let url = TestData.root.appending(path: "docs/diagnostics.md")
    var page = """
      # Diagnostics

      Every code that Recur reports, also by `recur explain CODE`. Codes are stable. Errors of the areas `tensor`,
      `verify` and `model.shape-mismatch` say that something does not hold (exit status 1), all others that a file
      can't be read, understood or written (2). The examples are run by a test, in a folder that holds the folders of
      `testdata`; `recur` may print more than the diagnostic that is shown.

      """
    for explanation in try ExplainedCode.all() {
      page += """

        ## `\(explanation.code)`

        Means: \(explanation.meaning).

        Cause: \(explanation.cause)

        Fix: \(explanation.fix)

        """
      guard !explanation.example.isEmpty else { continue }
      page += """

        ```console
        \(explanation.example)
        ```

        """
    }
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try page.write(to: url, atomically: true, encoding: .utf8)
      Issue.record("docs/diagnostics.md was written anew; read it and run the tests again")
    }
    #expect(try String(contentsOf: url, encoding: .utf8) == page)
  }

  @Test("docs/architecture.md names every target") func targets() throws {
    let page = try String(
      contentsOf: TestData.root.appending(path: "docs/architecture.md"), encoding: .utf8)
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: TestData.root.appending(path: "Sources").path(percentEncoded: false))
    for folder in folders { #expect(page.contains("`\(folder)`"), "\(folder)") }
  }
}
