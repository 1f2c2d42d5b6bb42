import Foundation
import RecurTestSupport
import Testing

@Suite("A long search shows how far it is, to people only")
struct ProgressTests {
  private static let model = TestData.path("keras3/encoder_decoder.h5")
  private static let golden = TestData.path("tf_keras/encoder_decoder.golden.npz")

  /// The program of util-linux that runs a command on a terminal of its own.
  private static let script = "/usr/bin/script"

  @Test(
    "readings are counted on a terminal, and the line is taken away",
    .enabled(if: FileManager.default.isExecutableFile(atPath: script)))
  func terminal() throws {
    try TestData.withFolder { folder in
      let command = "recur diagnose '\(Self.model)' --golden '\(Self.golden)'"
      let text = try Tool.shell("\(Self.script) -qec \"\(command)\" /dev/null", in: folder).output
      #expect(text.contains("\r50 readings tried"), "\(text)")
      #expect(text.contains("\r\u{1B}[K"))
    }
  }

  @Test("nothing is counted where standard error is no terminal")
  func file() throws {
    let result = try Tool.run(["diagnose", Self.model, "--golden", Self.golden])
    #expect(result.status == 1)
    #expect(!result.errors.contains("\r"))
  }
}
