import Foundation
import RecurTestSupport
import Testing

@Suite("Every diagnostic code has an example that provokes it")
struct ExampleTests {
  /// The codes that no command can provoke, each with the test that provokes it.
  private static let provokedInProcess = [
    "convert.verification-failed": "weights that compute something else fail the check",
    "file.format-left-out": "a file of a format that is left out names the trait",
    "usage.wrong": "wrong usage is said in the format that is asked for",
    "pytorch.function.unsupported":
      "a function, and a call of it, that are not supported are named",
    "fleet.resume-invalid":
      "a file that is as it was is not judged again; one that changed is, and so is a cut line",
    "hdf5.write.failed": "what libhdf5 refuses is said in its words, and the next file is written",
  ]

  /// Calls `body` with a function that makes a folder with the folders of `testdata/`.
  ///
  /// The folders are links to one copy, so that no command can change a fixture.
  private func withScratchFolders(_ body: (() throws -> URL) throws -> Void) throws {
    try TestData.withFolder { root in
      let copy = root.appending(path: "testdata")
      let original = TestData.root.appending(path: "testdata")
      try FileManager.default.copyItem(at: original, to: copy)
      let names = try FileManager.default.contentsOfDirectory(
        at: copy, includingPropertiesForKeys: [.isDirectoryKey]
      ).filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent)
      var count = 0
      try body {
        count += 1
        let folder = root.appending(path: "\(count)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        for name in names {
          try FileManager.default.createSymbolicLink(
            at: folder.appending(path: name), withDestinationURL: copy.appending(path: name))
        }
        return folder
      }
    }
  }

  /// The first diagnostic of `code` in the standard error of a command; empty if there is none.
  private func diagnostic(_ code: String, in errors: String) -> [String] {
    let lines = errors.components(separatedBy: "\n")
    let heads = ["error", "warning", "note"].map { "\($0)[\(code)]: " }
    guard let first = lines.firstIndex(where: { line in heads.contains { line.hasPrefix($0) } })
    else { return [] }
    return [lines[first]] + lines[(first + 1)...].prefix { $0.hasPrefix("  ") }
  }

  @Test("the commands print what is printed there") func transcripts() throws {
    let isRecording = ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1"
    try withScratchFolders { scratchFolder in
      for explained in try ExplainedCode.all() where !explained.commands.isEmpty {
        let folder = try scratchFolder()
        var printed: [String] = []
        for (index, command) in explained.commands.enumerated() {
          let result = try Tool.shell(command, in: folder)
          if index < explained.commands.count - 1 {
            #expect(result.status == 0, "\(explained.code): \(command): \(result.errors)")
          } else {
            printed = diagnostic(explained.code, in: result.errors)
            #expect(!printed.isEmpty, "\(explained.code) is not provoked: \(result.errors)")
          }
        }
        let transcript = (explained.commands.map { "$ \($0)" } + printed).joined(separator: "\n")
        if isRecording, transcript != explained.example, !printed.isEmpty {
          try record(transcript, of: explained.code)
        } else {
          #expect(explained.example == transcript)
        }
      }
    }
  }

  @Test("a code without an example is provoked by a test that stands here by name")
  func exceptions() throws {
    let without = try ExplainedCode.all().filter(\.commands.isEmpty).map(\.code)
    #expect(Set(without) == Set(Self.provokedInProcess.keys))
    let texts = try sources(under: "Tests").filter { $0.lastPathComponent != "ExampleTests.swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }
    for (code, test) in Self.provokedInProcess {
      #expect(
        texts.contains { $0.contains("\"\(code)\"") && $0.contains("@Test(\"\(test)") },
        "no test '\(test)' provokes \(code)")
    }
  }

  /// Puts `transcript` in place of the example of `code` in the sources.
  private func record(_ transcript: String, of code: String) throws {
    for url in try sources(under: "Sources/RecurCLI") {
      var lines = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
      guard let start = lines.firstIndex(of: "      \"\(code)\","),
        let first = lines[start...].firstIndex(where: { $0.hasPrefix("      example: ") }),
        let last = lines[first...].firstIndex(where: { $0.hasSuffix("\"\"\"#),") })
      else { continue }
      let body = transcript.split(separator: "\n").map { "        \($0)" }
      lines.replaceSubrange((first + 1)..<last, with: body)
      try lines.joined(separator: "\n").write(to: url, atomically: true, encoding: .utf8)
      Issue.record("the example of \(code) was recorded anew; read it, build and test again")
      return
    }
    Issue.record("no source explains \(code) in the form that can be recorded")
  }

  private func sources(under folder: String) throws -> [URL] {
    let files = FileManager.default.enumerator(
      at: TestData.root.appending(path: folder), includingPropertiesForKeys: nil)
    return try #require(files).compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }
}
