import RecurTensors
import Testing

@Suite("Diagnostic renderer")
struct DiagnosticRendererTests {
  private let code = Diagnostic.Code(rawValue: "a.b")

  @Test("a full diagnostic is one line per fact")
  func full() {
    let diagnostic = Diagnostic(
      code, .warning, "the shape is odd",
      at: .init(file: "m.h5", object: "/w", bytes: 3..<9), expected: "[2]", found: "[3]",
      reason: "it was bent", hint: "look again",
      fixes: [.init(.numpy, "x = x[0]"), .init(.init(rawValue: "Keras"), "model.fit(x)")],
      notes: ["one", "two"])
    #expect(
      DiagnosticRenderer().text(diagnostic) == """
        warning[a.b]: the shape is odd
          --> m.h5:/w (bytes 3..<9)
          expected: [2]
          found: [3]
          why: it was bent
          note: one
          note: two
          help: look again
          fix in NumPy: x = x[0]
          fix in Keras: model.fit(x)
        """)
  }

  @Test(
    "every combination of known places reads well",
    arguments: [
      (.init(), nil), (.init(file: "f"), "f"), (.init(object: "o"), "o"),
      (.init(bytes: 0..<1), "bytes 0..<1"), (.init(file: "f", object: "o"), "f:o"),
      (.init(file: "f", bytes: 0..<1), "f (bytes 0..<1)"),
      (.init(object: "o", bytes: 0..<1), "o (bytes 0..<1)"),
    ] as [(Diagnostic.Location, String?)])
  func places(location: Diagnostic.Location, expected: String?) {
    let text = DiagnosticRenderer().text(Diagnostic(code, .note, "x", at: location))
    #expect(text == "note[a.b]: x" + (expected.map { "\n  --> \($0)" } ?? ""))
  }

  @Test("control characters from a file can't colour, move or fake a line, in any part")
  func hostileNames() {
    let name = "a\u{1B}[31m\nb\u{202E}c\u{7}"
    let safe = "a\\u{1b}[31m\\u{a}b\\u{202e}c\\u{7}"
    let diagnostic = Diagnostic(
      code, .error, name, at: .init(file: name, object: name), expected: name, found: name,
      reason: name, hint: name, fixes: [.init(.numpy, name)], notes: [name])
    #expect(
      DiagnosticRenderer().text(diagnostic) == """
        error[a.b]: \(safe)
          --> \(safe):\(safe)
          expected: \(safe)
          found: \(safe)
          why: \(safe)
          note: \(safe)
          help: \(safe)
          fix in NumPy: \(safe)
        """)
  }

  @Test(
    "only the head is coloured",
    arguments: [(.error, "31"), (.warning, "33"), (.note, "36")] as [(Diagnostic.Severity, String)])
  func colored(severity: Diagnostic.Severity, color: String) {
    let text = DiagnosticRenderer(isColored: true).text(Diagnostic(code, severity, "x"))
    #expect(text == "\u{1B}[1;\(color)m\(severity.rawValue)[a.b]\u{1B}[0m: x")
  }
}

@Suite("Sentences that name terms")
struct WordingTests {
  private let finding = Diagnostic(.init(rawValue: "a.b"), .error, "x", notes: ["one"])
    .advising("leave out \(.key()), or take \(.key("'ema'"))")
    .noting("\(.absoluteTolerance("1e-5")) would pass")

  @Test("speak of the library by themselves") func library() {
    #expect(finding.hint == "leave out 'key', or take key: 'ema'")
    #expect(finding.notes == ["one", "an absolute tolerance of 1e-5 would pass"])
  }

  @Test("are spelled anew as long as nothing took their place") func spelled() {
    let other = finding.spelled { term in if case .key = term { "--key" } else { "--other" } }
    #expect(other.hint == "leave out --key, or take --key")
    #expect(other.notes == ["one", "--other would pass"])
    var changed = finding
    changed.hint = "something else"
    #expect(changed.spelled { _ in "?" }.hint == "something else")
  }
}

@Suite("Distances")
struct DistanceTests {
  @Test("are 0 between equals, NaN among them, and infinite where only one is a number")
  func rule() throws {
    let infinity = Double.infinity
    for (one, other, size) in [
      (1, 3, 2), (-0.0, 0, 0), (infinity, infinity, 0), (.nan, .nan, 0), (infinity, 1, infinity),
      (infinity, -infinity, infinity), (.nan, 1, infinity), (.nan, infinity, infinity),
    ] as [(Double, Double, Double)] {
      #expect(distance(one, other) == size && distance(other, one) == size, "\(one), \(other)")
    }
    let tensor = try Tensor.float64([1, .nan, 3], shape: [3])
    #expect(tensor.largestDifference(from: try .float64([1, .nan, 5], shape: [3])) == 2)
  }
}

@Suite("Checkpoint error")
struct CheckpointErrorTests {
  private func finding(_ severity: Diagnostic.Severity, _ message: String) -> Diagnostic {
    Diagnostic(.init(rawValue: "a.b"), severity, message)
  }

  @Test("errors come first, in their order, then the rest in theirs")
  func order() {
    let error = CheckpointError(findings: [
      finding(.note, "n1"), finding(.error, "e1"), finding(.warning, "w1"), finding(.error, "e2"),
      finding(.note, "n2"), finding(.error, "e3"),
    ])
    #expect(error?.diagnostic.message == "e1")
    #expect(error?.diagnostics.map(\.message) == ["e1", "e2", "e3", "n1", "w1", "n2"])
  }

  @Test("findings without an error make no error")
  func noError() {
    #expect(CheckpointError(findings: []) == nil)
    #expect(CheckpointError(findings: [finding(.warning, "w"), finding(.note, "n")]) == nil)
  }

