import RecurContainers
import RecurTensors
import RecurTestSupport
import Testing

@Suite("TOML")
struct TOMLParserTests {
  private func parse(_ text: String) throws -> String {
    try TOMLParser.parse(ByteRegion(ByteStorage(copying: Array(text.utf8)))).text
  }

  @Test("tables, arrays of tables and values of every kind become the values of JSON")
  func values() throws {
    #expect(
      try parse(
        """
        # a comment
        text = "a\\tb\\u00e9\\"" # another
        literal = 'C:\\n'
        long = \"\"\"
        one
          two \\
            three\"\"\"
        number = -1_000
        real = 6.5e-3
        yes = true
        list = [1, [2, 3], # inside
          "x",
        ]
        inline = { a.b = 1, "c d" = [] }
        [table.inner]
        key.part = 1
        [table]
        other = false
        [[files]]
        path = "a"
        [[files]]
        path = "b"
        [files.sub]
        x = 0
        """)
        == #"{"text":"a\u0009bé\"","literal":"C:\\n","long":"one\u000a  two three","number":-1000,"#
        + #""real":0.0065,"yes":true,"list":[1,[2,3],"x"],"inline":{"a":{"b":1},"c d":[]},"#
        + #""table":{"inner":{"key":{"part":1}},"other":false},"#
        + #""files":[{"path":"a"},{"path":"b","sub":{"x":0}}]}"#)
  }

  @Test(
    "what is no TOML is refused",
    arguments: [
      "a", "a =", "a = 1 b = 2", "a = 01", "a = 1__", "a = 1.", "a = 1979-05-27", "a = nan",
      "a = \"x", "a = \"\\q\"", "a = \"\\u12\"", "a = [1", "a = {b = 1", "[a", "[a]\n[a]",
      "a = 1\na = 2", "a = 1\na.b = 2", "a = 1\n[[a]]", "[[a]]\n[a]\n[a]", "= 1", "a = 'x\ny'",
      "a = 99999999999999999999e999", "a = \"\"\"x",
    ])
  func refused(_ text: String) {
    expectDiagnostic("toml.syntax") { _ = try parse(text) }
  }

  @Test("depth is bounded, and every cut of a text ends") func bounds() {
    let deep = "a = " + String(repeating: "[", count: 100_000)
    expectDiagnostic("toml.syntax") { _ = try parse(deep) }
    let whole = Array("[[a.b]]\nc = [{d = \"\\u0041\"}, '''x''']\ne = 1.5 # f\n".utf8)
    for count in 1..<whole.count {
      _ = try? TOMLParser.parse(ByteRegion(ByteStorage(copying: Array(whole[..<count]))))
    }
  }
}
