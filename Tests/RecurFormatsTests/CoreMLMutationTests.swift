import Recur
import RecurCoreML
import RecurFormats
import RecurTensors
import RecurTestSupport
import Testing

/// Files with all kinds of damage: reading soon ends with a model or a located error, and without a
/// trap.
@Suite("Core ML mutations")
struct CoreMLMutationTests {
  private static let programs = ["lstm_states", "gru_loop", "front", "bilstm_last"]
  private static let networks = ["lstm", "bilstm", "rnn"]

  private func read(_ bytes: [UInt8], _ path: String) {
    let probe = FileProbe(path: path, bytes: TestData.region(bytes))
    let format: any ModelDecoding =
      path.contains("mlpackage") ? CoreMLPackageFormat() : CoreMLNetworkFormat()
    do throws(CheckpointError) {
      _ = try format.inspect(probe)
      _ = try format.decode(probe, options: DecodeOptions())
    } catch {
      Mutations.expectLocated(error, byteCount: max(bytes.count, 4096))
    }
  }

  private func path(_ name: String) -> String {
    Self.programs.contains(name)
      ? "neighbours/coreml/\(name).mlpackage/Data/com.apple.CoreML/model.mlmodel"
      : "neighbours/coreml/\(name).mlmodel"
  }

  @Test("cut off at every byte", arguments: programs + networks)
  func truncations(name: String) throws {
    let bytes = try TestData.bytes(path(name))
    for count in 0..<bytes.count { read(Array(bytes[..<count]), TestData.path(path(name))) }
  }

  @Test("bytes set to other values", arguments: programs + networks)
  func bytes(name: String) throws {
    var bytes = try TestData.bytes(path(name))
    for index in bytes.indices {
      let own = bytes[index]
      for value in [0, 0xFF, own ^ 1, own &+ 8] as [UInt8] {
        bytes[index] = value
        read(bytes, TestData.path(path(name)))
      }
      bytes[index] = own
    }
  }
}
