import Recur
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("What was written is held against the model")
struct ConversionCheckTests {
  /// The result of a faulty writer: another model's weights, in a file of their own.
  private func written(
    _ other: String, _ name: String
  ) throws -> (encoded: any EncodedModel, file: FileProbe) {
    let model = try Checkpoint(opening: TestData.path(other)).model
    let encoded = try FormatRegistry.all.encoding(forPath: name, id: nil)
      .encode(model, options: EncodeOptions(source: "other.h5"))
    var sink = MemorySink()
    try encoded.write(to: &sink)
    return (encoded, FileProbe(path: name, bytes: TestData.region(sink.bytes)))
  }

  private func bytes(of encoded: any EncodedModel) throws -> [UInt8] {
    var sink = MemorySink()
    try encoded.write(to: &sink)
    return sink.bytes
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

  @Test(
    "a model too large to be tried is compared layer by layer",
    arguments: ["w.keras", "w.h5", "w.pt"])
  func large(name: String) throws {
    for source in [
      "keras3/lstm_last.h5", "keras3/gru_reset_after_true.h5",
    ] {
      let checkpoint = try Checkpoint(opening: TestData.path(source))
      let encoded = try FormatRegistry.all.encoding(forPath: name, id: nil)
        .encode(checkpoint.model, options: EncodeOptions(source: source))
      let file = FileProbe(path: name, bytes: TestData.region(try bytes(of: encoded)))
      let check = try checkpoint.checkWritten(encoded, file, limit: 0)
      #expect(check.proof == .layers && check.foundAllFinite, "\(source)")
      #expect(try checkpoint.checkWritten(encoded, file).proof == .outputs)
    }
  }

  @Test("a large model with numbers that are not finite is not said to have none")
  func notFinite() throws {
    let checkpoint = try Checkpoint(opening: TestData.path("broken/weight_is_nan.h5"))
    let (encoded, file) = try written("broken/weight_is_nan.h5", "w.pt")
    let check = try checkpoint.checkWritten(encoded, file, limit: 0)
    #expect(check.proof == .layers && !check.foundAllFinite)
  }

  @Test(
    "weights that compute something else fail however large the model is",
    arguments: ["w.keras", "w.pt"])
  func otherLarge(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    let (encoded, file) = try written("keras3/lstm_unroll_implementation1.h5", name)
    expectDiagnostic("convert.verification-failed") {
      try checkpoint.checkWritten(encoded, file, limit: 0)
    }
  }

  @Test(
    "one changed bit of a large model fails",
    arguments: ["w.keras", "w.h5", "w.pt", "w.safetensors"])
  func changedBit(name: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path("keras3/lstm_last.h5"))
    let encoded = try FormatRegistry.all.encoding(forPath: name, id: nil)
      .encode(checkpoint.model, options: EncodeOptions(source: "lstm_last.h5"))
    let whole = try bytes(of: encoded)
    let kernel = try #require(checkpoint.model.weightedNodes.first?.layer.tensors.last?.tensor)
    var sink = MemorySink()
    try kernel.transposed().write(to: &sink)
    let run = Array(sink.bytes.prefix(8))
    let places = whole.indices.dropLast(8).filter { Array(whole[$0..<$0 + 8]) == run }
    var found = 0
    for place in places {
      var bytes = whole
      bytes[place] ^= 1
      let file = FileProbe(path: name, bytes: TestData.region(bytes))
      do {
        _ = try checkpoint.checkWritten(encoded, file, limit: 0)
      } catch {
        found += 1
      }
    }
    #expect(found == places.count && found > 0)
  }
}
