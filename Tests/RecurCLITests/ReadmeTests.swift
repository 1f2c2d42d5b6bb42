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

  @Test("the Swift example builds as a package of its own and prints what is printed there")
  func example() throws {
    let all = try blocks()
    let code = try #require(
      all.first { $0.language == "swift" && $0.text.contains("import Recur") })
    let output = try #require(all.first { $0.language == "text" })
    try withFixtures { folder in
      let sources = folder.appending(path: "Sources/Example")
      try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
      try code.text.write(
        to: sources.appending(path: "main.swift"), atomically: true, encoding: .utf8)
      let root = TestData.root.path(percentEncoded: false)
      let manifest = """
        // swift-tools-version: 6.2
        import PackageDescription
        let package = Package(
          name: "Example",
          dependencies: [.package(name: "recur", path: "\(root)", traits: ["Keras"])],
          targets: [
            .executableTarget(
              name: "Example", dependencies: [.product(name: "Recur", package: "recur")])
          ])
        """
      try manifest.write(
        to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
      let build = try Tool.shell("swift build --product Example 2>&1", in: folder)
      #expect(build.status == 0, "\(build.output)")
      #expect(!build.output.contains("swift-argument-parser"), "no other package is fetched")
      let program = try Data(contentsOf: folder.appending(path: ".build/debug/Example"))
      #expect(program.range(of: Data("libhdf5".utf8)) == nil, "libhdf5 is not linked")
      let run = try Tool.shell(".build/debug/Example", in: folder)
      #expect(run.output == output.text)
    }
  }
}
