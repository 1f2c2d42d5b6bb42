import Foundation
import Recur
import RecurAudio
import RecurContainers
import RecurFormats
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Models of audio plug-ins; outputs are those of Keras and torch, with which the engines agree
/// (`testdata/README.md`).
@Suite("Models of audio plug-ins compute what was recorded")
struct AudioFormatTests {
  @Test("streams begin with the states of the file", arguments: ["lstm_1x3.nam", "lstm_2x8.nam"])
  func streams(name: String) throws {
    let model = try Checkpoint(opening: TestData.path("neighbours/audio/\(name)")).model
    let program = try Program(model)
    let x = (0..<40).map { Float($0 % 7) / 7 - 0.4 }
    var state = try program.makeState()
    expectDiagnostic("state.unknown") { try state.values(named: state.names[0]) }
    expectDiagnostic("state.unknown") { try state.set([], named: state.names[0]) }
    var (y, outputs): ([Float], [Float]) = ([], [])
    for sample in x {
      try program.step([sample], state: &state, into: &y)
      outputs += y
    }
    let whole = try program.run([.float32(x, shape: [1, 40, 1])])[0]
    #expect(outputs == whole.floats())
    #expect(try state.values(named: state.names[0]).contains { $0 != 0 })
    var stream = try ModelStream(model)
    let pieces = try stream.feed([.float32(x, shape: [1, 40, 1])], inPiecesOf: 7)[0]
    #expect(pieces.isBitEqual(to: try model.run([.float32(x, shape: [1, 40, 1])])[0]))
  }

  static let models = [
    "lstm_stack.json", "gru_dense.json", "gru_td.json", "dense_no_bias.json", "conv1d_lstm.json",
    "conv1d_groups.json", "batchnorm_plain.json", "activations.json", "conv2d_gru.json",
    "aidax_lstm.json", "proteus_cond.json", "amp_gru.json", "amp_lstm_2layer.json", "amp_rnn.json",
    "torch_lstm.json", "torch_gru.json", "smartamppro.json", "lstm_1x3.nam", "lstm_2x8.nam",
    "lstm_stereo.nam",
  ]

  @Test("every form of file", arguments: models)
  func outputs(file: String) throws {
    let checkpoint = try NeighbourReading.open("audio/" + file)
    let name = String(file.split(separator: ".")[0])
    #expect(try NeighbourReading.matches(checkpoint, "audio/" + name))
    #expect(checkpoint.diagnostics.allSatisfy { $0.severity == .note })
  }

  @Test(
    "what plug-ins would compute otherwise, or not at all, is refused by name",
    arguments: [
      ("lstm_relu.json", "audio.unsupported", "relu"),
      ("gru_reset_before.json", "tensor.shape-mismatch", "bias"),
      ("lstm_no_bias.json", "audio.file-invalid", "bias"),
      ("bidirectional.json", "audio.unsupported", "Bidirectional"),
      ("gated_conv.json", "audio.unsupported", "GatedConvNet"),
      ("amp_short.json", "tensor.shape-mismatch", "weight_ih"),
      ("lstm_short.nam", "audio.file-invalid", "70 weights"),
      ("lstm_long.nam", "audio.file-invalid", "70 weights"),
      ("lstm_old.nam", "audio.file-invalid", "0.4.0"),
      ("lstm_no_weights.nam", "audio.file-invalid", "weights"),
      ("wavenet.nam", "audio.unsupported", "WaveNet"),
      ("container.nam", "audio.unsupported", "submodels"),
    ])
  func refusals(file: String, code: String, word: String) throws {
    let thrown = expectDiagnostic(code) { try NeighbourReading.open("audio/" + file) }
    let finding = try #require(thrown)
    let text = [finding.message, finding.expected, finding.found, finding.reason, finding.hint]
      .compactMap { $0 }.joined(separator: " ")
    #expect(text.contains(word), "\(text)")
    // What can't be run can be listed.
    let inspection = try Checkpoint.inspect(TestData.path("neighbours/audio/" + file))
    #expect(inspection.diagnostics.contains { $0.code.rawValue == code && $0.severity == .warning })
  }

