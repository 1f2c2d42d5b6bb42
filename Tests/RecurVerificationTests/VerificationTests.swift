import Recur
import RecurTestSupport
import Testing

@Suite("A model held against a recording")
struct VerificationTests {
  private func verify(_ golden: String) throws -> Verification {
    try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
      .verify(golden: TestData.path("keras3/\(golden).golden.npz"))
  }

  @Test("prints its verdicts") func matching() throws {
    let verification = try verify("lstm_last")
    #expect(verification.findings.isEmpty)
    let line = verification.description
    #expect(line.hasPrefix("out_0  [2, 4]  max |diff| ") && line.hasSuffix(" (derived)  PASS"))
  }

  @Test("prints what is wrong, with the recording's name and no flag of a command")
  func mismatch() throws {
    let verification = try verify("lstm_unroll_implementation1")
    let finding = try #require(verification.findings.first)
    #expect(finding.code.rawValue == "verify.mismatch")
    #expect(finding.location.file?.hasSuffix("lstm_unroll_implementation1.golden.npz") == true)
    #expect(finding.location.object == "out_0")
    #expect(finding.remedies == [.diagnose])
    let text = verification.description
    #expect(text.contains("error[verify.mismatch]: 8 of 8 values of 'out_0'"))
    #expect(text.contains("an absolute tolerance of ") && !text.contains("--atol"))
  }
}
