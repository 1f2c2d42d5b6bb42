import Foundation
import RecurSource
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Python sources")
struct SourceTreeTests {
  private func tree(_ source: String) throws -> SourceTree {
    try SourceTree(parsing: SourceText(name: "model.py", bytes: Array(source.utf8)))
  }

  private func opaque(_ tree: SourceTree) -> [String] {
    tree.statements.compactMap { statement in
      guard case .opaque(let reason) = statement.kind else { return nil }
      return "\(tree.text.place(of: statement.span).text) \(reason)"
    }
  }

  private func compare(_ source: String, _ expected: String) throws {
    let bytes = try Array(Data(contentsOf: URL(filePath: source)))
    let tree = try SourceTree(parsing: SourceText(name: source, bytes: bytes))
    let found = TreeText(tree).result.split(separator: "\n")
    let wanted = try String(contentsOf: URL(filePath: expected), encoding: .utf8)
      .split(separator: "\n")
    let difference = zip(found, wanted).first { !$0.utf8.elementsEqual($1.utf8) }
    #expect(difference == nil, "\(source)")
    #expect(found.count == wanted.count, "\(source)")
  }

  @Test(
    "statements and expressions give the tree that Python gives",
    arguments: [
      "expressions", "statements",
    ])
  func fixtures(name: String) throws {
    try compare(
      TestData.path("source/\(name).py"), TestData.path("source/\(name).tree"))
  }

  // gen_source_trees.py FOLDER SOURCES … writes the folder
  @Test("every file of a folder of sources gives the tree that Python gives")
  func folder() throws {
    guard let folder = ProcessInfo.processInfo.environment["RECUR_SOURCE_TREES"] else { return }
    let list = try String(contentsOfFile: "\(folder)/list.txt", encoding: .utf8)
    for line in list.split(separator: "\n") {
      let paths = line.split(separator: "\t").map(String.init)
      try compare(paths[0], paths[1])
    }
  }

  @Test("a statement that is no Python is opaque and hides nothing behind it")
  func opaqueStatements() throws {
    let source = """
      x = 1
      print "Python 2"
      if x = 2:
          y = 3
      else:
          y = 4
      def good():
          z = = 5
          return 6
      w = 'never ends
      v = 7 $ 8
      u = 9
      """
    let tree = try tree(source)
    #expect(
      opaque(tree) == [
        "2:7 the end of the statement was expected", "3:6 ':' was expected",
        "10:5 a string that does not end", "11:7 a character that Python does not have",
      ])
    #expect(tree.statements.count == 7)
    guard case .function(let function) = tree.statements[3].kind else {
      Issue.record("the function is missing")
      return
    }
    #expect(function.body.count == 2)
    guard case .opaque = function.body[0].kind, case .returned = function.body[1].kind else {
      Issue.record("the function's statements: \(function.body)")
      return
    }
  }

  @Test("a notebook is its code cells; magics count for nothing, and places name the cell")
  func notebook() throws {
    let cells = [
      "%matplotlib inline\nimport torch\n!pip install x\nif a:\n    %time f()\n",
      "%%bash\nls (\n", "%%time\nx = (1 +\n", "y = 2\nz = $",
    ]
    let text = SourceText(
      name: "train.ipynb",
      cells: cells.enumerated().map { (number: $0 + 1, bytes: Array($1.utf8)) })
    let tree = try SourceTree(parsing: text)
    #expect(
      opaque(tree) == [
        "cell 3:2:9 an expression was expected", "cell 4:2:5 a character that Python does not have",
      ])
    #expect(tree.statements.count == 8)
    let last = try #require(tree.statements.last)
    #expect(text.place(of: last.span).lineText == "z = $")
  }

  /// Text that nests a piece of source many times.
  private static let nests: [(name: String, source: String)] = [
    ("brackets", String(repeating: "(", count: 100_000)),
    ("lists", String(repeating: "[", count: 100_000)),
    ("dictionaries", String(repeating: "{1:", count: 100_000)),
    ("patterns", "match x:\n case " + String(repeating: "(", count: 100_000)),
    ("not", String(repeating: "not ", count: 100_000)),
    ("signs", String(repeating: "-", count: 100_000) + "1"),
    ("sums", "x" + String(repeating: "+x", count: 100_000)),
    ("attributes", "x" + String(repeating: ".y", count: 100_000)),
    ("calls", "f" + String(repeating: "()", count: 100_000)),
    ("conditionals", "x" + String(repeating: " if x else x", count: 100_000)),
    ("lambdas", String(repeating: "lambda: ", count: 100_000) + "1"),
    ("powers", "x" + String(repeating: "**x", count: 9_000)),
    ("formatted strings", String(repeating: "f\"{f'{", count: 10_000)),
    ("formats", "f'" + String(repeating: "{x:", count: 10_000)),
  ]

  @Test("what is nested too deep is opaque", arguments: nests.map(\.name))
  func deep(name: String) throws {
    let nest = try #require(Self.nests.first { $0.name == name })
    #expect(!opaque(try tree(nest.source + "\nx = 1")).isEmpty)
  }

  @Test("blocks that are nested too deep are opaque")
  func deepBlocks() throws {
    var source = ""
    for level in 0..<1_000 { source += String(repeating: " ", count: level) + "if x:\n" }
    let tree = try tree(source + String(repeating: " ", count: 1_000) + "y\nz = 1\n")
    #expect(tree.statements.count == 2)
  }

  @Test("a source beyond the limit is refused")
  func size() throws {
    var limits = SourceLimits()
    limits.bytes = 10
    expectDiagnostic("bytes.limit-exceeded") {
      try SourceTree(
        parsing: SourceText(name: "a.py", bytes: Array("x = 1234567".utf8)), limits: limits)
    }
  }

  @Test("every mutation of a source is parsed in bounded time")
  func mutations() throws {
    var random = Mutations.Generator(state: 7)
    let marks = Array("()[]{}'\"\\:\n\t #,=f.@".utf8)
    let sources = try ["expressions", "statements"].map { try TestData.bytes("source/\($0).py") }
    for round in 0..<Mutations.count {
      var bytes = sources[round % sources.count]
      for _ in 0...random.next(4) {
        let position = random.next(bytes.count)
        switch random.next(4) {
        case 0: bytes[position] = UInt8(random.next(256))
        case 1: bytes[position] = marks[random.next(marks.count)]
        case 2: bytes.insert(marks[random.next(marks.count)], at: position)
        default: bytes.removeSubrange(position..<min(bytes.count, position + 1 + random.next(9)))
        }
      }
      let start = ContinuousClock.now
      let tree = try SourceTree(parsing: SourceText(name: "m.py", bytes: bytes))
      #expect(ContinuousClock.now - start < Mutations.limit)
      for statement in tree.statements.suffix(1) { _ = tree.location(statement.span) }
    }
  }
}
