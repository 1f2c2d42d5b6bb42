import RecurContainers
import RecurTestSupport
import Testing

@Suite("RecurBenchmarks")
struct BenchmarkToolTests {
  private func run(_ words: String) throws -> Tool.Result {
    try Tool.shell("RecurBenchmarks \(words)", in: TestData.root)
  }

  @Test("forward prints one object with the case in its row", arguments: ["lstm", "gru"])
  func forward(cell: String) throws {
    let result = try run("forward --json --threads 2 --case \(cell),3,8,2,4 --budget 0.001")
    #expect(result.status == 0)
    let report = try JSONSchema.parse(result.output)
    #expect(report["threads"] == 2)
    #expect(report["kernels"]?.string?.isEmpty == false)
    let row = try #require(report["rows"]?.array?.first)
    #expect(report["rows"]?.array?.count == 1)
    #expect(row["cell"]?.string == cell)
    #expect([row["I"], row["H"], row["B"], row["T"]] == [3, 8, 2, 4])
    #expect(try #require(row["us"]?.double) > 0)
  }

  @Test("models prints one object with the model in its row")
  func models() throws {
    let result = try run("models --json --model signal,1 --budget 0.001")
    #expect(result.status == 0)
    let row = try #require(JSONSchema.parse(result.output)["rows"]?.array?.first)
    #expect(row["model"] == "signal")
    #expect(row["batch"] == 1)
    #expect(try #require(row["us"]?.double) > 0)
  }

  @Test("weights prints a row for every cell, width and type")
  func weights() throws {
    let result = try run("weights --json --budget 0.001")
    #expect(result.status == 0)
    let rows = try #require(JSONSchema.parse(result.output)["rows"]?.array)
    #expect(rows.count == 2 * 4 * 4)
    let bytes = rows.prefix(4).compactMap { $0["bytes"]?.double }
    #expect(bytes == bytes.sorted(by: >) && Set(bytes).count == 3)
    #expect(rows.allSatisfy { ($0["us"]?.double ?? 0) > 0 })
  }

  @Test(
    "refuses what it does not know, and says how it is used",
    arguments: [
      "", "sideways", "forward --case lstm,1,8", "forward --threads 0", "steps --case lstm,1,8,1,4",
      "forward --kernels mmx", "models --model crnn", "forward --model crnn,1", "machine --fast",
    ])
  func usage(words: String) throws {
    let result = try run(words)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains("usage: RecurBenchmarks"))
  }
}
