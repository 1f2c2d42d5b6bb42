import Foundation
import RecurContainers
import RecurTestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Reports for other programs")
struct ReportFormatTests {
  /// A folder with a file whose name and tensors have special characters of every format.
  private func withHostileModel<Result>(_ body: (URL) throws -> Result) throws -> Result {
    try TestData.withFolder { folder in
      try HostileModel.bytes(["fc", HostileModel.name])
        .write(to: folder.appending(path: HostileModel.file))
      return try body(folder)
    }
  }

  private func report(_ arguments: [String], in folder: URL? = nil) throws -> String {
    try Tool.run(["validate"] + arguments, in: folder).output
  }

  // MARK: JUnit

  /// The elements of a document in order, with their attributes and text.
  private final class Elements: NSObject, XMLParserDelegate {
    struct Element {
      let name: String
      let attributes: [String: String]
      var text = ""
    }
    private(set) var all: [Element] = []
    private var open: [Int] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      open.append(all.count)
      all.append(Element(name: name, attributes: attributes))
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) { open.removeLast() }

    func parser(_ parser: XMLParser, foundCharacters text: String) {
      if let last = open.last { all[last].text += text }
    }
  }

  private func elements(_ text: String) throws -> [Elements.Element] {
    let parser = XMLParser(data: Data(text.utf8))
    let elements = Elements()
    parser.delegate = elements
    try #require(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    return elements.all
  }

  @Test("JUnit has a suite per file and a case per check; what passes is there too")
  func junit() throws {
    let golden = "testdata/keras3/lstm_unroll_implementation1.golden.npz"
    let passing = try elements(
      try report([
        "testdata/keras3/lstm_last.h5", "--golden", "testdata/keras3/lstm_last.golden.npz",
        "--units", "4", "--format", "junit",
      ]))
    #expect(
      passing.filter { $0.name == "testcase" }.map { $0.attributes["name"] } == [
        "reads as a model", "weights are finite", "declared sizes hold", "outputs are as recorded",
      ])
    #expect(!passing.contains { $0.name == "failure" || $0.name == "error" })
    let failing = try elements(
      try report(["testdata/keras3/lstm_last.h5", "--golden", golden, "--format", "junit"]))
    let failure = try #require(failing.first { $0.name == "failure" })
    #expect(failure.attributes["type"] == "verify.mismatch")
    #expect(failure.text.contains("expected: |diff| ≤"))
    let many = try elements(
      try report(["testdata/broken", "testdata/keras3/lstm_last.h5", "--format", "junit"]))
    for (counter, element) in [("failures", "failure"), ("errors", "error"), ("tests", "testcase")]
    {
      let suites = many.filter { $0.name == "testsuite" }
      let sum = suites.reduce(0) { $0 + (Int($1.attributes[counter] ?? "") ?? -1) }
      #expect(sum == many.count { $0.name == element })
      #expect(many[0].attributes[counter] == "\(sum)")
      #expect(sum > 0)
    }
    // A file that can't be read is an error, not a failure.
    let unread = try elements(try report(["missing.h5", "--format", "junit"]))
    #expect(unread.contains { $0.name == "error" && $0.attributes["type"] == "file.unreadable" })
  }

  @Test("hostile names stay text in JUnit") func hostileJUnit() throws {
    try withHostileModel { folder in
      let text = try report([".", "--format", "junit"], in: folder)
      let all = try elements(text)
      #expect(
        Set(all.map(\.name)) == ["testsuites", "testsuite", "testcase", "failure", "system-out"])
      #expect(
        all.contains { $0.text.contains("a\"b'<c>&]]>|::error title=x::%0A,\\u{7}\\u{1b}[31m") })
      #expect(
        all.contains {
          $0.attributes["name"] == "./we|ird ::warning::,a=%25\\u{a}]]>&`<é>.safetensors"
        })
    }
  }

  // MARK: SARIF

  @Test("SARIF has rules, byte regions, logical places and fingerprints") func sarif() throws {
    let file = "testdata/broken/all_problems_at_once.h5"
    let log = try JSONSchema.parse(try report([file, "--format", "sarif"]))
    #expect(log["version"]?.string == "2.1.0")
    let run = try #require(log["runs"]?.array?.first)
    let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
    #expect(rules.map { $0["id"]?.string } == ["tensor.shape-mismatch"])
    #expect(rules[0]["help"]?["markdown"]?.string?.contains("recur explain") == true)
    let results = try #require(run["results"]?.array)
    #expect(results.count > 2)
    for result in results {
      let index = try #require(result["ruleIndex"]?.integer)
      #expect(rules[index]["id"] == result["ruleId"])
      let place = try #require(result["locations"]?.array?.first)
      let physical = try #require(place["physicalLocation"])
      #expect(physical["artifactLocation"]?["uri"]?.string == file)
      #expect(physical["artifactLocation"]?["uriBaseId"]?.string == "%SRCROOT%")
      #expect((physical["region"]?["byteLength"]?.integer ?? 0) > 0)
      #expect(place["logicalLocations"]?.array?.first?["fullyQualifiedName"]?.string != nil)
    }
    let prints = results.compactMap { $0["partialFingerprints"]?["recurFinding/v1"]?.string }
    #expect(Set(prints).count == results.count)
    // Fingerprints are the same for the same file in another folder of the disk.
    try TestData.withFolder { folder in
      let copies = folder.appending(path: "testdata/broken")
      try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: TestData.root.appending(path: file),
        to: copies.appending(path: "all_problems_at_once.h5"))
      let again = try JSONSchema.parse(try report(["./" + file, "--format", "sarif"], in: folder))
      let others = again["runs"]?.array?.first?["results"]?.array?.compactMap {
        $0["partialFingerprints"]?["recurFinding/v1"]?.string
      }
      #expect(others == prints)
    }
  }

  @Test("names in SARIF are percent-encoded, files elsewhere absolute") func uris() throws {
    try withHostileModel { folder in
      let log = try JSONSchema.parse(try report([".", "--format", "sarif"], in: folder))
      let result = try #require(log["runs"]?.array?.first?["results"]?.array?.first)
      let uri = result["locations"]?.array?.first?["physicalLocation"]?["artifactLocation"]?["uri"]
      #expect(
        uri?.string
          == "we%7Cird%20%3A%3Awarning%3A%3A%2Ca%3D%2525%0A%5D%5D%3E%26%60%3C%C3%A9%3E.safetensors")
      let outside = try JSONSchema.parse(
        try report(
          [TestData.path("broken/bias_missing.h5"), "--format", "sarif"], in: folder))
      let other = try #require(outside["runs"]?.array?.first?["results"]?.array?.first)
      let place = other["locations"]?.array?.first?["physicalLocation"]?["artifactLocation"]
      #expect(place?["uri"]?.string?.hasPrefix("file:///") == true)
      #expect(place?["uriBaseId"] == nil)
    }
  }

  // MARK: GitHub

  @Test("200 findings become few annotations that count them") func limits() throws {
    try TestData.withFolder { folder in
      try HostileModel.bytes((0..<100).map { "m\($0)" })
        .write(to: folder.appending(path: "nan.safetensors"))
      let text = try report(["nan.safetensors", "--format", "github"], in: folder)
      let errors = text.split(separator: "\n").filter { $0.hasPrefix("::error ") }
      #expect(errors.count == 1)
      #expect(
        errors[0].hasPrefix("::error file=nan.safetensors,title=tensor.not-finite (200 times)::"))
      #expect(errors[0].contains("199 more like it: "))
    }
    // There are at most ten annotations of each kind, and the last one counts the rest.
    let all = try Tool.run(["validate", "testdata/broken", "testdata/hostile", "testdata/pytorch"])
    let found = all.errors.split(separator: "\n").count { $0.hasPrefix("error[") }
    let text = try report(
      ["testdata/broken", "testdata/hostile", "testdata/pytorch", "--format", "github"])
    let shown = text.split(separator: "\n").filter { $0.hasPrefix("::error ") }
    #expect(shown.count == 10)
    let counted = shown.dropLast().reduce(0) { sum, line in
      let number = line.firstMatch(of: /\((\d+) times\)/).flatMap { Int($0.1) } ?? 1
      return sum + number
    }
    let rest = shown.last?.firstMatch(of: /::(\d+) more findings/).flatMap { Int($0.1) }
    #expect(counted + (rest ?? 0) == found)
  }

  @Test("no name can begin a workflow command or end one") func injection() throws {
    try withHostileModel { folder in
      for arguments in [["."], [HostileModel.file]] {
        let text = try report(arguments + ["--format", "github"], in: folder)
        for line in text.split(separator: "\n") {
          #expect(
            line.hasPrefix("::error file=") || line.hasPrefix("::warning file=")
              || line.hasPrefix("::notice file=") || line.hasPrefix("recur validate: "))
        }
        let error = try #require(text.split(separator: "\n").first { $0.hasPrefix("::error") })
        #expect(
          error.hasPrefix(
            "::error file=we|ird %3A%3Awarning%3A%3A%2Ca=%2525\\u{a}]]>&`<é>.safetensors,title="))
        #expect(error.contains("::error title=x::%250A,"))
      }
    }
  }

  @Test("the summary of a step is appended when a workflow asks for it") func stepSummary() throws {
    try TestData.withFolder { folder in
      let file = folder.appending(path: "summary.md")
      try Data("before\n".utf8).write(to: file)
      let model = TestData.path("broken/bias_missing.h5")
      let result = try Tool.shell(
        "GITHUB_STEP_SUMMARY=summary.md recur validate \(model) --format github", in: folder)
      #expect(result.status == 1)
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.hasPrefix("before\n### recur validate: FAIL\n"))
      // A page without room is left as it is; other formats do not write to it.
      try Data(repeating: 0x20, count: 1_048_500).write(to: file)
      _ = try Tool.shell(
        "GITHUB_STEP_SUMMARY=summary.md recur validate \(model) --format github", in: folder)
      #expect(try Data(contentsOf: file).count == 1_048_500)
      _ = try Tool.shell(
        "GITHUB_STEP_SUMMARY=other.md recur validate \(model) --format markdown", in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "other.md").path()))
    }
  }

  // MARK: Markdown

  @Test("Markdown has a table and folded details, and names mean themselves") func markdown() throws
  {
    try withHostileModel { folder in
      let text = try report([".", "--format", "markdown"], in: folder)
      #expect(text.hasPrefix("### recur validate: FAIL\n\n1 file: 0 passed, 1 failed"))
      let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| FAIL |") })
      #expect(row.filter { $0 == "|" }.count == 6)
      #expect(!row.contains("<é>") && row.contains("&#60;é&#62;"))
      #expect(text.contains("<details><summary>"))
      #expect(!text.contains("]]>"))
    }
    let many = try report(["testdata", "--format", "markdown"])
    #expect(many.utf8.count < 65_536)
    #expect(many.contains("not shown here."))
  }

  // MARK: files

  @Test("reports go to files as well, complete or not at all") func files() throws {
    try TestData.withFolder { folder in
      let model = TestData.path("keras3/lstm_last.h5")
      let result = try Tool.run(
        [
          "validate", model, "--format", "github", "--report", "junit=j.xml", "--report",
          "sarif=s.json", "--report", "text=t.txt",
        ], in: folder)
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("recur validate: 0 errors"))
      let junit = try String(contentsOf: folder.appending(path: "j.xml"), encoding: .utf8)
      #expect(junit == (try report([model, "--format", "junit"], in: folder)))
      let text = try String(contentsOf: folder.appending(path: "t.txt"), encoding: .utf8)
      #expect(text.hasSuffix("\nPASS, 3 of 3 tensors\n"))
      for arguments in [
        ["--report", "junit=no/such/folder.xml"], ["--report", "junit=\(model)"],
        ["--report", "junit=a.xml", "--report", "sarif=./a.xml"],
      ] {
        let refused = try Tool.run(["validate", model] + arguments, in: folder)
        #expect(refused.status == 2, "\(arguments)")
        #expect(refused.errors.split(separator: "\n").count { $0.hasPrefix("error[") } == 1)
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "a.xml").path()))
      for wrong in ["junit", "junt=x", "=x", "junit="] {
        #expect(try Tool.run(["validate", model, "--report", wrong], in: folder).status == 64)
      }
    }
  }

  @Test("a report is no output of the command and no file in a folder that is read")
  func ownOutputs() throws {
    try TestData.withFolder { folder in
      let model = folder.appending(path: "m.h5")
      try FileManager.default.copyItem(
        at: URL(filePath: TestData.path("keras3/lstm_last.h5")), to: model)
      let before = try Data(contentsOf: model)
      let walked = try Tool.run(["validate", ".", "--report", "json=m.h5"], in: folder)
      #expect(walked.status == 2)
      #expect(walked.errors.contains("[file.exists]"))
      #expect(try Data(contentsOf: model) == before)
      let converted = try Tool.run(
        ["convert", "m.h5", "m.pt", "--report", "json=m.pt"], in: folder)
      #expect(converted.status == 2)
      #expect(try Tool.run(["inspect", "m.pt"], in: folder).status == 0)
    }
  }

  @Test("wrong usage is said in the format that is asked for") func usage() throws {
    for format in ["json", "ndjson", "junit", "sarif", "github", "markdown", "html"] {
      let result = try Tool.run(["validate", "--format", format])
      #expect(result.status == 64)
      #expect(result.output.contains(format == "json" ? "\"usage.wrong\"" : "usage.wrong"))
      #expect(result.errors.contains("Usage: recur validate"))
    }
    #expect(try Tool.run(["validate"]).output.isEmpty)
  }
}
