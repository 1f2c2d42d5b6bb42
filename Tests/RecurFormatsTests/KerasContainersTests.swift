import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Keras files are told by what they hold")
struct KerasContainersTests {
  @Test(
    "every kind has its format, whatever its name",
    arguments: [
      ("keras3/lstm_last.h5", "keras-h5"), ("keras_1_2_2/bilstm_gru.h5", "keras-h5"),
      ("keras_1_2_2/bilstm_gru_weights.h5", "keras-h5"), ("keras3/lstm_last.keras", "keras"),
      ("unusual/hdf5_named.keras", "keras-h5"), ("unusual/user_block.h5", "keras-h5"),
      ("keras3/lstm_last.weights.h5", "keras-weights"),
      ("keras2/bilstm_concat.weights.h5", "keras-weights"),
      ("keras3_sharded/stacked.weights.json", "keras-shards"),
      ("keras3_sharded/stacked_00001.weights.h5", "keras-weights"),
      ("keras3/sequential_mixture.json", "keras-json"),
      ("tf_keras/sequential_mixture.json", "keras-json"),
      ("keras_1_2_2/bilstm_gru.json", "keras-json"),
    ])
  func recognized(path: String, id: String) throws {
    #expect(try FormatRegistry.all.format(of: FileProbe(path: TestData.path(path))).id == id)
  }

  @Test(
    "one model is the same from every container",
    arguments: ["keras3", "tf_keras"])
  func sameEverywhere(family: String) throws {
    let model = "\(family)/sequential_mixture"
    let whole = try Checkpoint(opening: TestData.path(model + ".keras")).model
    for ending in [".weights.h5"] + (family == "tf_keras" ? ["_weights.h5"] : []) {
      for architecture in [".json", ".keras"] {
        let weights = try Checkpoint(
          opening: TestData.path(model + ending),
          architecture: TestData.path(model + architecture)
        ).model
        #expect(weights.nodes.map(\.name) == whole.nodes.map(\.name))
        for (one, other) in zip(whole.weightedNodes, weights.weightedNodes) {
          for (a, b) in zip(one.layer.tensors, other.layer.tensors) {
            #expect(a.tensor.isBitEqual(to: b.tensor), "\(one.name), \(a.role)")
          }
        }
      }
    }
  }

  @Test("an architecture by itself has no weights; weights are no architecture")
  func halves() throws {
    let json = TestData.path("keras3/sequential_mixture.json")
    let weights = TestData.path("keras3/sequential_mixture.weights.h5")
    expectDiagnostic("file.no-model") { try Checkpoint(opening: json) }
    expectDiagnostic("keras.architecture.needed") {
      try Checkpoint(opening: weights, architecture: weights)
    }
    expectDiagnostic("tensor.missing") {
      try Checkpoint(
        opening: TestData.path("keras_1_2_2/bilstm_gru_weights.h5"), architecture: json)
    }
  }
}
