import RecurInference
import RecurModel
import RecurTensors
import Testing

/// Layers over one to three axes, with random shapes and options.
@Suite("The engine against the reference over several axes")
struct SpatialAgreementTests {
  /// A layer and the shape of its input behind the batch.
  private struct Case {
    var layer: Layer
    var shape: [Int]
  }

  private func make(seed: Int) throws -> Case {
    var numbers = RandomNumbers(seed: seed)
    let axes = numbers.integer(1...3)
    let extents = (0..<axes).map { _ in numbers.integer(5...8) }
    let channels = numbers.pick([1, 2, 4, 6])
    func perAxis(_ range: ClosedRange<Int>) -> [Int] {
      (0..<axes).map { _ in numbers.integer(range) }
    }
    let (sizes, strides) = (perAxis(1...3), perAxis(1...3))
    let dilations = perAxis(1...2)
    let paddings = (0..<axes).map { _ in
      numbers.pick([Padding.valid, .same, .causal, .explicit(before: 1, after: 2)])
    }
    let activation = numbers.pick([Activation.linear, .relu, .tanh, .softmax])
    func bias(_ count: Int) throws -> Tensor? {
      numbers.oneIn(3) ? nil : try numbers.tensor([count], bound: 0.5)
    }
    func convolution(_ groups: Int, _ outputs: Int) throws -> Convolution {
      Convolution(
        kernel: try numbers.tensor([outputs, channels / groups] + sizes, bound: 0.3),
        bias: try bias(outputs), activation: activation, strides: strides, dilations: dilations,
        paddings: paddings, groups: groups)
    }
    let layer: Layer
    switch numbers.integer(0...6) {
    case 0: layer = .convolution(try convolution(1, numbers.integer(1...9)))
    case 1: layer = .convolution(try convolution(channels, channels * numbers.integer(1...3)))
    case 2:
      let groups = channels % 2 == 0 ? 2 : 1
      layer = .convolution(try convolution(groups, groups * numbers.integer(1...4)))
    case 3:
      var first = try convolution(channels, channels * 2)
      (first.activation, first.bias) = (.linear, nil)
      let outputs = numbers.integer(1...5)
      let ones = [Int](repeating: 1, count: axes)
      layer = .separableConvolution(
        SeparableConvolution(
          depthwise: first,
          pointwise: Convolution(
            kernel: try numbers.tensor([outputs, channels * 2] + ones, bound: 0.3),
            bias: try bias(outputs), activation: activation, stride: 1, dilation: 1, groups: 1,
            padding: .valid)))
    case 4:
      let groups = channels % 2 == 0 ? numbers.integer(1...2) : 1
      let outputs = numbers.integer(1...4)
      layer = .transposedConvolution(
        TransposedConvolution(
          kernel: try numbers.tensor([channels, outputs] + sizes, bound: 0.3),
          bias: try bias(outputs * groups), activation: activation, strides: strides,
          dilations: dilations,
          cuts: (0..<axes).map { _ in .init(numbers.integer(0...1), numbers.integer(-2...1)) },
          groups: groups))
    case 5:
      let windows = (0..<axes).map {
        Window(
          size: sizes[$0], stride: strides[$0],
          padding: paddings[$0] == .causal || sizes[$0] < 3 ? .same : paddings[$0])
      }
      layer = .pooling(
        Pooling(
          operation: numbers.oneIn(2) ? .maximum : .average,
          region: numbers.oneIn(4)
            ? .whole(axes: axes, keepsAxes: numbers.oneIn(2)) : .windows(windows)))
    default:
      let margins = (0..<axes).map { _ in
        Reshaping.Margin(numbers.integer(0...2), numbers.integer(0...2))
      }
      layer = .reshaping(numbers.pick([.pad(margins), .crop(margins), .upsample(sizes)]))
    }
    return Case(layer: layer, shape: extents + [channels])
  }

