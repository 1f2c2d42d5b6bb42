import Foundation
import Recur
import RecurContainers
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Weights without an architecture are told by their shapes")
struct KerasShapeInferenceTests {
  private static let files = [
    "keras_1_2_2/gru_simplernn_td_weights.h5", "keras_2_3_1/gru_reset_after_true_weights.h5",
    "cudnn/cudnngru_weights.h5", "cudnn/bidirectional_cudnnlstm_weights.h5",
    "keras2/bilstm_concat_weights.h5", "keras2/masking_functional.weights.h5",
    "keras3/sequential_mixture.weights.h5", "keras3/nested_frozen.weights.h5",
    "keras3_sharded/stacked.weights.json", "tf_keras/sequential_mixture_weights.h5",
  ]

  @Test("they are listed and converted, and every guess is said", arguments: files)
  func converted(path: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path(path))
    let codes = checkpoint.diagnostics.map(\.code.rawValue)
    #expect(codes.contains("keras.layer.inferred"))
    #expect(!(try Checkpoint.inspect(TestData.path(path)).layers.isEmpty))
    let hasRecurrent = checkpoint.model.nodes.contains { $0.layer.firstCell != nil }
    #expect(hasRecurrent)
    try TestData.withFolder { folder in
      let target = folder.appending(path: "w.safetensors").path(percentEncoded: false)
      let conversion = try checkpoint.convert(to: target)
      #expect(!conversion.wasRun)
      #expect(!(try Checkpoint.inspect(target).tensors.isEmpty))
      // A GRU that torch.nn.GRU would compute differently is reported.
      for node in checkpoint.model.nodes {
        guard case .recurrent(let recurrent) = node.layer, case .gru(let gru) = recurrent.cell,
          gru.resetPlacement == .beforeProduct
        else { continue }
        #expect(
          conversion.diagnostics.contains {
            $0.code.rawValue == "model.unrepresentable" && $0.severity == .warning
              && $0.message.contains(node.layerName)
          })
      }
    }
  }

  @Test("they can't be run or compared") func notConnected() throws {
    let path = TestData.path("keras2/bilstm_concat.weights.h5")
    let checkpoint = try Checkpoint(opening: path)
    expectDiagnostic("model.not-connected") {
      try checkpoint.verify(golden: TestData.path("keras2/bilstm_concat.golden.npz"))
    }
    expectDiagnostic("model.not-connected") { try checkpoint.model.run([]) }
  }

  @Test("shapes tell the kind, the units and the width") func kinds() throws {
    func titles(_ path: String) throws -> [String] {
      try Checkpoint(opening: TestData.path(path)).model.nodes.map(\.layer.title)
    }
    #expect(
      try titles("keras_1_2_2/bilstm_gru_weights.h5")
        == ["Bidirectional(LSTM(4))", "Bidirectional(GRU(2))"])
    #expect(try titles("cudnn/cudnngru_weights.h5") == ["GRU(4)", "GRU(4)", "Dense(1)"])
    #expect(
      try titles("tf_keras/sequential_mixture_weights.h5").contains("Bidirectional(LSTM(2))"))
  }
}
