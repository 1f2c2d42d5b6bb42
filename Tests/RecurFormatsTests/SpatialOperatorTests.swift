import Foundation
import Recur
import RecurContainers
import RecurFormats
import RecurModel
import RecurPyTorch
import RecurStateDicts
import RecurTensors
import RecurTestSupport
import Testing

/// Modules of torch.nn over one to three axes, as torch computed them
/// (testdata/generators/gen_operators_spatial.py).
@Suite("Spatial modules of torch.nn")
struct SpatialOperatorTests {
  /// Opens a declaration with some tensors, which lie in a file beside it.
  private func open(_ declaration: String, _ tensors: TensorTable) throws -> Checkpoint {
    try TestData.withFolder { folder in
      let (weights, json) = (
        folder.appending(path: "m.safetensors"), folder.appending(path: "m.json")
      )
      var sink = MemorySink()
      try SafetensorsFormat(PyTorchStateDicts()).encode(StateDict(tensors: tensors), into: &sink)
      try Data(sink.bytes).write(to: weights)
      try Data(declaration.utf8).write(to: json)
      return try Checkpoint(
        opening: weights.path(percentEncoded: false),
        options: OpeningOptions(architecture: json.path(percentEncoded: false)))
    }
  }

  /// A tensor that no module uses, for modules without tensors.
  private func spare() throws -> TensorTable {
    var tensors = TensorTable()
    try tensors.append("spare", .float32([1], shape: [1]))
    return tensors
  }

  @Test("each of 86 modules gives what torch recorded") func recorded() throws {
    let json = try JSONParser.parse(
      TestData.region(try TestData.bytes("numbers/spatial_torch.json")))
    let cases = try #require(json.array)
    #expect(cases.count > 80)
    let archive = try StateDict.read(FileProbe(path: TestData.path("numbers/spatial_torch.npz")))
    for (index, value) in cases.enumerated() {
      let key = "m\(index)"
      var tensors = TensorTable()
      for (name, tensor) in archive.tensors.entries where name.hasPrefix("\(key).") {
        try tensors.append(name, tensor)
      }
      let hasTensors = !tensors.names.isEmpty
      let model = try open(value.text, hasTensors ? tensors : spare()).model
      let x = try #require(archive.tensors["\(key)/in"])
      let recorded = try #require(archive.tensors["\(key)/out"])
      let y = try model.run([x])[0]
      #expect(y.shape == recorded.shape, "\(value.text)")
      let largest = zip(y.doubles(), recorded.doubles()).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(largest <= 1e-5, "\(value.text)")
    }
  }

  @Test(
    "what torch computes otherwise is refused by name",
    arguments: [
      (#"{"type": "nn.MaxPool2d", "kernel_size": 2, "ceil_mode": true}"#, "not known"),
      (
        #"{"type": "nn.MaxPool1d", "kernel_size": 2, "return_indices": true}"#, "\"return_indices\""
      ),
      (#"{"type": "nn.AdaptiveAvgPool2d", "output_size": [2, 1]}"#, "not known"),
      (#"{"type": "nn.AvgPool3d", "kernel_size": [2, 2]}"#, "\"kernel_size\""),
    ])
  func refused(module: String, words: String) throws {
    do {
      _ = try open(#"{"layers": ["# + module + "]}", spare())
      Issue.record("\(module) was read")
    } catch let error as CheckpointError {
      #expect(error.diagnostics.contains { $0.message.contains(words) })
    }
  }
}

/// Python text for layers over several axes.
@Suite("Code for spatial layers")
struct SpatialCodeTests {
  private func code(_ layer: Layer, _ shape: [Int?]) -> String {
    let model = LayerSamples.model(layer, shape)
    #expect(model.findings().isEmpty)
    return PyTorchModule(model).code(source: "a.h5", weights: "a.pt")
  }

  @Test("channels are moved behind the batch and back") func convolution() throws {
    var make = LayerSamples()
    let layer = Convolution(
      kernel: try make.tensor([2, 3, 3, 2]), bias: nil, activation: .relu, strides: [1, 2],
      dilations: [1, 1], paddings: [.same, .same], groups: 1)
    let text = code(.convolution(layer), [nil, 5, 6, 3])
    #expect(text.contains("nn.Conv2d(3, 2, (3, 2), stride=(1, 2), bias=False)"))
    #expect(text.contains("F.pad(x0, (0, 0, *_same_along(x0, 2, 2, 2), 1, 1))"))
    #expect(text.contains(".movedim(-1, 1)).movedim(1, -1))"))
    #expect(text.contains("def _same_along(x, axis, span, stride):"))
  }

  @Test("a transposed convolution is cut where torch does not cut") func transposed() throws {
    var make = LayerSamples()
    let layer = TransposedConvolution(
      kernel: try make.tensor([3, 2, 4]), bias: nil, activation: .linear, strides: [3],
      dilations: [1], cuts: [.init(0, 1)], groups: 1)
    let text = code(.transposedConvolution(layer), [nil, 5, 3])
    #expect(text.contains("nn.ConvTranspose1d(3, 2, 4, stride=3, bias=False)"))
    #expect(text.contains("(x0.transpose(1, 2))[:, :, :-1].transpose(1, 2)"))
  }

  @Test("a mean that leaves out padding counts what it holds") func mean() throws {
    let windows = [
      Window(size: 2, stride: 1, padding: .same), Window(size: 3, stride: 1, padding: .valid),
    ]
    let text = code(
      .pooling(Pooling(operation: .average, region: .windows(windows))), [nil, 5, 6, 3])
    #expect(text.contains("_average_pool(x0, (2, 3), (1, 1), (0, 0, 0, 0, 0, 1))"))
  }
}