  #if HDF5Writing
    @Test("gains are written for Keras as the numbers of 32 bits with which it computes")
    func gainsInKeras() throws {
      try TestData.withFolder { folder in
        let path = folder.appending(path: "m.keras").path(percentEncoded: false)
        let conversion = try NeighbourReading.open("audio/aidax_lstm.json").convert(to: path)
        #expect(conversion.isRounded && conversion.largestDifference < 1e-6)
        #expect(try NeighbourReading.matches(Checkpoint(opening: path), "audio/aidax_lstm"))
      }
    }
  #endif

  @Test("the states of a file are where its model begins: others give other outputs")
  func states() throws {
    let path = TestData.path("neighbours/audio/lstm_1x3.nam")
    var text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    let json = try JSONParser.parse(TestData.region(Array(text.utf8)))
    let weights = try #require(json["weights"]?.array?.compactMap { $0.double })
    // Behind the matrix and the bias of 3 units of one input stand h and c.
    var changed = weights
    for index in 60..<66 { changed[index] = 0 }
    let list = "[" + changed.map { "\($0)" }.joined(separator: ", ") + "]"
    let start = try #require(text.range(of: "\"weights\""))
    let open = try #require(text[start.upperBound...].firstIndex(of: "["))
    let end = try #require(text[open...].firstIndex(of: "]"))
    text.replaceSubrange(open...end, with: list)
    try TestData.withFolder { folder in
      let other = folder.appending(path: "zeros.nam")
      try Data(text.utf8).write(to: other)
      let checkpoint = try Checkpoint(opening: other.path(percentEncoded: false))
      #expect(checkpoint.model.nodes.allSatisfy { $0.initialState.isEmpty })
      #expect(try NeighbourReading.differs(checkpoint, "audio/lstm_1x3", by: 1e-4))
    }
  }

  @Test("gains, skip and sample rate are kept, and each counts")
  func gains() throws {
    let path = TestData.path("neighbours/audio/aidax_lstm.json")
    let checkpoint = try Checkpoint(opening: path)
    let named = Dictionary(uniqueKeysWithValues: checkpoint.metadata.map { ($0.name, $0.value) })
    #expect(named["samplerate"] == "44100")
    #expect(named["metadata.license"] == "CC0")
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    let changes = [
      ("\"in_skip\": 1", "\"in_skip\": 0"), ("\"in_gain\": -6.0", "\"in_gain\": -5.0"),
      ("\"out_gain\": 3.0", "\"out_gain\": 3.5"),
    ]
    for (old, new) in changes {
      #expect(text.contains(old))
      try TestData.withFolder { folder in
        let other = folder.appending(path: "other.json")
        try Data(text.replacingOccurrences(of: old, with: new).utf8).write(to: other)
        let checkpoint = try Checkpoint(opening: other.path(percentEncoded: false))
        #expect(try NeighbourReading.differs(checkpoint, "audio/aidax_lstm", by: 1e-3), "\(new)")
      }
    }
    let above = text.replacingOccurrences(of: "\"in_skip\": 1", with: "\"in_skip\": 2")
    let json = try JSONParser.parse(TestData.region(Array(above.utf8)))
    expectDiagnostic("audio.file-invalid") { try RTNeuralFormat().read(json, named: "x") }
  }

