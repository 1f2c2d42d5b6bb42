import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("JSON writer")
struct JSONWriterTests {
  static let values: [JSONValue] = [
    nil, true, false, 0, .integer(.max), .integer(.min), 1.0, -0.5, 1e300,
    .number(.leastNonzeroMagnitude), 0.1, 1e16,
    .number(-0.0), .number(.greatestFiniteMagnitude), "", "a\"b\\c/\n\t\0\u{1F}\u{7F}",
    "é e\u{301}",
    "\u{2028}\u{202E}\u{200B}\u{FEFF}🙂\u{E0001}\u{10FFFF}", [], [:], [[]], [1, "a", [nil]],
    ["b": 1, "a": [["c": [:]]], "": [1, 2], "é": 1, "e\u{301}": 2],
  ]

  @Test("what is written is read back, with and without indentation", arguments: values)
  func roundTrip(value: JSONValue) throws {
    #expect(try JSONParser.parse(TestData.region(Array(value.text.utf8))) == value)
    #expect(try JSONParser.parse(TestData.region(Array(value.indentedText.utf8))) == value)
  }

  @Test("text has no blanks and keeps the order of members")
  func compact() {
    let value: JSONValue = ["b": [1, 2.5, nil], "a": ["x": true]]
    #expect(value.text == #"{"b":[1,2.5,null],"a":{"x":true}}"#)
  }

  @Test("indented text puts members on lines and leaves flat arrays on one")
  func indented() {
    let value: JSONValue = ["shape": [2, 3], "list": [[1], ["a": 1]], "empty": [:], "none": []]
    #expect(
      value.indentedText == """
        {
          "shape": [2,3],
          "list": [
            [1],
            {
              "a": 1
            }
          ],
          "empty": {},
          "none": []
        }
        """)
  }

  @Test(
    "control, bidirectional and line-breaking characters are escaped",
    arguments: [
      ("\"", #""\"""#), ("\\", #""\\""#), ("/", #""/""#), ("\n", #""\u000a""#),
      ("\0", #""\u0000""#),
      ("\u{1B}", #""\u001b""#), ("\u{7F}", #""\u007f""#), ("\u{9B}", #""\u009b""#),
      ("\u{202E}", #""\u202e""#), ("\u{2066}", #""\u2066""#), ("\u{2028}", #""\u2028""#),
      ("\u{E0001}", #""\udb40\udc01""#), ("é🙂", "\"é🙂\""),
    ])
  func escapes(text: String, expected: String) {
    #expect(JSONValue.string(text).text == expected)
    #expect((["\(text)": 0] as JSONValue).text == "{\(expected):0}")
  }

  @Test("numbers that JSON can't hold become strings")
  func notFinite() {
    #expect(([.number(.nan), .number(.infinity)] as JSONValue).text == #"["nan","inf"]"#)
  }

  @Test("values answer only for their own kind")
  func accessors() {
    #expect(JSONValue.integer(3).double == 3 && JSONValue.number(3).integer == nil)
    #expect(JSONValue.string("a").bool == nil && JSONValue.null.isNull)
    #expect((["a": 1] as JSONValue)["b"] == nil && ([1] as JSONValue)["a"] == nil)
    #expect(
      ([nil, true, 1, 1.5, "", [], [:]] as [JSONValue]).map(\.kind) == [
        "null", "a Boolean", "a number", "a number", "a string", "an array", "an object",
      ])
  }

  @Test("an object refuses a second member of one name and changes nothing")
  func objectAppend() {
    var object = JSONObject()
    #expect(object.append("é", 1) && object.append("e\u{301}", 2) && !object.append("é", 3))
    #expect(object.members.map(\.value) == [1, 2])
  }

  @Test("a diagnostic becomes an object with stable members")
  func diagnostic() {
    let diagnostic = Diagnostic(
      .init(rawValue: "a.b"), .warning, "m\n", at: .init(file: "f", bytes: 1..<3), notes: ["n"])
    #expect(
      diagnostic.json.text
        == #"{"code":"a.b","severity":"warning","message":"m\u000a","file":"f","object":null,"#
        + #""bytes":[1,3],"expected":null,"found":null,"reason":null,"hint":null,"fixes":[],"notes":["n"]}"#
    )
  }
}
