import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurJAX
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// Files of Flax, Haiku and Equinox; outputs are those of the libraries (`testdata/README.md`).
@Suite("Weights of JAX' libraries are told by names and shapes")
struct JAXFormatTests {
  private func code(_ file: String, _ declaration: String? = nil) -> String? {
    do {
      _ = try NeighbourReading.open("jax/" + file, declaration)
      return nil
    } catch let error as CheckpointError {
      return error.diagnostic.code.rawValue
    } catch {
      return "\(error)"
    }
  }

  @Test(
    "a file that is one module computes what its library computed",
    arguments: [
      ("linen_lstm.msgpack", "linen_lstm"), ("linen_lstm.dots.safetensors", "linen_lstm"),
      ("linen_lstm.npz", "linen_lstm"), ("linen_gru.msgpack", "linen_gru"),
      ("linen_gru.safetensors", "linen_gru"), ("linen_simple.msgpack", "linen_simple"),
      ("linen_mgu.msgpack", "linen_mgu"), ("linen_bidirectional.msgpack", "linen_bidirectional"),
      ("linen_scan.msgpack", "linen_scan"), ("nnx_lstm.msgpack", "nnx_lstm"),
      ("nnx_lstmcell.msgpack", "nnx_lstmcell"), ("nnx_gru.msgpack", "nnx_gru"),
      ("nnx_simple.msgpack", "nnx_simple"), ("nnx_bidirectional.msgpack", "nnx_bidirectional"),
      ("haiku_lstm.pkl", "haiku_lstm"), ("haiku_lstm.npz", "haiku_lstm"),
      ("haiku_gru.pkl", "haiku_gru"), ("haiku_gru.npz", "haiku_gru"),
      ("haiku_rnn.pkl", "haiku_rnn"), ("haiku_rnn_one_bias.npz", "haiku_rnn_one_bias"),
      ("eqx_lstm.eqx", "eqx_lstm"), ("eqx_lstm_no_bias.eqx", "eqx_lstm_no_bias"),
      ("eqx_gru.eqx", "eqx_gru"), ("eqx_lstm16.eqx", "eqx_lstm16"),
    ])
  func whole(file: String, golden: String) throws {
    let checkpoint = try NeighbourReading.open("jax/" + file)
    // relu doesn't hold its values below 1, so rounding is larger there.
    let tolerance = golden == "haiku_rnn" ? 5e-6 : 2e-6
    #expect(
      try NeighbourReading.matches(checkpoint, "jax/" + golden, tolerance: tolerance))
    #expect(!checkpoint.diagnostics.contains { $0.code.rawValue == "tensor.unused" })
    #expect(checkpoint.diagnostics.contains { $0.code.rawValue == "tensors.dialect" })
  }

  /// The compact module of Flax' documentation: its cells stand at the top, the wrappers around them don't.
  private static let linenNet = """
    {"inputs": ["tokens"], "layers": [
      {"type": "nn.Embedding", "key": "Embed_0", "inputs": ["tokens"]},
      {"type": "nn.LSTM", "key": "OptimizedLSTMCell_0", "batch_first": true},
      {"type": "nn.GRU", "key": "GRUCell_0", "batch_first": true},
      {"type": "torch.flip", "name": "turned", "inputs": ["OptimizedLSTMCell_0"], "dims": [1]},
      {"type": "nn.GRU", "key": "GRUCell_1", "batch_first": true},
      {"type": "torch.flip", "name": "returned", "dims": [1]},
      {"type": "torch.cat", "inputs": ["GRUCell_0", "returned"], "dim": -1},
      {"type": "nn.LayerNorm", "key": "LayerNorm_0"},
      {"type": "getitem", "index": ":, -1"},
      {"type": "nn.Linear", "key": "Dense_0"}]}
    """

  @Test(
    "what code puts together is declared, and the numbers of Flax' classes are taken",
    arguments: [
      ("linen_net.msgpack", "linen_net", 2e-6),
      ("linen_trainstate.msgpack", "linen_trainstate", 2e-6),
    ])
  func declared(file: String, golden: String, tolerance: Double) throws {
    let checkpoint = try NeighbourReading.open("jax/" + file, Self.linenNet)
    #expect(try NeighbourReading.matches(checkpoint, "jax/" + golden, tolerance: tolerance))
  }

  @Test("a declaration that says another epsilon than Flax counts")
  func epsilon() throws {
    let other = Self.linenNet.replacingOccurrences(
      of: "\"key\": \"LayerNorm_0\"", with: "\"key\": \"LayerNorm_0\", \"eps\": 0.1")
    let checkpoint = try NeighbourReading.open("jax/linen_net.msgpack", other)
    #expect(try NeighbourReading.differs(checkpoint, "jax/linen_net", by: 1e-3))
  }

  @Test(
    "lists of nnx, deep cores of Haiku and leaves of Equinox are declared by their keys",
    arguments: [
      (
        "nnx_net.ints.msgpack", "nnx_net",
        """
        {"layers": [{"type": "nn.Embedding", "key": "embed"},
          {"type": "nn.LSTM", "key": "layers.0.cell", "batch_first": true},
          {"type": "nn.GRU", "key": "layers.1.cell", "batch_first": true, "select": "last"},
          {"type": "nn.Linear", "key": "head"}]}
        """
      ),
      (
        "haiku_net.pkl", "haiku_net",
        """
        {"layers": [{"type": "nn.Embedding", "key": "hk_net.embed"},
          {"type": "nn.LSTM", "key": "hk_net.lstm", "batch_first": true},
          {"type": "nn.LSTM", "key": "hk_net.lstm_1", "batch_first": true, "select": "last"},
          {"type": "nn.Linear", "key": "hk_net.linear"}]}
        """
      ),
      (
        "eqx_net.eqx", "eqx_net",
        """
        {"layers": [{"type": "nn.Embedding", "key": "0"},
          {"type": "nn.LSTM", "key": "1", "batch_first": true},
          {"type": "nn.GRU", "key": "4", "batch_first": true, "select": "last"},
          {"type": "nn.Linear", "key": "8"}, {"type": "torch.mul", "other": 2.0}]}
        """
      ),
    ])
  func keys(file: String, golden: String, declaration: String) throws {
    let checkpoint = try NeighbourReading.open("jax/" + file, declaration)
    #expect(try NeighbourReading.matches(checkpoint, "jax/" + golden))
  }

  @Test("the state of an optimizer is said, and not a weight")
  func trainState() throws {
    let inspection = try Checkpoint.inspect(
      TestData.path("neighbours/jax/linen_trainstate.msgpack"))
    #expect(inspection.tensors.allSatisfy { $0.name.hasPrefix("params/") })
    #expect(
      inspection.facts.contains { $0.name == "train state" && $0.value.contains("opt_state") })
  }

  @Test("a cell with a missing gate, or biases that its class has not, is no other module")
  func incomplete() throws {
    let cells: [([String: [Int]], String)] = [
      (
        [
          "ii": [3, 4], "if": [3, 4], "ig": [3, 4], "io": [3, 4], "hi": [4, 4], "hf": [4, 4],
          "hg": [4, 4],
        ], "tensor.missing"
      ),
      (
        ["ir": [3, 4], "iz": [3, 4], "in": [3, 5], "hr": [4, 4], "hz": [4, 4], "hn": [4, 4]],
        "tensor.shape-mismatch"
      ),
      (["ih": [3, 3, 4], "hh": [3, 4, 4]], "model.unrepresentable"),
    ]
    for (parts, code) in cells {
      var table = TensorTable()
      for (part, shape) in parts.sorted(by: { $0.key < $1.key }) {
        try table.append(
          "params/cell/\(part)/kernel", .zeros(.float32, shape: shape))
      }
      let names = PyTorchStateDicts(dialects: [FlaxDialect()])
      let probe = FileProbe(path: "x.safetensors", bytes: TestData.region([0]))
      expectDiagnostic(code) {
        try names.model(.init(tensors: table), probe, DecodeOptions())
      }
    }
  }

  @Test("a minimal gated unit without its reset gate is refused by that name")
  func resetGate() throws {
    var table = TensorTable()
    for part in ["if", "in", "hf", "hn"] {
      try table.append("cell/\(part)/kernel", .zeros(.float32, shape: [4, 4]))
      if part.hasPrefix("i") { try table.append("cell/\(part)/bias", .zeros(.float32, shape: [4])) }
    }
    let names = PyTorchStateDicts(dialects: [FlaxDialect()])
    let finding = expectDiagnostic("tensor.missing") {
      try names.model(
        .init(tensors: table), FileProbe(path: "x", bytes: TestData.region([0])), DecodeOptions())
    }
    #expect(finding?.hint?.contains("reset_gate=False") == true)
  }

  @Test("what is converted to PyTorch is the same model, without a difference")
  func converted() throws {
    for file in ["linen_lstm.msgpack", "nnx_gru.msgpack", "eqx_gru.eqx"] {
      try TestData.withFolder { folder in
        let path = folder.appending(path: "out.pt").path(percentEncoded: false)
        let conversion = try NeighbourReading.open("jax/" + file).convert(to: path)
        #expect(conversion.largestDifference == 0)
        let golden = file.split(separator: ".")[0]
        #expect(try NeighbourReading.matches(Checkpoint(opening: path), "jax/\(golden)"))
      }
    }
  }

  @Test("a reset gate before the product reaches Keras, and torch refuses it by name")
  func resetBefore() throws {
    let checkpoint = try Checkpoint(
      opening: TestData.path("neighbours/jax/haiku_gru.npz"),
      options: OpeningOptions(inputs: ["x"]))
    try TestData.withFolder { folder in
      let path = folder.appending(path: "out.keras").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: path)
      #expect(conversion.largestDifference < 1e-7)
      let other = folder.appending(path: "out.pt").path(percentEncoded: false)
      let refused = expectDiagnostic("model.unrepresentable") { try checkpoint.convert(to: other) }
      #expect(refused?.message.contains("applies its reset gate before the product") == true)
    }
  }

  @Test("a pickle of arrays of jax is told, and no other pickle is Haiku's")
  func pickles() throws {
    #expect(code("haiku_jax.pkl") == "file.other-format")
    let probe = try FileProbe(path: TestData.path("neighbours/jax/haiku_lstm.pkl"))
    #expect(try FormatRegistry.all.format(of: probe).id == "haiku-pickle")
  }

  @Test(
    "every cut, and many flipped bytes, end with a value or a located error",
    arguments: ["linen_gru.msgpack", "haiku_lstm.pkl", "eqx_net.eqx"])
  func mutations(file: String) throws {
    let bytes = try TestData.bytes("neighbours/jax/" + file)
    func read(_ bytes: [UInt8]) -> Bool {
      let probe = FileProbe(path: "damaged." + file, bytes: TestData.region(bytes))
      do throws(CheckpointError) {
        let format = try FormatRegistry.all.format(of: probe)
        _ = try format.inspect(probe)
        if let decoding = format as? any ModelDecoding {
          _ = try decoding.decode(probe, options: DecodeOptions(formats: .all))
        }
        return true
      } catch {
        Mutations.expectLocated(error, byteCount: bytes.count)
        return false
      }
    }
    for count in stride(from: 1, to: bytes.count, by: 3) where file != "eqx_net.eqx" {
      #expect(!read(Array(bytes[..<count])), "\(count) bytes")
    }
    var random = Mutations.Generator(state: 7)
    for _ in 0..<Mutations.count / 8 {
      var damaged = bytes
      for _ in 0...random.next(3) { damaged[random.next(damaged.count)] = UInt8(random.next(256)) }
      _ = read(damaged)
    }
  }
}