  @Test("a member of a layer that is not known is refused, and so is a size that disagrees")
  func members() throws {
    let text = try String(
      contentsOf: URL(filePath: TestData.path("neighbours/audio/conv1d_lstm.json")), encoding: .utf8
    )
    func code(_ old: String, _ new: String) throws -> String? {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text)
      let json = try JSONParser.parse(TestData.region(Array(changed.utf8)))
      do throws(CheckpointError) {
        _ = try RTNeuralFormat().read(json, named: "x")
        return nil
      } catch {
        return error.diagnostic.code.rawValue
      }
    }
    #expect(
      try code("\"type\": \"prelu\"", "\"momentum\": 1, \"type\": \"prelu\"") == "audio.unsupported"
    )
    #expect(try code("\"groups\": 1", "\"groups\": 3") == "audio.file-invalid")
    #expect(try code("\"epsilon\": 0.001", "\"epsilon\": \"small\"") == "audio.file-invalid")
    #expect(
      try code("\"activation\": \"softmax\"", "\"activation\": \"swish\"") == "audio.unsupported")
  }

  @Test(
    "models reach other formats without a difference",
    arguments: ["proteus_cond.json", "lstm_2x8.nam", "gru_dense.json"])
  func converted(file: String) throws {
    try TestData.withFolder { folder in
      let path = folder.appending(path: "out.keras").path(percentEncoded: false)
      let conversion = try NeighbourReading.open("audio/" + file).convert(to: path)
      // A gain is multiplied into weights, which are rounded once.
      #expect(conversion.largestDifference < 1e-7)
      let name = String(file.split(separator: ".")[0])
      #expect(try NeighbourReading.matches(Checkpoint(opening: path), "audio/" + name))
    }
  }

  @Test("frames of one axis, and one alpha for all channels, as published files have them")
  func publishedForms() throws {
    let text = """
      {"in_shape": [null, 2], "layers": [
        {"type": "dense", "shape": [null, 3], "weights": [[[1, 2, 3], [4, 5, 6]], [0.5, -1, -9]]},
        {"type": "prelu", "shape": [null, null, 3], "weights": [[[0.25]]]}]}
      """
    let json = try JSONParser.parse(TestData.region(Array(text.utf8)))
    let model = try RTNeuralFormat().read(json, named: "x").model
    let x = try Tensor.float32([1, 1, -1, 0], shape: [1, 2, 2])
    #expect(try model.run([x])[0].doubles() == [5.5, 6, 0, -0.125, -0.75, -3])
  }

  @Test("a recurrent kernel of SmartAmpPro is taken, and counts for nothing in one step")
  func recurrentKernel() throws {
    let path = TestData.path("neighbours/audio/smartamppro.json")
    let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    let row = "[" + (0..<20).map { "0.\($0)" }.joined(separator: ", ") + "]"
    let kernel = "[" + [String](repeating: row, count: 5).joined(separator: ", ") + "]"
    let changed = text.replacingOccurrences(
      of: "\"lstm_cell\": {}", with: "\"lstm_cell\": {}, \"recurrent_kernel:0\": \(kernel)")
    #expect(changed != text)
    try TestData.withFolder { folder in
      let other = folder.appending(path: "other.json")
      try Data(changed.utf8).write(to: other)
      let checkpoint = try Checkpoint(opening: other.path(percentEncoded: false))
      #expect(try NeighbourReading.matches(checkpoint, "audio/smartamppro"))
      let cell = try checkpoint.model.lstm(named: "lstm")
      #expect(cell.weights.recurrentKernel[.input].doubles().contains { $0 != 0 })
    }
  }

  @Test(
    "cut and damaged files end with a model or a located error",
    arguments: ["conv2d_gru.json", "lstm_1x3.nam", "amp_gru.json", "smartamppro.json"])
  func mutations(file: String) throws {
    let bytes = try TestData.bytes("neighbours/audio/" + file)
    var random = Mutations.Generator(state: 11)
    let formats: [any AudioFormat] = [
      RTNeuralFormat(), NAMFormat(), StateDictJSONFormat(), SmartAmpProFormat(),
    ]
    let format = try #require(
      formats.first { $0.recognizes(FileProbe(path: "x", bytes: TestData.region(bytes))) })
    for _ in 0..<Mutations.count / 8 {
      var damaged = bytes
      for _ in 0...random.next(3) {
        // Digits and signs make other numbers of sizes and shapes.
        let marks = Array("0123456789-.[]{},\"e".utf8)
        damaged[random.next(damaged.count)] = marks[random.next(marks.count)]
      }
      let probe = FileProbe(path: "damaged", bytes: TestData.region(damaged))
      do throws(CheckpointError) {
        _ = try format.decode(probe, options: DecodeOptions())
      } catch {
        Mutations.expectLocated(error, byteCount: bytes.count)
      }
    }
  }
}
