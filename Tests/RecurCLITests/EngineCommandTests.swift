import Foundation
import RecurTestSupport
import Testing

@Suite("--engine, --kernels, --threads")
struct EngineCommandTests {
  private let folder = URL(filePath: TestData.path("keras3"))

  private struct Outputs: Decodable {
    struct Output: Decodable { let values: [Double] }

    let outputs: [Output]
  }

  /// The numbers of all outputs of `recur run`.
  private func numbers(_ arguments: [String], in folder: URL? = nil) throws -> [Double] {
    let result = try Tool.run(
      ["run"] + arguments + ["--format", "json"], in: folder ?? self.folder)
    #expect(result.status == 0, "\(arguments): \(result.output)")
    let outputs = try JSONDecoder().decode(Outputs.self, from: Data(result.output.utf8)).outputs
    return outputs.flatMap(\.values)
  }

  @Test(
    "the engine serves: float32 numbers next to those of the reference",
    arguments: ["lstm_last", "attentions_masked", "activation_layers"])
  func serves(name: String) throws {
    let call = ["\(name).h5", "--input", "\(name).golden.npz"]
    let reference = try numbers(call + ["--engine", "reference"])
    let chosen = try numbers(call)
    #expect(chosen == (try numbers(call + ["--engine", "fast"])))
    #expect(chosen.allSatisfy { Double(Float($0)) == $0 })
    #expect(chosen.count == reference.count)
    for (one, other) in zip(chosen, reference) {
      #expect((one - other).magnitude <= 2e-6 * max(1, other.magnitude))
    }
  }

  @Test("every number of threads gives the same bits; plain C is an engine everywhere")
  func choices() throws {
    let call = ["lstm_last.h5", "--input", "lstm_last.golden.npz"]
    #expect(try numbers(call + ["--threads", "2"]) == numbers(call))
    let plain = try numbers(call + ["--kernels", "scalar"])
    let reference = try numbers(call + ["--engine", "reference"])
    #expect(plain != reference)
    for (one, other) in zip(plain, reference) { #expect((one - other).magnitude <= 2e-6) }
  }

  @Test("pieces of a sequence give on the engine what the whole gives, to the bit")
  func pieces() throws {
    let folder = URL(filePath: TestData.path("questions"))
    let call = ["lstm.pt", "--architecture", "lstm.json", "--input", "x_12.npy"]
    for chunk in ["1", "5", "100"] {
      #expect(
        try numbers(call + ["--chunk", chunk], in: folder) == numbers(call, in: folder), "\(chunk)")
    }
  }

  @Test("a model in float64 is the reference's, and the engine refuses it by name")
  func float64() throws {
    let call = ["float64_lstm.h5", "--input", "float64_lstm.golden.npz"]
    #expect(try numbers(call) == numbers(call + ["--engine", "reference"]))
    let refused = try Findings.of(["run"] + call + ["--engine", "fast"], in: folder)
    #expect(refused.status == 2 || refused.status == 1)
    let finding = try #require(refused["engine.precision"].first)
    #expect(
      finding.fixes(in: "Recur")
        == ["recur run float64_lstm.h5 --input float64_lstm.golden.npz --engine reference"])
  }

  @Test("validate judges the numbers of the engine it is told")
  func validate() throws {
    let folder = URL(filePath: TestData.path("mistakes"))
    for engine in [["--engine", "fast"], ["--engine", "reference"], ["--kernels", "scalar"]] {
      let right = ["validate", "classic.pt", "--golden", "classic.golden.npz"] + engine
      #expect(try Findings.of(right, in: folder).status == 0, "\(engine)")
      let wrong =
        ["validate", "bidirectional_exchanged.h5", "--golden", "bidirectional.golden.npz"] + engine
      let findings = try Findings.of(wrong, in: folder)
      #expect(findings.status == 1)
      #expect(!findings["verify.mismatch"].isEmpty)
    }
  }

  @Test("diagnose names the same mistake whatever finds out what is far off")
  func diagnose() throws {
    let folder = URL(filePath: TestData.path("mistakes"))
    let call = [
      "diagnose", "bidirectional_order_icfo.h5", "--golden", "bidirectional.golden.npz",
    ]
    let reference = try Findings.of(call + ["--engine", "reference"], in: folder)
    #expect(reference.status == 1)
    for engine in [[], ["--engine", "fast"], ["--kernels", "scalar"], ["--threads", "2"]] {
      let found = try Findings.of(call + engine, in: folder)
      #expect(found.diagnostics.map(\.message) == reference.diagnostics.map(\.message))
      #expect(found.diagnostics.map(\.code) == reference.diagnostics.map(\.code))
    }
  }

  @Test(
    "what can't be meant is refused",
    arguments: [
      ["run", "lstm_last.h5", "--input", "x.npy", "--engine", "reference", "--threads", "2"],
      ["run", "lstm_last.h5", "--input", "x.npy", "--kernels", "none"],
      ["run", "lstm_last.h5", "--input", "x.npy", "--threads", "0"],
      ["validate", "lstm_last.h5", "--engine", "fast"],
    ])
  func refusals(arguments: [String]) throws {
    #expect(try Tool.run(arguments, in: folder).status == 64)
  }
}
