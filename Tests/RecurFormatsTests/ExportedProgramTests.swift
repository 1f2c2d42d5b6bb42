import Foundation
import Recur
import RecurTestSupport
import Testing

/// Archives of torch.export, written and recorded by torch (`testdata/generators/gen_exported.py`).
@Suite("Programs of torch.export")
struct ExportedProgramTests {
  static let programs = [
    "cell_loop", "cell_loop_core", "front", "front_core", "learned", "policy", "states", "tagger",
    "tagger_core", "time_first",
  ]

  @Test("compute what torch recorded", arguments: programs)
  func recorded(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("exported/\(name).pt2"))
    let golden = TestData.path("exported/\(name).golden.npz")
    let verification = try checkpoint.verify(golden: golden)
    #expect(!verification.comparisons.isEmpty)
    for comparison in verification.comparisons { #expect(comparison.matches, "\(name)") }
  }

  @Test(
    "what is not supported is named with its place",
    arguments: [
      ("branch", "pytorch.program.unsupported"), ("count", "pytorch.program.unsupported"),
      ("operator", "graph.unsupported"), ("started", "pytorch.program.unsupported"),
      ("training", "graph.unsupported"), ("writes", "pytorch.program.unsupported"),
    ])
  func refused(name: String, code: String) {
    let path = TestData.path("exported/refused/\(name).pt2")
    let finding = expectDiagnostic(code) { _ = try Checkpoint(opening: path) }
    #expect(finding?.location.file == path)
    // A state that begins with other numbers is no node of the program.
    #expect(finding?.location.object?.isEmpty == false || name == "started")
  }

  @Test("a program is a model of Keras, with the numbers of the recording")
  func converted() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("exported/tagger.pt2"))
    try TestData.withFolder { folder in
      let copy = folder.appending(path: "tagger.keras").path(percentEncoded: false)
      _ = try checkpoint.convert(to: copy)
      let verification = try Checkpoint(opening: copy).verify(
        golden: TestData.path("exported/tagger.golden.npz"))
      for comparison in verification.comparisons { #expect(comparison.matches) }
    }
  }
}
