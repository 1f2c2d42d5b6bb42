import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("JSON parser")
struct JSONParserTests {
  private func parse(
    _ text: String, allowsPythonNumbers: Bool = false, limits: DecodeLimits = .init()
  ) throws -> JSONValue {
    try JSONParser.parse(
      TestData.region(Array(text.utf8)), allowsPythonNumbers: allowsPythonNumbers, limits: limits)
  }

  @Test(
    "accepted texts have their value",
    arguments: [
      ("null", nil), ("true", true), (" \t\r\n false \n", false), ("\"\"", ""), ("0", 0),
      ("-1", -1), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("9223372036854775808", .number(0x1p63)), ("1.0", 1.0), ("1e2", 100.0), ("1E+2", 100.0),
      ("1e-2", 0.01), ("-0.5e1", -5.0), ("0.1", 0.1), ("1e-999", 0.0),
      ("5e-324", .number(.leastNonzeroMagnitude)),
      ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)), ("[]", []), ("[ ]", []),
      ("{}", [:]), ("{ }", [:]), ("[1,[2],{}]", [1, [2], [:]]),
      ("{\"a\":1,\"b\":[null]}", ["a": 1, "b": [nil]]), ("{\"\":0}", ["": 0]),
      (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "Aéé"),
      (#""\ud83d\ude42""#, "🙂"), (#""\uD800\uDC00""#, "\u{10000}"),
      (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0000""#, "\0"), ("\"é日🙂\u{7F}\"", "é日🙂\u{7F}"),
    ] as [(String, JSONValue)])
  func accepted(text: String, value: JSONValue) throws {
    #expect(try parse(text) == value)
  }

