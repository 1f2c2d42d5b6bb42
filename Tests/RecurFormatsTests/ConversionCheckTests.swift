import Recur
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

@Suite("What was written is held against the model")
struct ConversionCheckTests {
  /// What a faulty writer would leave: another model's weights, in a file of their own.
  private func written(
    _ other: String, _ name: String
  ) throws -> (encoded: any EncodedModel, file: FileProbe) {
    let model = try Checkpoint(opening: TestData.path(other)).model
    let encoded = try encoding(forPath: name, id: nil)
      .encode(model, options: EncodeOptions(source: "other.h5"))
    var sink = MemorySink()
    try encoded.write(to: &sink)
    return (encoded, FileProbe(path: name, bytes: TestData.region(sink.bytes)))
  }

  @Test("weights that compute something else fail the check", arguments: ["w.keras", "w.pt"])
  func others(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    let (encoded, file) = try written("keras3/lstm_unroll_implementation1.h5", name)
    let diagnostic = expectDiagnostic("convert.verification-failed") {
      try checkpoint.checkWritten(encoded, file)
    }
    #expect(
      diagnostic?.message == "the file that was written does not compute what this model computes")
  }

  @Test("the model's own weights pass it", arguments: ["w.keras", "w.pt"])
  func own(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    let (encoded, file) = try written("keras3/lstm_last.h5", name)
    #expect(try checkpoint.checkWritten(encoded, file).difference == 0)
  }
}
