import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Weights of MLX' modules, written from other frameworks' models and from MLX' own.
@Suite("MLX weights are written")
struct MLXWritingTests {
  private func converted(
    _ file: String, format: String, _ body: (String, Conversion) throws -> Void
  ) throws {
    try TestData.withFolder { folder in
      let ending = format == "mlx-npz" ? "npz" : "safetensors"
      let path = folder.appending(path: "m.\(ending)").path(percentEncoded: false)
      let conversion = try Checkpoint(opening: TestData.path(file)).convert(
        to: path, format: FileFormat(rawValue: format))
      try body(path, conversion)
    }
  }

  private func tensors(_ path: String) throws -> TensorTable {
    let region = ByteRegion(try ByteStorage(mapping: path))
    return path.hasSuffix(".npz")
      ? try NPZArchive(region).table()
      : try SafetensorsFile(region, limits: DecodeLimits()).tensors
  }

  @Test(
    "what MLX wrote is written as it was", arguments: ["mlx-safetensors", "mlx-npz"],
    ["lstm", "gru", "gru_no_bias", "rnn"])
  func same(format: String, name: String) throws {
    let source = "neighbours/mlx/\(name).safetensors"
    try converted(source, format: format) { path, conversion in
      #expect(conversion.proof == .tensors && !conversion.isRounded)
      let (one, other) = (try tensors(TestData.path(source)), try tensors(path))
      #expect(one.names.sorted() == other.names.sorted())
      for (key, tensor) in one.entries {
        #expect(other[key].map { $0.isBitEqual(to: tensor) } == true, "\(key)")
      }
    }
  }

  @Test(
    "a layer of Keras comes back with the same weights",
    arguments: ["keras3/lstm_last.h5", "keras3/gru_reset_after_true.h5"])
  func keras(file: String) throws {
    try converted(file, format: "mlx-safetensors") { path, conversion in
      let table = try tensors(path)
      let original = try Checkpoint(opening: TestData.path(file))
      let node = try #require(original.model.weightedNodes.first)
      guard case .recurrent(let layer) = node.layer else {
        Issue.record("no recurrent layer")
        return
      }
      let key = node.layerName.split(separator: "/").joined(separator: ".")
      let own = try #require(table["\(key).Wh"])
      let rows = own.doubles()
      let units = layer.cell.units
      func part(_ index: Int) -> [Double] {
        Array(rows[index * units * units..<(index + 1) * units * units])
      }
      switch layer.cell {
      case .lstm(let cell):
        for (index, gate) in [LSTMGate.input, .forget, .cell, .output].enumerated() {
          #expect(part(index) == cell.weights.recurrentKernel[gate].doubles())
        }
        #expect(table["\(key).bias"]?.shape == [4 * units])
      case .gru(let cell):
        for (index, gate) in [GRUGate.reset, .update, .candidate].enumerated() {
          #expect(part(index) == cell.weights.recurrentKernel[gate].doubles())
        }
        guard case .split(let input, let recurrent) = cell.weights.bias else {
          Issue.record("one bias")
          return
        }
        #expect(table["\(key).bhn"]?.doubles() == recurrent[.candidate].doubles())
        let b = try #require(table["\(key).b"]).doubles()
        let sums = zip(input[.reset].doubles(), recurrent[.reset].doubles()).map {
          Double(Float($0 + $1))
        }
        #expect(Array(b[0..<units]) == sums)
        #expect(Array(b[2 * units..<3 * units]) == input[.candidate].doubles())
      default: Issue.record("another cell")
      }
      #expect(conversion.diagnostics.contains { $0.code.rawValue == "mlx.code" })
    }
  }

  @Test(
    "what no module of MLX computes is refused by name",
    arguments: [
      ("keras_1_2_2/bilstm_gru.h5", "MLX"), ("keras3/float64_lstm.h5", "float64"),
    ])
  func refusals(file: String, word: String) throws {
    let finding = expectDiagnostic("model.unrepresentable") {
      try converted(file, format: "mlx-safetensors") { _, _ in }
    }
    #expect(finding?.message.contains(word) == true, "\(finding?.message ?? "")")
  }
}