  @Test(
    "refused texts are syntax errors",
    arguments: [
      "", " ", "nul", "nulll", "True", "tru", "NaN", "Infinity", "-Infinity", "+1", "01", "-01",
      "-", ".5", "1.", "1.e2", "1e", "1e+", "1e999", "-1e999", "0x10", "1_000", "١", "'a'", "\"",
      "\"a", "\"a\nb\"", "\"\t\"", "\"\0\"", #""\"#, #""\x41""#, #""\u""#, #""\u12""#, #""\u123g""#,
      #""\u+123""#, #""\ud800""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\u0041""#,
      #""\ud800\ud800""#, #""\udc00""#, "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "[1}", "{",
      "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}", "{1:1}",
      "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":}", "1 2", "[] []", "null,", "/**/1", "1//", "1\0",
      "\u{FEFF}1", "\u{A0}1", "\u{C}1",
    ])
  func refused(text: String) {
    expectDiagnostic("json.syntax") { try parse(text) }
  }

  @Test(
    "strings that are not UTF-8 are refused",
    arguments: [
      [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
      [0xE2, 0x82],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) {
    expectDiagnostic("json.syntax") {
      try JSONParser.parse(TestData.region([0x22] + bytes + [0x22]))
    }
  }

  @Test("a name that appears twice is refused, at the second place")
  func duplicateName() {
    let diagnostic = expectDiagnostic("json.duplicate-key") { try parse(#"{"a":1, "a":2}"#) }
    #expect(diagnostic?.message == "the name 'a' appears twice, at bytes 1 and 8")
    #expect(diagnostic?.location.bytes == 8..<11)
    expectDiagnostic("json.duplicate-key") { try parse(#"{"a":1,"b":2,"\u0061":3}"#) }
    expectDiagnostic("json.duplicate-key") { try parse(#"[{"x":{"":1,"":1}}]"#) }
  }

  @Test("names that only look equal are two names")
  func canonicallyEqualNames() throws {
    let value = try parse("{\"é\":1,\"e\u{301}\":2}")
    #expect(value.object?.members.count == 2)
    #expect(value["é"] == 1)
    #expect(value["e\u{301}"] == 2)
  }

  @Test("members keep their order")
  func order() throws {
    #expect(try parse(#"{"b":1,"a":2,"c":3}"#).object?.names == ["b", "a", "c"])
  }

  @Test("nesting is accepted at the limit and refused one deeper", arguments: [1, 2, 128])
  func depth(limit: Int) throws {
    var limits = DecodeLimits()
    limits.nesting = limit
    func arrays(_ count: Int) -> String {
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    func objects(_ count: Int) -> String {
      String(repeating: "{\"a\":", count: count) + "0" + String(repeating: "}", count: count)
    }
    #expect(try parse(arrays(limit), limits: limits).array != nil)
    #expect(try parse(objects(limit), limits: limits).object != nil)
    expectDiagnostic("json.depth") { try parse(arrays(limit + 1), limits: limits) }
    expectDiagnostic("json.depth") { try parse(objects(limit + 1), limits: limits) }
  }

  @Test("a hundred thousand open brackets are refused, not recursed into")
  func deepBomb() {
    expectDiagnostic("json.depth") { try parse(String(repeating: "[", count: 100_000)) }
    expectDiagnostic("json.depth") { try parse(String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test("siblings do not count as nesting")
  func siblings() throws {
    var limits = DecodeLimits()
    limits.nesting = 2
    #expect(try parse("[[],[],[],{},{}]", limits: limits).array?.count == 5)
  }

  @Test("sizes and values are counted against their limits")
  func limits() throws {
    var limits = DecodeLimits()
    limits.jsonBytes = 9
    limits.jsonValues = 5
    #expect(try parse("[1,2,3,4]", limits: limits).array?.count == 4)
    expectDiagnostic("bytes.limit-exceeded") { try parse("[1,2,3,4] ", limits: limits) }
    limits.jsonBytes = 100
    expectDiagnostic("bytes.limit-exceeded") { try parse("[1,2,3,4,5]", limits: limits) }
  }

  @Test("Python's numbers are read when they are allowed")
  func pythonNumbers() throws {
    func number(_ text: String) throws -> Double? {
      try parse(text, allowsPythonNumbers: true).double
    }
    #expect(try number("NaN")?.isNaN == true)
    #expect(try number("Infinity") == .infinity)
    #expect(try number("-Infinity") == -.infinity)
    #expect(try number("-1") == -1)
    for text in ["nan", "-NaN", "+Infinity", "Inf", "-Inf", "Infinit", "NaNN", "infinity"] {
      expectDiagnostic("json.syntax") { try number(text) }
    }
  }

  @Test("an error says what was needed, what was found and where")
  func message() {
    let diagnostic = expectDiagnostic("json.syntax") { try parse("{\"a\" 1}") }
    #expect(diagnostic?.message == "JSON needs ':' at offset 5")
    #expect(diagnostic?.expected == "':'")
    #expect(diagnostic?.found == "'1'")
    #expect(diagnostic?.location.bytes == 5..<6)
    let ended = expectDiagnostic("json.syntax") { try parse("[1,") }
    #expect(ended?.message == "JSON needs a value at offset 3")
    #expect(ended?.found == "the end of the text")
  }

  @Test(
    "an error gives the offset of the byte that is wrong",
    arguments: [
      ("nope", 0), ("  x", 2), ("[1 2]", 3), ("[1,]", 3), ("{\"a\":1,}", 7), ("{1}", 1), ("1.x", 2),
      ("1ex", 2), ("1 2", 2), ("\"\\u12g4\"", 3), ("\"ab", 3),
    ])
  func offsets(text: String, offset: Int) {
    let diagnostic = expectDiagnostic("json.syntax") { try parse(text) }
    #expect(diagnostic?.message.hasSuffix(" at offset \(offset)") == true)
  }

  @Test(
    "a wrong byte inside a string is given by its own offset, not by the next one's",
    arguments: [("\"a\u{1}b\"", 2), ("\"a\nb\"", 2), ("\"a\\xb\"", 3)])
  func offsetsInStrings(text: String, offset: UInt64) {
    let diagnostic = expectDiagnostic("json.syntax") { try parse(text) }
    #expect(diagnostic?.location.bytes == offset..<offset + 1)
  }

  @Test("the location counts from the start of the file")
  func locationInFile() throws {
    let file = TestData.region(Array("####[1 2]".utf8))
    let diagnostic = expectDiagnostic("json.syntax") {
      try JSONParser.parse(try file.suffix(from: 4))
    }
    #expect(diagnostic?.location.bytes == 7..<8)
  }

  @Test("every prefix of a text is refused, every change of a byte is refused or read")
  func mutations() throws {
    let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
    for count in 0..<text.count {
      expectDiagnostic("json.syntax") {
        try JSONParser.parse(TestData.region(Array(text[..<count])))
      }
    }
    for index in text.indices {
      var changed = text
      for byte in UInt8.min...UInt8.max {
        changed[index] = byte
        _ = try? JSONParser.parse(TestData.region(changed), allowsPythonNumbers: true)
      }
    }
  }
}