  @Test("the description holds every finding")
  func description() {
    let error = CheckpointError(findings: [finding(.warning, "w"), finding(.error, "e")])
    #expect(error?.description == "error[a.b]: e\nwarning[a.b]: w")
  }

  @Test("locating fills in what is missing and keeps what is known")
  func locatingFillsIn() {
    var inner = CheckpointError(finding(.error, "e"), others: [finding(.note, "n")])
    inner.diagnostic.location.object = "inner"
    let thrown = inner
    do throws(CheckpointError) {
      try locating(file: "f", object: "outer") { () throws(CheckpointError) in throw thrown }
    } catch {
      #expect(error.diagnostic.location == .init(file: "f", object: "inner"))
      #expect(error.others.map(\.location) == [.init(file: "f", object: "outer")])
    }
  }
}

@Suite("Escaping")
struct EscapingTests {
  @Test(
    "control, format and separator characters are spelled out, all others kept",
    arguments: [
      ("", ""), ("lstm/kernel:0", "lstm/kernel:0"), ("é e\u{301} 日本 🙂", "é e\u{301} 日本 🙂"),
      ("\0", "\\u{0}"),
      ("\t\r\n", "\\u{9}\\u{d}\\u{a}"), ("\u{7F}", "\\u{7f}"),
      ("\u{9B}31m", "\\u{9b}31m"), ("\u{202E}", "\\u{202e}"), ("\u{2066}", "\\u{2066}"),
      ("\u{200B}", "\\u{200b}"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
      ("\u{FEFF}", "\\u{feff}"), ("\u{E000}", "\\u{e000}"), ("\u{10FFFF}", "\\u{10ffff}"),
      ("\u{E0001}", "\\u{e0001}"), ("\\u{41}", "\\u{41}"),
    ])
  func table(text: String, expected: String) {
    #expect(escaped(text).utf8.elementsEqual(expected.utf8))
  }

  @Test("texts of a thousand characters are kept, longer ones cut")
  func longTexts() {
    let longest = String(repeating: "x", count: 1_000)
    #expect(escaped(longest) == longest)
    #expect(escaped(longest + "y") == longest + "…")
    #expect(escaped(String(repeating: "\u{1B}", count: 100_000)).utf8.count < 10_000)
  }
}

@Suite("Name")
struct NameTests {
  @Test("é and e with a combining accent are two names, though Swift calls them equal")
  func canonicalEquivalents() {
    let (one, two) = (Name("é"), Name("e\u{301}"))
    #expect(one.text == two.text)
    #expect(one != two)
    #expect(Set([one, two, Name("é")]).count == 2)
  }

  @Test("names are ordered by their bytes")
  func order() {
    let names = ["b", "a", "", "é", "e\u{301}", "z", "a/b", "ab", "A", "🙂", "\u{FFFD}"]
    let sorted = names.map { Name($0) }.sorted().map { Array($0.text.utf8) }
    let expected = names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    #expect(sorted == expected)
  }
}

@Suite("Number text")
struct NumberTextTests {
  @Test(
    "numbers are written as C's %.*e does",
    arguments: [
      (3e-8, 2, "3.0e-08"), (0, 2, "0"), (-0.0, 2, "0"), (1, 1, "1e+00"), (-12345, 3, "-1.23e+04"),
      (1e300, 2, "1.0e+300"), (.infinity, 2, "inf"), (-.infinity, 2, "-inf"), (.nan, 2, "nan"),
      (9.96, 2, "1.0e+01"), (.leastNonzeroMagnitude, 2, "4.9e-324"), (2.5, 0, "2e+00"),
      (2.5, -3, "2e+00"),
    ])
  func scientificTable(value: Double, digits: Int, expected: String) {
    #expect(scientific(value, digits: digits) == expected)
  }

  @Test(
    "byte counts use the largest unit that fits",
    arguments: [
      (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1_876_951, "1.79 MiB"),
      (1 << 30, "1.0 GiB"), (1 << 40, "1.0 TiB"), (1 << 52, "4096.0 TiB"),
    ])
  func byteSizes(bytes: Int, expected: String) {
    #expect(byteSize(bytes) == expected)
  }

  @Test("shapes are written in brackets")
  func shapes() {
    #expect(shapeText([]) == "[]")
    #expect(shapeText([2]) == "[2]")
    #expect(shapeText([2, 6, 3]) == "[2, 6, 3]")
  }
}

@Suite("Suggestions")
struct SuggestionTests {
  private let candidates = ["kernel", "recurrent_kernel", "bias", "gamma", "beta"]

  @Test(
    "the nearest candidate is suggested when it is a slip of the finger",
    arguments: [
      ("kernal", "kernel"), ("kernle", "kernel"), ("bia", "bias"), ("biass", "bias"),
      ("recurent_kernel", "recurrent_kernel"), ("Beta", "beta"), ("bta", "beta"),
    ])
  func near(name: String, expected: String) {
    #expect(suggestion(for: name, among: candidates) == expected)
  }

  @Test("nothing is suggested for the name itself or for one too far away")
  func far() {
    for name in ["kernel", "", "units", "xy", "activation"] {
      #expect(suggestion(for: name, among: candidates) == nil)
    }
    #expect(suggestion(for: "kernel", among: []) == nil)
  }

  @Test("of two equally near candidates the first is suggested")
  func tie() {
    #expect(suggestion(for: "bat", among: ["bit", "but"]) == "bit")
  }

  @Test("long names and many candidates take no long time")
  func hostile() {
    let long = String(repeating: "x", count: 1_000_000)
    #expect(suggestion(for: long, among: [String](repeating: "y", count: 100_000)) == nil)
  }
}
