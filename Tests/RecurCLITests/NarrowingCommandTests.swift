import Foundation
import RecurTestSupport
import Testing

@Suite("recur convert --dtype")
struct NarrowingCommandTests {
  private let folder = URL(filePath: TestData.path("mistakes"))

  // torch 2.13: dense.weight.half() has 3 infinities, lstm.weight_hh_l0.half() has 3 new zeros, and neither
  // says a word; .bfloat16() has no infinities (testdata/generators/gen_classic_mistakes.py).
  @Test("numbers that do not fit are an error, nothing is written, and both fixes work")
  func overflow() throws {
    try TestData.withFolder { scratch in
      let target = scratch.appending(path: "small.safetensors").path(percentEncoded: false)
      let findings = try Findings.of(
        "convert", "classic_wide.pt", target, "--dtype", "float16")
      #expect(findings.status == 1)
      #expect(!FileManager.default.fileExists(atPath: target))
      let overflow = try #require(findings["tensor.overflow"].first)
      #expect(findings["tensor.overflow"].count == 1)
      #expect(
        overflow.message
          == "3 of 160 values of 'dense.weight' do not fit float16 and would become infinite")
      #expect(overflow.expected == "|x| ≤ 6.5504e+04")
      #expect(overflow.found == "max |x| 7.0e+04")
      let command = "recur convert classic_wide.pt \(target) --dtype"
      #expect(
        overflow.fixes(in: "Recur")
          == ["\(command) bfloat16", "\(command) float16 --keep-float32 dense"])
      let underflow = try #require(findings["tensor.underflow"].first)
      #expect(underflow.severity == "warning")
      #expect(underflow.message == "3 of 1600 values of 'lstm.weight_hh_l0' become 0 in float16")
      #expect(underflow.expected == "0 or |x| > 3.0e-08")
      #expect(underflow.found == "min |x| 1.0e-08")
      for fix in overflow.fixes(in: "Recur") {
        let result = try Tool.shell(fix + " --force", in: folder)
        #expect(result.status == 0, "\(fix): \(result.errors)")
        #expect(result.output.contains("; rounded to"))
      }
      let inspected = try Tool.run(["inspect", target])
      #expect(inspected.output.contains("dense.weight       [8, 20]   float32"))
      #expect(inspected.output.contains("lstm.weight_hh_l0  [80, 20]  float16"))
    }
  }

  @Test("validate --dtype checks the same and writes nothing") func checksOnly() throws {
    let findings = try Findings.of("validate", "classic_wide.pt", "--dtype", "float16")
    #expect(findings.status == 1)
    #expect(
      findings["tensor.overflow"].first?.fixes(in: "Recur")
        == ["recur validate classic_wide.pt --dtype bfloat16"])
    #expect(try Findings.of("validate", "classic_wide.pt", "--dtype", "bfloat16").status == 0)
    #expect(
      try Findings.of("validate", "classic_wide.pt", "--dtype", "float32").diagnostics.allSatisfy {
        !$0.code.hasPrefix("tensor.") && $0.code != "convert.narrowed"
      })
  }

  @Test(
    "how far the outputs move is said: by weights, and by computing",
    arguments: [
      ("keras", "float16"), ("h5", "float16"), ("safetensors", "float16"), ("pt", "bfloat16"),
      ("keras", "bfloat16"),
    ])
  func movement(_ ending: String, _ type: String) throws {
    try TestData.withFolder { scratch in
      let target = scratch.appending(path: "small.\(ending)").path(percentEncoded: false)
      let findings = try Findings.of("convert", "lstm.h5", target, "--dtype", type)
      #expect(findings.status == 0)
      let note = try #require(findings["convert.narrowed"].first)
      #expect(note.severity == "note")
      #expect(note.notes.count == 2)
      #expect(note.message.contains("random input of 6 timesteps"))
      // 16 bits move outputs, and not by much.
      let checked = try Tool.run(
        ["validate", target, "--golden", "lstm.golden.npz", "--atol", "2e-2"]
          + (ending == "keras" || ending == "h5" ? [] : ["--architecture", "lstm.h5"]), in: folder)
      #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
      let strict = try Tool.run(
        ["validate", target, "--golden", "lstm.golden.npz", "--atol", "1e-6"]
          + (ending == "keras" || ending == "h5" ? [] : ["--architecture", "lstm.h5"]), in: folder)
      #expect(strict.status == 1)
    }
  }

  @Test("what can't be kept, and an exception without a type, are refused") func refusals() throws {
    let unknown = try Findings.of(
      "convert", "classic_wide.pt", "never.pt", "--dtype", "float16", "--keep-float32", "dens")
    #expect(unknown["model.layer.unknown"].first?.hint == "did you mean 'dense'?")
    let usage = ["convert", "lstm.h5", "never.pt", "--keep-float32", "rnn"]
    #expect(try Tool.run(usage, in: folder).status == 64)
    #expect(
      try Tool.run(["convert", "lstm.h5", "never.pt", "--dtype", "int8"], in: folder).status == 64)
    #expect(
      !FileManager.default.fileExists(atPath: folder.path(percentEncoded: false) + "/never.pt"))
  }
}
