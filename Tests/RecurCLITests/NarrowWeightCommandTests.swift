import Foundation
import RecurTestSupport
import Testing

@Suite("--weights, --keep-float32, --budget")
struct NarrowWeightCommandTests {
  private let folder = URL(filePath: TestData.path("keras3"))
  private let validation = [
    "validate", "lstm_stacked_dense.h5", "--golden", "lstm_stacked_dense.golden.npz",
  ]

  private struct Report: Decodable {
    struct Narrow: Decodable {
      struct Output: Decodable { let difference: Double }
      let layers: [String]
      let packedBytes: Int
      let outputs: [Output]
    }
    let narrow: Narrow
  }

  private func narrow(_ arguments: [String]) throws -> Report.Narrow {
    let result = try Tool.run(validation + arguments + ["--format", "json"], in: folder)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(result.output.utf8)).narrow
  }

  @Test("validate says how far outputs move, and each type moves them less than a narrower one")
  func movement() throws {
    let (half, brain, whole) = (
      try narrow(["--weights", "float16"]), try narrow(["--weights", "bfloat16"]),
      try narrow(["--weights", "int8"])
    )
    #expect(half.outputs[0].difference < brain.outputs[0].difference)
    #expect(half.outputs[0].difference > 1e-7)
    #expect(brain.outputs[0].difference <= 5e-3)
    #expect(whole.outputs[0].difference > 1e-5 && whole.outputs[0].difference <= 3e-2)
    #expect(whole.packedBytes <= brain.packedBytes)
  }

  @Test("a budget is enforced, and the layers to keep are named") func budget() throws {
    let moved = try narrow(["--weights", "int8"])
    let size = moved.outputs[0].difference
    let kept = try Findings.of(
      validation + ["--weights", "int8", "--budget", "\(size * 1.01)"], in: folder)
    #expect(kept.status == 0)
    let broken = try Findings.of(
      validation + ["--weights", "int8", "--budget", "\(size * 0.9)"], in: folder)
    #expect(broken.status == 1)
    let finding = try #require(broken["verify.budget"].first)
    let fixes = finding.fixes(in: "Recur")
    #expect(!fixes.isEmpty)
    // What is advised keeps the budget.
    let advised = fixes.flatMap { $0.split(separator: " ").suffix(2).map(String.init) }
    #expect(advised.first == "--keep-float32", "\(fixes)")
    let again = try Findings.of(
      validation + ["--weights", "int8", "--budget", "\(size * 0.9)"] + advised, in: folder)
    #expect(again.status == 0, "\(advised)")
  }

  @Test("run and bench hold weights as they are told") func others() throws {
    let run = ["run", "lstm_last.h5", "--input", "lstm_last.golden.npz", "--format", "json"]
    let wide = try Tool.run(run, in: folder)
    let narrow = try Tool.run(run + ["--weights", "int8"], in: folder)
    #expect(narrow.status == 0 && narrow.output != wide.output)
    #expect(try Tool.run(run + ["--weights", "float32"], in: folder).output == wide.output)
    let bench = try Tool.run(
      ["bench", "lstm_last.h5", "--budget", "0.01", "--weights", "bfloat16"], in: folder)
    #expect(bench.output.contains("bfloat16 in "))
  }

  @Test("options that say nothing together are wrong usage")
  func usage() throws {
    for arguments in [
      ["run", "lstm_last.h5", "--input", "x.npy", "--weights", "int8", "--engine", "reference"],
      ["validate", "lstm_last.h5", "--weights", "int8"],
      validation + ["--budget", "1e-2"], validation + ["--keep-float32", "lstm"],
      ["run", "lstm_last.h5", "--input", "x.npy", "--weights", "int4"],
    ] {
      #expect(try Tool.run(arguments, in: folder).status == 64, "\(arguments)")
    }
  }
}
