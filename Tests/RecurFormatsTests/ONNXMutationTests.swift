import Recur
import RecurFormats
import RecurONNX
import RecurTensors
import RecurTestSupport
import Testing

/// Files with all kinds of damage: reading soon ends with a model or a located error, and without a
/// trap.
///
/// `RECUR_MUTATIONS` is the number of random cases.
@Suite("ONNX mutations")
struct ONNXMutationTests {
  private func read(_ bytes: [UInt8]) {
    let probe = FileProbe(path: "damaged.onnx", bytes: TestData.region(bytes))
    do throws(CheckpointError) {
      _ = try ONNXFormat().inspect(probe)
      _ = try ONNXFormat().decode(probe, options: DecodeOptions())
    } catch {
      Mutations.expectLocated(error, byteCount: bytes.count)
    }
  }

  private static let files = [
    "bilstm_last", "lstm_coupled", "weights_behind_operators", "loop_rnn", "branch_and_function",
    "front", "typed", "fixed_timesteps", "joined_positions", "pairs",
  ]

  @Test("cut off at every byte", arguments: files)
  func truncations(name: String) throws {
    let bytes = try TestData.bytes("onnx/\(name).onnx")
    for count in 0..<bytes.count { read(Array(bytes[..<count])) }
  }

  @Test("every byte set to other values", arguments: files)
  func bytes(name: String) throws {
    var bytes = try TestData.bytes("onnx/\(name).onnx")
    for index in bytes.indices {
      let own = bytes[index]
      for value in [0, 0x7F, 0xFF, own ^ 1, own &+ 8] as [UInt8] {
        bytes[index] = value
        read(bytes)
      }
      bytes[index] = own
    }
  }

  @Test(
    "several bytes at once, lost and doubled bytes", arguments: files + ["ordered", "quantized"])
  func random(name: String) throws {
    let source = try TestData.bytes("onnx/\(name).onnx")
    var random = Mutations.Generator(state: UInt64(name.utf8.count + 19))
    for round in 0..<Mutations.count / (Self.files.count + 2) {
      var bytes = source
      for _ in 0...random.next(4) {
        let place = random.next(bytes.count)
        let own = bytes[place]
        bytes[place] =
          [0, 1, 0x7F, 0x80, 0xFF, own ^ 1, own ^ 0x80, UInt8(random.next(256))][random.next(8)]
      }
      // The lengths of all messages around are wrong then.
      if round % 5 == 0 { bytes.remove(at: random.next(bytes.count)) }
      if round % 7 == 0 {
        let place = random.next(bytes.count)
        bytes.insert(contentsOf: bytes[place..<min(place + 8, bytes.count)], at: place)
      }
      read(bytes)
    }
  }

  @Test("graphs that lie too deep, and numbers that are too long, are refused")
  func nesting() {
    /// A field of bytes.
    func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
      var (length, size): ([UInt8], Int) = ([], content.count)
      repeat {
        length.append(UInt8(size & 0x7F) | (size > 0x7F ? 0x80 : 0))
        size >>= 7
      } while size > 0
      return [number << 3 | 2] + length + content
    }
    var graph = field(2, Array("g".utf8))
    // A graph in an attribute of a node of a graph, and so on.
    for _ in 0..<64 { graph = field(1, field(5, field(6, graph))) }
    let deep = FileProbe(
      path: "deep.onnx", bytes: TestData.region([0x08, 8] + field(7, graph)))
    _ = expectDiagnostic("bytes.limit-exceeded") { try ONNXFormat().inspect(deep) }
    let long = FileProbe(
      path: "long.onnx", bytes: TestData.region([0x08] + [UInt8](repeating: 0xFF, count: 20)))
    _ = expectDiagnostic("protobuf.invalid") { try ONNXFormat().inspect(long) }
  }
}
