import Recur
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

/// Reads damaged files in this process.
///
/// A trap would end the test run; every error must have a location.
@Suite("Damaged files end in a value or a located error")
struct HostileBytesTests {
  /// Decodes `bytes` as `recur validate` does, and inspects them if asked to.
  private func read(_ bytes: [UInt8], inspecting: Bool = true) {
    let probe = FileProbe(path: "damaged.h5", bytes: TestData.region(bytes))
    for body in inspecting ? [inspect, decode] : [decode] {
      do throws(CheckpointError) {
        try body(probe)
      } catch {
        Mutations.expectLocated(error, byteCount: bytes.count)
      }
    }
  }

  private func inspect(_ probe: FileProbe) throws(CheckpointError) {
    _ = try FormatRegistry.all.format(of: probe).inspect(probe)
  }

  private func decode(_ probe: FileProbe) throws(CheckpointError) {
    guard let format = try FormatRegistry.all.format(of: probe) as? any ModelDecoding else {
      return
    }
    let decoded = try format.decode(probe, options: DecodeOptions())
    let model = decoded.model
    #expect(model.findings().isEmpty)
    // A file of weights alone gives no model that can be run.
    guard model.isConnected else { return }
    // A decoded model must also run, because a wrong shape might trap only there.
    let sample = try SampleInputs(for: model, seed: 1)
    _ = try sample.model.run(sample.tensors)
  }

  static let small = "keras3/lstm_last.h5"

  @Test("cut off at every byte") func truncations() throws {
    let bytes = try TestData.bytes(Self.small)
    for count in 1..<bytes.count { read(Array(bytes[..<count])) }
  }

  @Test("every single bit flipped", arguments: 0..<4)
  func bitFlips(quarter: Int) throws {
    var bytes = try TestData.bytes(Self.small)
    for index in bytes.indices where index % 4 == quarter {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        read(bytes, inspecting: false)
        bytes[index] ^= 1 << bit
      }
    }
  }

  @Test(
    "one to four random bytes changed, 100 000 times",
    arguments: [
      "keras3/encoder_decoder.h5", "keras3/compiled_adam.h5", "tf_keras/embedding_lstm.h5",
      "unusual/chunked_all_filters_big_endian.h5",
    ])
  func randomEdits(path: String) throws { try edit(path, rounds: 25_000) }

  @Test(
    "the same in files of every layer and container",
    arguments: [
      "keras3/lstm_last.keras", "keras3/rnn_cells.weights.h5", "keras3/attentions_masked.h5",
      "keras3/convolutions.h5", "keras3/sequential_mixture.json", "keras_1_2_2/bilstm_gru.h5",
      "keras_2_0_9/bilstm_gru_weights.h5", "cudnn/cudnngru.h5", "tf_keras/nested_frozen.h5",
      "tf_keras/merges.h5",
    ])
  func randomEditsOfLayers(path: String) throws { try edit(path, rounds: 2_000) }

  /// Changes one to four bytes of a file, over and over.
  private func edit(_ path: String, rounds: Int) throws {
    var random = Linear(state: 2_026)
    let original = try TestData.bytes(path)
    for round in 0..<rounds {
      var bytes = original
      for _ in 0...Int(random.next() % 4) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      read(bytes, inspecting: round % 8 == 0)
    }
  }
}

/// Knuth's MMIX generator: the same edits in every run.
private struct Linear {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
}