  @Test("five hundred random layers differ by at most 2e-6", arguments: 0..<5)
  func layers(part: Int) throws {
    for seed in part * 100..<(part + 1) * 100 {
      let made = try make(seed: seed)
      var numbers = RandomNumbers(seed: seed + 10_000)
      let x = try numbers.tensor([numbers.integer(1...3)] + made.shape, bound: 1)
      let nodes = [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(
              shape: [nil] + made.shape, elementType: .float32, acceptsOtherTypes: true)),
          inputs: []),
        Model.Node(
          name: "y", layerName: "y", layer: made.layer, inputs: [Model.Value("x")]),
      ]
      let model = try Model(
        name: "spatial \(seed)", producer: "", nodes: nodes, inputs: ["x"],
        outputs: [Model.Value("y")]
      ).validated()
      let expected = try model.run([x])[0]
      let known = ModelShapes(model)["y"][0].dropFirst().map(\.value)
      #expect(known == expected.shape.dropFirst().map { $0 }, "\(made.layer.title)")
      for kernels in Kernels.available {
        let result = try Program(model, kernels: kernels).run([x])[0]
        #expect(difference(result, expected) <= 2e-6, "\(seed): \(made.layer.title) on \(kernels)")
      }
    }
  }

  @Test("numbers depend neither on the batch nor on the threads") func sameBits() throws {
    for seed in 0..<60 {
      let made = try make(seed: seed)
      var numbers = RandomNumbers(seed: seed)
      let x = try numbers.tensor([3] + made.shape, bound: 1)
      let model = try Model(
        name: "spatial", producer: "",
        nodes: [
          Model.Node(
            name: "x", layerName: "x",
            layer: .input(
              Input(
                shape: [nil] + made.shape, elementType: .float32, acceptsOtherTypes: true)),
            inputs: []),
          Model.Node(
            name: "y", layerName: "y", layer: made.layer, inputs: [Model.Value("x")]),
        ], inputs: ["x"], outputs: [Model.Value("y")]
      ).validated()
      let whole = try Program(model, threads: 2).run([x])[0]
      for row in 0..<3 {
        let one = try Program(model, threads: 1).run([x.slice(axis: 0, row..<row + 1)])[0]
        #expect(one.floats() == whole.slice(axis: 0, row..<row + 1).floats(), "\(made.layer.title)")
      }
    }
  }
}

/// Extents that are computed from free ones.
@Suite("Lengths as formulas")
struct LengthFormulaTests {
  private func length(_ layer: Layer) throws -> String {
    let model = Model(
      name: "m", producer: "",
      nodes: [
        Model.Node(
          name: "x", layerName: "x",
          layer: .input(
            Input(shape: [nil, nil, 2], elementType: .float32, acceptsOtherTypes: true)),
          inputs: []),
        Model.Node(name: "y", layerName: "y", layer: layer, inputs: [Model.Value("x")]),
      ], inputs: ["x"], outputs: [Model.Value("y")])
    return ModelShapes(model)["y"][0][1].description
  }

  private func convolution(_ padding: Padding, stride: Int, size: Int = 3) throws -> Layer {
    var numbers = RandomNumbers(seed: 1)
    return .convolution(
      Convolution(
        kernel: try numbers.tensor([2, 2, size], bound: 1), bias: nil, activation: .linear,
        stride: stride, dilation: 1, groups: 1, padding: padding))
  }

  @Test("each is the formula of its layer") func formulas() throws {
    #expect(try length(convolution(.same, stride: 1)) == "timesteps")
    #expect(try length(convolution(.same, stride: 2)) == "⌈timesteps/2⌉")
    #expect(try length(convolution(.valid, stride: 1)) == "timesteps-2")
    #expect(try length(convolution(.valid, stride: 2)) == "⌊(timesteps-3)/2⌋+1")
    #expect(try length(.reshaping(.upsample([2]))) == "2·timesteps")
    #expect(try length(.reshaping(.pad([.init(1, 2)]))) == "timesteps+3")
    #expect(try length(.reshaping(.crop([.init(1, 0)]))) == "timesteps-1")
    var numbers = RandomNumbers(seed: 2)
    let spread = TransposedConvolution(
      kernel: try numbers.tensor([2, 1, 3], bound: 1), bias: nil, activation: .linear,
      strides: [2], dilations: [1], cuts: [.init(0, 0)], groups: 1)
    #expect(try length(.transposedConvolution(spread)) == "2·timesteps+1")
  }
}
