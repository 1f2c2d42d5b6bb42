import Foundation
import RecurTestSupport
import Testing

/// The cases in `testdata/mistakes/cases.json`: files of Keras and PyTorch with one mistake each,
/// and the expected finding (`testdata/generators/gen_mistakes.py`).
struct MistakeCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Expectation: Decodable, Sendable {
    let code: String
    let claim: String?
    let found: String?
    let expected: String?
    let reason: String?
  }

  let file: String
  let golden: String
  let architecture: String?
  let expects: Expectation

  var testDescription: String { "\(file) with \(golden)" }

  static let all: [MistakeCase] = {
    guard let data = try? Data(contentsOf: URL(filePath: TestData.path("mistakes/cases.json"))),
      let cases = try? JSONDecoder().decode([MistakeCase].self, from: data)
    else { fatalError("testdata/mistakes/cases.json can't be read") }
    return cases
  }()

  var arguments: [String] {
    [file, "--golden", golden] + (architecture.map { ["--architecture", $0] } ?? [])
  }
}

@Suite("recur diagnose")
struct DiagnoseCommandTests {
  private let folder = URL(filePath: TestData.path("mistakes"))

  @Test("there are cases of every cell and every kind of mistake") func coverage() {
    #expect(MistakeCase.all.count >= 67)
    #expect(Set(MistakeCase.all.map(\.expects.code)).count == 20)
  }

  @Test("the verifier fails and points at diagnose", arguments: MistakeCase.all)
  func verifierFails(_ mistake: MistakeCase) throws {
    let findings = try Findings.of(["validate"] + mistake.arguments, in: folder)
    #expect(findings.status == 1)
    let mismatches = findings["verify.mismatch"]
    #expect(!mismatches.isEmpty || !findings["verify.shape"].isEmpty)
    for mismatch in mismatches {
      let commands = mismatch.fixes(in: "Recur")
      #expect(commands.count == 1 && commands[0].hasPrefix("recur diagnose \(mistake.file)"))
      #expect(commands.first?.hasSuffix("--golden \(mistake.golden)") == true)
    }
  }

  @Test("the mistake is named, with expectation, finding and fix", arguments: MistakeCase.all)
  func named(_ mistake: MistakeCase) throws {
    let findings = try Findings.of(["diagnose"] + mistake.arguments, in: folder)
    #expect(findings.status == 1)
    let errors = findings.diagnostics.filter { $0.severity == "error" }
    let finding = try #require(errors.first)
    #expect(errors.count == 1)
    #expect(finding.code == mistake.expects.code)
    let message = finding.message
    if let claim = mistake.expects.claim { #expect(message.contains(claim), "\(message)") }
    if let found = mistake.expects.found { #expect(finding.found?.contains(found) == true) }
    if let expected = mistake.expects.expected { #expect(finding.expected == expected) }
    if let reason = mistake.expects.reason { #expect(finding.reason?.contains(reason) == true) }
    #expect(!finding.fixes.isEmpty)
  }

  @Test(
    "what is repaired computes what was recorded",
    arguments: MistakeCase.all.filter {
      $0.file.hasSuffix(".h5") && $0.expects.code.hasPrefix("verify.likely.")
        && !["rounding", "mask", "initial-state", "axes"].contains(
          String($0.expects.code.dropFirst("verify.likely.".count)))
    })
  func repaired(_ mistake: MistakeCase) throws {
    try TestData.withFolder { scratch in
      let fixed = scratch.appending(path: "fixed.h5").path(percentEncoded: false)
      let findings = try Findings.of(
        ["diagnose"] + mistake.arguments + ["--write", fixed], in: folder)
      #expect(findings.status == 0)
      #expect(findings[mistake.expects.code].map(\.severity) == ["warning"])
      #expect(
        findings[mistake.expects.code].first?.fixes(in: "Recur").first
          == "recur diagnose \(mistake.file) --golden \(mistake.golden) --write fixed.h5")
      let check = try Tool.run(["validate", fixed, "--golden", mistake.golden], in: folder)
      #expect(check.status == 0, "\(check.output)\(check.errors)")
    }
  }

  @Test("a model that computes what was recorded is no finding, and nothing is written")
  func matches() throws {
    try TestData.withFolder { scratch in
      let target = scratch.appending(path: "fixed.h5").path(percentEncoded: false)
      let result = try Tool.run(
        ["diagnose", "lstm.h5", "--golden", "lstm.golden.npz", "--write", target], in: folder)
      #expect(result.status == 0)
      #expect(result.output.hasSuffix("matches\n"))
      #expect(!FileManager.default.fileExists(atPath: target))
    }
  }

  @Test("a repair that is none is refused by name, and nothing is written")
  func notRepaired() throws {
    try TestData.withFolder { scratch in
      for (file, golden, ending) in [
        ("lstm_other_weights.h5", "lstm", "h5"), ("lstm_free_order_iofc.h5", "one_timestep", "h5"),
        ("masked.h5", "unmasked", "h5"), ("lstm_float16.h5", "lstm", "h5"),
        // A state dict of a GRU has no activations, so writing it would repair nothing.
        ("gru_hard_sigmoid.h5", "gru", "pt"),
      ] {
        let target = scratch.appending(path: "fixed.\(ending)").path(percentEncoded: false)
        let findings = try Findings.of(
          ["diagnose", file, "--golden", "\(golden).golden.npz", "--write", target], in: folder)
        #expect(findings.status == 1, "\(file)")
        #expect(findings["verify.not-repaired"].count == 1, "\(file)")
        #expect(!FileManager.default.fileExists(atPath: target))
      }
    }
  }

  @Test("wrong usage ends with 64, an output in the way with 2") func usage() throws {
    let wrong = ["diagnose", "lstm.h5", "--golden", "lstm.golden.npz", "--to", "keras"]
    #expect(try Tool.run(wrong, in: folder).status == 64)
    let taken = ["diagnose", "lstm.h5", "--golden", "lstm.golden.npz", "--write", "lstm.h5"]
    #expect(try Tool.run(taken, in: folder).status == 2)
  }
}
