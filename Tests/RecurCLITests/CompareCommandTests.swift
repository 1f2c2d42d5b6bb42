import RecurTestSupport
import Testing

@Suite("recur compare --weights")
struct CompareCommandTests {
  private let model = "testdata/keras3/lstm_last.keras"

  @Test("equal weights end with 0 and a verdict")
  func equal() throws {
    let result = try Tool.run(["compare", "--weights", model, "testdata/keras3/lstm_last.h5"])
    #expect(result.status == 0)
    #expect(result.output.contains("kernel"))
    #expect(result.output.hasSuffix("equal: 3 weights compared\n"))
  }

  @Test("another model ends with 1 and says what differs; JSON has the same")
  func different() throws {
    let other = "testdata/keras3/lstm_stacked_dense.h5"
    let result = try Tool.run(["compare", "--weights", model, other])
    #expect(result.status == 1)
    #expect(result.output.contains("with weights, the second"))
    #expect(result.output.contains("\nother model: "))
    let json = try Tool.run(["compare", "--weights", model, other, "--format", "json"])
    #expect(json.status == 1)
    #expect(json.output.contains("\"verdict\": \"other model\""))
  }

  @Test("a file that can't be read ends with 2, a missing --weights with 64")
  func unusable() throws {
    #expect(try Tool.run(["compare", "--weights", model, "missing.h5"]).status == 2)
    #expect(try Tool.run(["compare", model, model]).status == 64)
    #expect(try Tool.run(["compare", "--weights", model, model, "--atol", "-1"]).status == 64)
  }
}
