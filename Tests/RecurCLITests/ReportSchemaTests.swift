import Foundation
import RecurContainers
import RecurTestSupport
import Testing

@Suite("Reports in JSON are what docs/schema says")
struct ReportSchemaTests {
  @Test(
    "one object, of every command and when it fails",
    arguments: [
      [
        "validate", "testdata/keras3/lstm_last.h5", "--golden",
        "testdata/keras3/lstm_last.golden.npz",
      ],
      ["validate", "testdata/broken/bias_missing.h5", "--ignore", "tensor"],
      [
        "validate", "testdata/keras3/lstm_last.h5", "--golden",
        "testdata/keras3/lstm_unroll_implementation1.golden.npz",
      ],
      ["validate", "testdata/broken", "testdata/keras3", "--goldens", "--select", "tensor,fleet"],
      ["validate"], ["validate", "missing.h5"], ["nonsense"],
      ["inspect", "testdata/keras3/lstm_last.h5"],
      ["inspect", "testdata/torch_modules/select_last_both.pt", "--emit-architecture"],
      ["summary", "testdata/keras3/encoder_decoder.h5"],
      ["run", "testdata/keras3/lstm_last.h5", "--input", "testdata/keras3/lstm_last.golden.npz"],
      ["bench", "testdata/keras3/lstm_last.h5", "--budget", "0.001"],
      ["bench", "testdata/keras3/lstm_last.h5", "--engine", "reference", "--budget", "0.001"],
      [
        "compare", "--weights", "testdata/keras3/lstm_last.h5",
        "testdata/keras3/lstm_stacked_dense.h5",
      ],
      ["compare", "--weights", "testdata/keras3/lstm_last.h5", "testdata/keras3/lstm_last.keras"],
      [
        "diagnose", "testdata/keras3/lstm_last.h5", "--golden",
        "testdata/keras3/lstm_unroll_implementation1.golden.npz",
      ],
      [
        "golden", "audit", "testdata/mistakes/lstm_free_order_iofc.h5",
        "testdata/mistakes/one_timestep.golden.npz",
      ],
      ["golden", "record", "testdata/keras3/missing.h5", "-o", "missing.npz"],
      ["formats"], ["explain", "--list"], ["explain", "verify.mismatch"], ["explain", "no.such"],
    ])
  func object(arguments: [String]) throws {
    let result = try Tool.run(arguments + ["--format", "json"])
    let report = try JSONSchema.parse(result.output)
    #expect(try JSONSchema("report.json").problems(report).isEmpty)
    #expect(report["status"]?.integer == Int(result.status))
    #expect(report["schema_version"]?.integer == 1)
  }

  @Test("convert's object has every tensor") func conversion() throws {
    try TestData.withFolder { folder in
      let model = TestData.path("keras3/masking_lstm_dense.h5")
      let result = try Tool.run(
        ["convert", model, "m.pt", "--module", "m.py", "--format", "json"], in: folder)
      let report = try JSONSchema.parse(result.output)
      #expect(try JSONSchema("report.json").problems(report).isEmpty)
      #expect(report["tensors"]?.array?.count == 6)
    }
  }

  @Test(
    "ndjson has a line for every diagnostic and result, and the summary at last",
    arguments: [
      ["validate", "testdata/broken", "testdata/keras3/lstm_last.h5"],
      ["validate", "testdata/keras3/lstm_last.h5"], ["formats"], ["validate"],
      ["inspect", "testdata/keras3/lstm_last.h5"],
    ])
  func lines(arguments: [String]) throws {
    let result = try Tool.run(arguments + ["--format", "ndjson"])
    let schema = try JSONSchema("report.json")
    let lines = try result.output.split(separator: "\n").map { try JSONSchema.parse(String($0)) }
    for line in lines { #expect(schema.problems(line, as: "line").isEmpty) }
    let summary = try #require(lines.last)
    #expect(summary["type"]?.string == "summary")
    #expect(summary["status"]?.integer == Int(result.status))
    let results = lines.filter { $0["type"]?.string == "result" }
    #expect(summary["files"]?.integer == results.count)
    let errors = lines.filter { $0["severity"]?.string == "error" }
    #expect(summary["errors"]?.integer == errors.count)
  }

  @Test("a report in JSON says the same as one on the terminal") func severities() throws {
    let file = "testdata/broken/all_problems_at_once.h5"
    let text = try Tool.run(["validate", file]).errors
    let json = try JSONSchema.parse(try Tool.run(["validate", file, "--format", "json"]).output)
    let codes = json["diagnostics"]?.array?.compactMap { $0["code"]?.string } ?? []
    #expect(codes.count > 2)
    let heads = text.split(separator: "\n").filter { $0.hasPrefix("error[") }
    #expect(heads.map { $0.split(separator: "]")[0].dropFirst(6) }.map(String.init) == codes)
  }

  @Test("the validator refuses what the schema does not describe") func validator() throws {
    let schema = try JSONSchema("report.json")
    let good = try Tool.run(["explain", "verify.mismatch", "--format", "json"]).output
    for (part, other) in [
      ("\"status\": 0", "\"status\": 3"), ("\"status\": 0", "\"state\": 0"),
      ("\"meaning\"", "\"sense\""), ("\"schema_version\": 1", "\"schema_version\": 2"),
      ("\"diagnostics\": []", "\"diagnostics\": [{\"code\": 1}]"),
    ] {
      let bad = good.replacingOccurrences(of: part, with: other)
      #expect(bad != good)
      #expect(!schema.problems(try JSONSchema.parse(bad)).isEmpty, "\(other)")
    }
  }
}
