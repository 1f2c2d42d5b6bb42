import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensorFlow
import RecurTensors
import RecurTestSupport
import Testing

@Suite("TensorFlow Lite models are read as graphs")
struct LiteTests {
  /// The layers are nil where a loop is unrolled.
  private static let cases: [(name: String, tolerance: Double?, layers: [String]?)] = [
    ("k3_gru_f32", nil, nil), ("k3_lstm_f32", nil, nil),
    ("tf215_bilstm_f32", nil, ["Bidirectional(LSTM(4))", "Dense(2)"]), ("tf215_gru_f32", nil, nil),
    ("tf215_lstm_f32", nil, ["LSTM(4)", "Dense(2)"]), ("tf215_lstm_hard_sigmoid", nil, nil),
    ("tf215_lstm_unrolled", nil, nil), ("tf215_masked_lstm", nil, nil),
    ("tf215_simplernn_f32", nil, nil), ("tf221_lstm_f16", 1e-3, ["LSTM(4)", "Dense(2)"]),
    ("tf215_gru_dynamic_int8", 2e-2, nil),
    ("tf215_lstm_dynamic_int8", 2e-2, ["LSTM(32)", "Dense(2)"]),
    ("tf215_lstm_backwards", nil, nil), ("made_bilstm", nil, ["Bidirectional(LSTM(4))"]),
    ("made_bilstm_merged", nil, ["Bidirectional(LSTM(4))"]),
    ("made_birnn", nil, ["Bidirectional(RNN(4))"]), ("windows_sequence", nil, ["LSTM(3)"]),
    ("windows_picture", nil, ["LSTM(3)"]), ("windows_free", nil, ["Dense(2)"]),
    ("tf215_stateful_lstm", nil, ["LSTM(3)"]),
  ]

  @Test("they compute what the interpreter recorded", arguments: cases.indices)
  func goldens(index: Int) throws {
    let (name, tolerance, layers) = Self.cases[index]
    let checkpoint = try Checkpoint(opening: TensorFlowFiles.path("lite/\(name).tflite"))
    #expect(checkpoint.format == "tflite")
    try TensorFlowFiles.check(checkpoint, "lite/\(name).golden.npz", tolerance: tolerance)
    let found = checkpoint.model.nodes.filter { node in
      if case .dense = node.layer { true } else { !node.layer.recurrents.isEmpty }
    }
    if let layers { #expect(found.map(\.layer.title) == layers, "\(name)") }
  }

  @Test("what the library does otherwise is said")
  func differences() throws {
    let fused = try Checkpoint(opening: TensorFlowFiles.path("lite/tf215_lstm_f32.tflite"))
    let said = fused.diagnostics.filter { $0.code.rawValue == "tensorflow.lite.differs" }
    #expect(said.contains { $0.message.contains("±10") })
    #expect(said.contains { $0.message.contains("from one call to the next") })
    let plain = try Checkpoint(opening: TensorFlowFiles.path("lite/tf215_gru_f32.tflite"))
    #expect(plain.diagnostics.isEmpty)
    let quantized = try Checkpoint(
      opening: TensorFlowFiles.path("lite/tf215_gru_dynamic_int8.tflite"))
    #expect(quantized.diagnostics.map(\.code.rawValue) == ["tensorflow.dequantized"])
  }

  @Test("a model that is quantized throughout takes and gives whole numbers")
  func wholeNumbers() throws {
    let name = "lite/tf215_lstm_int8_full"
    let checkpoint = try Checkpoint(opening: TensorFlowFiles.path(name + ".tflite"))
    // Its kernels round on the way, which is not done here: a few units of the output.
    try TensorFlowFiles.check(checkpoint, name + ".golden.npz", tolerance: 2)
  }

  @Test("constants are what the file stores, bit for bit")
  func constants() throws {
    for name in ["tf215_lstm_f32", "tf215_gru_dynamic_int8", "tf215_lstm_int8_full"] {
      let probe = try FileProbe(path: TensorFlowFiles.path("lite/\(name).tflite"))
      let stored = try LiteFormat().tensors(probe, key: nil, .init()).table
      let golden = try NPZArchive(
        ByteRegion(ByteStorage(mapping: TensorFlowFiles.path("lite/\(name).golden.npz"))))
      var count = 0
      for key in golden.names where key.hasPrefix("t/") {
        let parts = key.split(separator: "/")
        let own = try #require(
          stored.names.first { $0.hasPrefix("\(parts[1])/\(parts[2]):") }, "\(name): \(key)")
        let (tensor, expected) = (
          try #require(stored[own]), try #require(try golden.tensor(key))
        )
        #expect(tensor.shape == expected.shape)
        #expect(try tensor.rowMajorBytes().bytes() == expected.rowMajorBytes().bytes())
        count += 1
      }
      #expect(count > 4)
    }
  }

  @Test("operators of TensorFlow inside are refused by name, and listed")
  func refusals() throws {
    let path = TensorFlowFiles.path("lite/tf215_lstm_seq_anybatch.tflite")
    let refusal = expectDiagnostic("graph.unsupported") { try Checkpoint(opening: path) }
    #expect(refusal?.message.contains("custom operator 'FlexTensorList") == true)
    #expect(try Checkpoint.inspect(path).layers.contains { $0.className.contains("FlexTensor") })
    for (name, code) in [
      ("tflite_buffer_out", "tensorflow.lite.invalid"), ("tflite_root_out", "flatbuffer.invalid"),
      ("tflite_shape_mismatch", "tensorflow.lite.invalid"),
      ("tflite_truncated", "flatbuffer.invalid"), ("tflite_vector_huge", "flatbuffer.invalid"),
      ("tflite_vtable_out", "flatbuffer.invalid"),
    ] {
      let file = TensorFlowFiles.path("hostile/\(name).tflite")
      _ = expectDiagnostic(code) { try Checkpoint.inspect(file) }
      _ = expectDiagnostic(code) { try Checkpoint(opening: file) }
    }
  }

  @Test(
    "damaged files end in a model or a located error",
    arguments: ["tf215_lstm_f32", "tf215_gru_f32", "tf215_stateful_lstm", "tf221_lstm_f16"])
  func mutations(name: String) throws {
    let bytes = try TestData.bytes("tensorflow/lite/\(name).tflite")
    var random = Mutations.Generator(state: 30)
    for round in 0..<Mutations.count / 2 {
      var damaged = bytes
      for _ in 0...random.next(3) {
        let place = random.next(bytes.count)
        damaged[place] =
          [0, 1, 0x7F, 0x80, 0xFF, damaged[place] ^ 1, UInt8(random.next(256))][
            random.next(7)]
      }
      if round % 9 == 0 { damaged.removeLast(random.next(bytes.count - 1)) }
      let probe = FileProbe(path: "damaged.tflite", bytes: TestData.region(damaged))
      do throws(CheckpointError) {
        _ = try LiteFormat().inspect(probe)
        _ = try LiteFormat().decode(probe, options: DecodeOptions())
      } catch {
        Mutations.expectLocated(error, byteCount: damaged.count)
      }
    }
  }
}
