import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurTensorFlow
import RecurTensors
import RecurTestSupport
import Testing

/// Folders with all kinds of damage: reading soon ends with a model or a located error, and without
/// a trap.
@Suite("TensorFlow mutations")
struct TensorFlowMutationTests {
  /// Reads the checkpoint `m` in a folder.
  private func readCheckpoint(_ folder: String, _ byteCount: Int) {
    do throws(CheckpointError) {
      let format = TensorFlowCheckpointFormat()
      let probe = try FileProbe(path: folder + "/m.index")
      _ = try format.inspect(probe)
      _ = try format.decode(probe, options: DecodeOptions())
    } catch {
      Mutations.expectLocated(error, byteCount: byteCount)
    }
  }

  /// Checksums are computed anew after every edit, so that what is behind them is reached.
  private func resealed(_ index: [UInt8], from start: Int, count: Int) -> [UInt8] {
    var copy = index
    var checksum = CRC32C()
    checksum.update(Array(index[start...start + count]))
    for byte in 0..<4 {
      copy[start + count + 1 + byte] = UInt8(
        truncatingIfNeeded: checksum.masked >> (8 * UInt32(byte)))
    }
    return copy
  }

  @Test("indexes of checkpoints, with and without sound checksums")
  func indexes() throws {
    let source = "tensorflow/checkpoint/tf212_weights_sgd_legacy/ckpt"
    let index = try TestData.bytes(source + ".index")
    let data = try TestData.bytes(source + ".data-00000-of-00001")
    // The first block reaches to the block of metadata, which is empty, 8 bytes and 5.
    let footer = index.count - 48
    let blockCount = try #require(TableShape(index, footer: footer)).firstBlock
    try TestData.withFolder { folder in
      let path = folder.path(percentEncoded: false)
      let file = URL(filePath: path + "/m.index")
      try Data(data).write(to: URL(filePath: path + "/m.data-00000-of-00001"))
      var random = Mutations.Generator(state: 20)
      for round in 0..<Mutations.count {
        var bytes = index
        for _ in 0...random.next(3) {
          let place = random.next(round % 2 == 0 ? blockCount : index.count)
          bytes[place] =
            [0, 1, 0x7F, 0x80, 0xFF, bytes[place] ^ 1, UInt8(random.next(256))][
              random.next(7)]
        }
        if round % 2 == 0 { bytes = resealed(bytes, from: 0, count: blockCount) }
        if round % 7 == 0 { bytes.removeLast(random.next(bytes.count - 1)) }
        try Data(bytes).write(to: file)
        readCheckpoint(path, max(index.count, data.count))
      }
    }
  }

  /// Where the first block of a table ends, by the handle of the block of metadata behind it.
  private struct TableShape {
    let firstBlock: Int

    init?(_ index: [UInt8], footer: Int) {
      var (value, shift, position) = (0, 0, footer)
      repeat {
        value |= Int(index[position] & 0x7F) << shift
        shift += 7
        position += 1
      } while index[position - 1] & 0x80 != 0
      firstBlock = value - 5
    }
  }

  @Test("the graph of objects in its data file")
  func graphs() throws {
    let source = "tensorflow/checkpoint/tf215_nested/ckpt"
    let data = try TestData.bytes(source + ".data-00000-of-00001")
    let probe = try FileProbe(path: TestData.path(source + ".index"))
    let text = try graphText(probe)
    var random = Mutations.Generator(state: 21)
    for _ in 0..<Mutations.count {
      var bytes = text
      for _ in 0...random.next(3) { bytes[random.next(bytes.count)] = UInt8(random.next(256)) }
      do throws(CheckpointError) {
        let graph = try TrackableGraph(TestData.region(bytes), limits: .init())
        #expect(!graph.nodes.isEmpty)
      } catch {
        Mutations.expectLocated(error, byteCount: max(bytes.count, data.count))
      }
    }
  }

  private func graphText(_ probe: FileProbe) throws -> [UInt8] {
    let bundle = try TensorBundle(index: probe.bytes, limits: .init())
    let data = try ByteStorage(
      mapping: String(probe.path.dropLast(6)) + ".data-00000-of-00001")
    let files = TensorBundleFiles(path: { _ in probe.path }) { _ in ByteRegion(data) }
    let entry = try #require(bundle["_CHECKPOINTABLE_OBJECT_GRAPH"])
    return try #require(try bundle.texts(entry, files).first).bytes()
  }

  @Test("metadata of Keras and the manifest of a web model")
  func texts() throws {
    for (source, name) in [
      ("saved_model/tf212_lstm_unsaved_traces", "keras_metadata.pb"),
      ("saved_model/tf24_gru_rnn_functional", "saved_model.pb"),
      ("web/functional_shards", "model.json"),
    ] {
      try TestData.withFolder { folder in
        let copy = folder.appending(path: "m").path(percentEncoded: false)
        try FileManager.default.copyItem(
          atPath: TensorFlowFiles.path(source), toPath: copy)
        let bytes = try TestData.bytes("tensorflow/\(source)/\(name)")
        var random = Mutations.Generator(state: 22)
        for _ in 0..<Mutations.count / 4 {
          var damaged = bytes
          for _ in 0...random.next(3) {
            damaged[random.next(bytes.count)] = UInt8(random.next(256))
          }
          try Data(damaged).write(to: URL(filePath: "\(copy)/\(name)"))
          do throws(CheckpointError) {
            _ = try Checkpoint.inspect(copy)
            _ = try Checkpoint(opening: copy)
          } catch {
            Mutations.expectLocated(error, byteCount: max(bytes.count, 1 << 20))
          }
        }
      }
    }
  }
}
