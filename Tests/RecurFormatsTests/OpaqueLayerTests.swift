import Foundation
import Recur
import RecurContainers
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Layers of an unknown class")
struct OpaqueLayerTests {
  @Test(
    "are carried and named, and never run",
    arguments: [
      ("keras3/opaque_layer.h5", "average"), ("tf_keras/opaque_layer.h5", "average"),
      ("keras3/opaque_lambda.h5", "last_step"), ("tf_keras/opaque_lambda.h5", "last_step"),
      ("tf_keras/opaque_slice.h5", "tf.__operators__.getitem"),
    ])
  func opaque(path: String, layer: String) throws {
    let checkpoint = try Checkpoint(opening: TestData.path(path))
    let x = try Tensor.float32([Float](repeating: 0, count: 36), shape: [2, 6, 3])
    let refused = expectDiagnostic("model.layer.opaque") { try checkpoint.model.run([x]) }
    #expect(refused?.message.contains("'\(layer)'") == true)
    try TestData.withFolder { folder in
      let target = folder.appending(path: "w.safetensors").path(percentEncoded: false)
      _ = try checkpoint.convert(to: target)
      let names = try Checkpoint.inspect(target).tensors.map(\.name)
      #expect(names.contains { $0.hasPrefix("lstm") })
      #expect(names.contains { $0.hasPrefix("average") } == (layer == "average"))
    }
  }
}
