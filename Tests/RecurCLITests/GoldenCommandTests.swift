import Foundation
import RecurTestSupport
import Testing

@Suite("recur golden")
struct GoldenCommandTests {
  private let folder = URL(filePath: TestData.path("goldens"))

  @Test("what the lines of docs/goldens.md recorded in the frameworks passes, all recordings of it")
  func frameworks() throws {
    for arguments in [
      ["keras.h5"], ["tf_keras.h5"], ["onnx.onnx"], ["torch.pt", "--architecture", "torch.json"],
    ] {
      let name = arguments[0].split(separator: ".")[0]
      let run = try Tool.run(
        ["validate"] + arguments + ["--golden", "\(name).golden.npz"], in: folder)
      #expect(run.status == 0, "\(run.output)\(run.errors)")
      #expect(run.output.contains("3 recordings"))
      // Only what this program recorded says nothing about the reading.
      #expect(!run.errors.contains("golden.self-recorded"))
    }
  }

  @Test("a recording passes, is not overwritten, and fails when the model changes")
  func record() throws {
    try TestData.withFolder { scratch in
      for name in ["keras.h5", "torch.pt", "torch.json"] {
        try FileManager.default.copyItem(
          at: folder.appending(path: name), to: scratch.appending(path: name))
      }
      let command = ["golden", "record", "keras.h5", "-o", "g.npz", "--traces"]
      #expect(try Tool.run(command, in: scratch).status == 0)
      #expect(try Tool.run(command, in: scratch).status == 2)
      let check = try Tool.run(["validate", "keras.h5", "--golden", "g.npz"], in: scratch)
      #expect(check.status == 0)
      #expect(check.errors.contains("note[golden.self-recorded]"))
      // A conversion is proved by it.
      #expect(try Tool.run(["convert", "keras.h5", "copy.keras"], in: scratch).status == 0)
      #expect(
        try Tool.run(["validate", "copy.keras", "--golden", "g.npz"], in: scratch).status == 0)
      let audit = try Tool.run(["golden", "audit", "keras.h5", "g.npz"], in: scratch)
      #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
      let wrong = try Tool.run(["golden", "record", "keras.h5", "-o", "g.txt"], in: scratch)
      #expect(wrong.status == 64)
    }
  }

  @Test("a recording that hides mistakes is told with what it needs")
  func weak() throws {
    let mistakes = URL(filePath: TestData.path("mistakes"))
    let audit = try Findings.of(
      ["golden", "audit", "lstm_free_order_iofc.h5", "one_timestep.golden.npz"], in: mistakes)
    #expect(audit.status == 1)
    let finding = try #require(audit["golden.weak"].first)
    #expect(finding.severity == "warning")
    #expect(finding.expected?.contains("three timesteps or more") == true)
  }

  @Test(
    "what was taken of a sequence is named",
    arguments: [
      ("first", "the first timestep of"), ("mean", "the mean of the timesteps of"),
      ("maximum", "the maximum of the timesteps of"),
      ("states", "the final states of both directions of"),
      ("exchanged", "the backward one first"), ("below", "the final state of"),
      ("cell", "the final cell state of"), ("every", "every timestep of"),
    ])
  func selections(name: String, claim: String) throws {
    let arguments = [
      "taken.pt", "--architecture", "taken.json", "--golden", "taken_\(name).golden.npz",
    ]
    let findings = try Findings.of(["diagnose"] + arguments, in: folder)
    let errors = findings.diagnostics.filter { $0.severity == "error" }
    #expect(errors.map(\.code) == ["verify.likely.selection"])
    #expect(errors.first?.expected?.contains(claim) == true, "\(errors.first?.expected ?? "")")
    #expect(findings.status == 1)
  }

  @Test("scaled inputs and weights exchanged in part are named")
  func others() throws {
    let scaled = try Findings.of(
      [
        "diagnose", "taken.pt", "--architecture", "taken.json", "--golden",
        "taken_scaled.golden.npz",
      ], in: folder)
    #expect(scaled["verify.likely.input-scale"].first?.found == "x / 255")
    let exchanged = try Findings.of(
      [
        "diagnose", "stack_upper.pt", "--architecture", "stack_upper.json", "--golden",
        "stack_upper.golden.npz",
      ], in: folder)
    let finding = try #require(exchanged["verify.likely.layer-order"].first)
    #expect(finding.message.hasPrefix("the recurrent kernels and the biases of"))
  }
}
