#if HDF5Writing
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurInference
  import RecurModel
  import RecurTensors
  import RecurTestSupport
  import Testing

  @Suite("Convolutions that pad their axes, written for Keras")
  struct KerasMarginTests {
    private func tensor(_ shape: [Int]) throws -> Tensor {
      let count = shape.reduce(1, *)
      return try .float32((0..<count).map { 0.3 * Float(($0 * 7) % 5 - 2) + 0.01 }, shape: shape)
    }

    private func model(_ paddings: [Padding], stride: Int) throws -> Model {
      let axes = paddings.count
      let input = Input(
        shape: [nil] + [Int](repeating: 7, count: axes) + [2], elementType: .float32,
        acceptsOtherTypes: false)
      let convolution = Convolution(
        kernel: try tensor([3, 2] + [Int](repeating: 3, count: axes)), bias: try tensor([3]),
        activation: .relu, strides: [Int](repeating: stride, count: axes),
        dilations: [Int](repeating: 1, count: axes), paddings: paddings, groups: 1)
      return Model(
        name: "model", producer: "test",
        nodes: [
          Model.Node(
            name: "x", layerName: "x", layer: .input(input), inputs: [], precision: .float32),
          Model.Node(
            name: "conv", layerName: "conv", layer: .convolution(convolution),
            inputs: [Model.Value("x")], precision: .float32),
        ], inputs: ["x"], outputs: [Model.Value("conv")])
    }

    private func layers(_ model: Model) -> [String] {
      model.nodes.map { node in
        switch node.layer {
        case .input: "input"
        case .convolution(let layer): "\(layer.paddings)"
        case .reshaping(.pad(let margins)): "\(margins.map { [$0.before, $0.after] })"
        default: "other"
        }
      }
    }

    @Test(
      "the margins become a layer, or Keras' own padding where it is the same",
      arguments: [
        ([Padding.explicit(before: 1, after: 1)], 1, 2),
        ([.explicit(before: 1, after: 1)], 2, 3), ([.explicit(before: 2, after: 0)], 1, 3),
        ([.explicit(before: 1, after: 1), .explicit(before: 1, after: 1)], 1, 2),
        ([.explicit(before: 0, after: 0), .explicit(before: 1, after: 1)], 1, 3),
        ([.valid, .explicit(before: 0, after: 2), .causal], 1, 3),
      ] as [([Padding], Int, Int)])
    func margins(paddings: [Padding], stride: Int, count: Int) throws {
      let model = try model(paddings, stride: stride)
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: "keras")
      let encoded = try encoding.encode(model, options: EncodeOptions(source: "test"))
      var sink = MemorySink()
      try encoded.write(to: &sink)
      let read = try encoded.readBack(
        FileProbe(path: "written", bytes: TestData.region(sink.bytes)))
      guard case .model(let copy) = read else {
        Issue.record("no model")
        return
      }
      #expect(copy.nodes.count == count, "\(layers(copy))")
      let x = try tensor([2] + [Int](repeating: 7, count: paddings.count) + [2])
      let (one, other) = (try model.run([x]), try copy.run([x]))
      #expect(one[0].shape == other[0].shape)
      #expect(one[0].largestDifference(from: other[0]) == 0)
    }

    @Test("a maximum over padded windows is refused: Keras would pad with zeros")
    func maximum() throws {
      var model = try model([.explicit(before: 1, after: 1)], stride: 1)
      model.nodes[1].layer = .pooling(
        Pooling(
          operation: .maximum, window: (3, 2), padding: .explicit(before: 1, after: 1),
          keepsAxis: false))
      let encoding = try FormatRegistry.all.encoding(forPath: "", id: "keras")
      let error = #expect(throws: CheckpointError.self) {
        try encoding.encode(model, options: EncodeOptions(source: "test"))
      }
      #expect(error?.diagnostic.code.rawValue == "model.unrepresentable")
    }
  }
#endif
