import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

// The form of RTNeural's Python script (RTNeural/python/model_utils.py).
extension RTNeuralFormat: ModelEncoding {
  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel {
    let chain = try AudioChain(model, title)
    guard !chain.nodes.isEmpty else {
      throw CheckpointError(
        .modelUnrepresentable, "\(title) needs a layer, and the model has none",
        at: .init(object: model.name))
    }
    var writer = RTNeuralWriter(title, channels: chain.inputSize)
    for node in chain.nodes { try writer.append(node) }
    let gains = try gains(of: chain, writer, outputs: writer.channels)
    let rate = options.metadata.first { ["samplerate", "sample_rate"].contains($0.name) }?.value
    let text =
      "{\"in_shape\": [null, null, \(chain.inputSize)], \"layers\": [\n"
      + writer.layers.joined(separator: ",\n") + "\n]"
      + gains.text + (rate.flatMap(Double.init).map { ", \"samplerate\": \($0)" } ?? "") + "}\n"
    return EncodedAudio(
      format: self, text: text, mappings: writer.weights.mappings, diagnostics: [],
      isRounded: writer.weights.isRounded || gains.isRounded)
  }

  /// What AIDA-X adds to a model: gains in decibels, and the input added to the output.
  ///
  /// - Throws: `model.unrepresentable` for what its plug-ins don't compute.
  private func gains(
    of chain: AudioChain, _ writer: RTNeuralWriter, outputs: Int
  ) throws(CheckpointError) -> (text: String, isRounded: Bool) {
    var (text, isRounded) = ("", false)
    for (name, gain) in [("in_gain", chain.inputGain), ("out_gain", chain.outputGain)] {
      guard let gain else { continue }
      let decibels = Decibels.level(gain)
      guard gain > 0, abs(decibels) <= 200 else {
        throw CheckpointError(
          .modelUnrepresentable, "\(title) has gains in decibels, and the factor \(gain) is none")
      }
      text += ", \"\(name)\": \(decibels)"
      isRounded = isRounded || Decibels.factor(decibels) != gain
    }
    guard chain.skip == 0 || chain.skip == 1 && outputs == 1 else {
      throw CheckpointError(
        .modelUnrepresentable,
        "\(title) adds one channel of the input to one output, and the model \(chain.skip) to \(outputs)"
      )
    }
    return (text + (chain.skip == 1 ? ", \"in_skip\": 1" : ""), isRounded)
  }
}

/// Writes layers as RTNeural's loader reads them.
struct RTNeuralWriter {
  private(set) var layers: [String] = []
  private(set) var weights: AudioWeights
  private(set) var channels: Int
  private let title: String

  init(_ title: String, channels: Int) {
    self.title = title
    self.channels = channels
    weights = AudioWeights(title)
  }

  /// An array of a layer: its numbers and their shape.
  private typealias Array2 = (numbers: [Float], shape: [Int], sources: [Tensor], operation: String)

  mutating func append(_ node: Model.Node) throws(CheckpointError) {
    if case .recurrent(let layer) = node.layer {
      try append(layer, node)
    } else if case .dense(let dense) = node.layer {
      try append(dense, "dense", node)
    } else if case .timeDistributed(let wrapper) = node.layer,
      case .dense(let dense) = wrapper.inner
    {
      try append(dense, "time-distributed-dense", node)
    } else if case .convolution(let layer) = node.layer {
      try append(layer, node)
    } else if case .batchNormalization(let layer) = node.layer {
      try append(layer, node)
    } else {
      try appendWithoutProducts(node)
    }
  }

  private mutating func add(
    _ type: String, _ node: Model.Node, outputs: Int, activation: String = "",
    options: [(String, String)] = [], _ arrays: [Array2]
  ) {
    let name = "\(type)_\(layers.count)"
    var texts: [String] = []
    for (index, array) in arrays.enumerated() {
      weights.note("\(name).\(index)", array.shape, from: array.sources, array.operation)
      texts.append(Tensor.text(array.numbers, shape: array.shape))
    }
    let more = options.map { ", \"\($0.0)\": \($0.1)" }.joined()
    layers.append(
      "{\"type\": \"\(type)\", \"activation\": \"\(activation)\", \"shape\": [null, null, \(outputs)]"
        + more + ", \"weights\": [" + texts.joined(separator: ", ") + "]}")
    channels = outputs
  }

  private func array(
    _ tensor: Tensor, _ node: Model.Node, _ operation: String
  ) throws(CheckpointError) -> Array2 {
    (try weights.numbers(tensor, node), tensor.shape, [tensor], operation)
  }

  private func refusal(_ node: Model.Node, _ what: String) -> CheckpointError {
    AudioChain.refusal(node, title, what)
  }

  /// The engine's name of a function.
  private func word(_ function: Activation, _ node: Model.Node) throws(CheckpointError) -> String {
    switch function {
    case .linear: return ""
    case .tanh: return "tanh"
    case .relu: return "relu"
    case .sigmoid: return "sigmoid"
    case .softmax: return "softmax"
    case .elu(alpha: 1): return "elu"
    default: throw refusal(node, "the engine has no function \(function.name)")
    }
  }

  // MARK: layers

  private mutating func append(
    _ dense: Dense, _ type: String, _ node: Model.Node
  ) throws(CheckpointError) {
    var arrays = [try array(dense.kernel.transposed(), node, "transposed")]
    if let bias = dense.bias { arrays.append(try array(bias, node, "copied")) }
    add(
      type, node, outputs: dense.outputSize, activation: try word(dense.activation, node), arrays)
  }

  private mutating func append(
    _ layer: Convolution, _ node: Model.Node
  ) throws(CheckpointError) {
    guard layer.kernel.rank == 3 else {
      throw refusal(node, "only windows along timesteps are written")
    }
    let size = layer.kernelSizes[0]
    guard layer.strides == [1], layer.paddings[0] == .causal || size == 1 else {
      throw refusal(node, "the engine computes causal convolutions with a stride of 1 only")
    }
    let zeros = [Float](repeating: 0, count: layer.outputSize)
    let bias =
      try layer.bias.map { bias throws(CheckpointError) in try array(bias, node, "copied") }
      ?? (zeros, [layer.outputSize], [], "")
    add(
      "conv1d", node, outputs: layer.outputSize, activation: try word(layer.activation, node),
      options: [
        ("kernel_size", "[\(size)]"), ("dilation", "[\(layer.dilations[0])]"),
        ("groups", "\(layer.groups)"),
      ],
      [try array(layer.kernel.permuted([2, 1, 0]), node, "axes exchanged"), bias])
  }

  private mutating func append(
    _ layer: BatchNormalization, _ node: Model.Node
  ) throws(CheckpointError) {
    let width = layer.movingMean.count
    var arrays: [Array2] = []
    if layer.gamma != nil || layer.beta != nil {
      for (tensor, neutral) in [(layer.gamma, Float(1)), (layer.beta, 0)] {
        if let tensor {
          arrays.append(try array(tensor, node, "copied"))
        } else {
          arrays.append(([Float](repeating: neutral, count: width), [width], [], ""))
        }
      }
    }
    arrays.append(try array(layer.movingMean, node, "copied"))
    arrays.append(try array(layer.movingVariance, node, "copied"))
    add("batchnorm", node, outputs: channels, options: [("epsilon", "\(layer.epsilon)")], arrays)
  }

  private mutating func appendWithoutProducts(_ node: Model.Node) throws(CheckpointError) {
    if case .parametricReLU(let layer) = node.layer {
      guard layer.alpha.shape == [1, channels] else {
        throw refusal(node, "the engine has one alpha for each channel")
      }
      add("prelu", node, outputs: channels, [try array(layer.alpha, node, "copied")])
    } else if case .activation(let function) = node.layer {
      add("activation", node, outputs: channels, activation: try word(function, node), [])
    } else if case .softmax(let layer) = node.layer, !layer.isLogarithm,
      [[-1], [2]].contains(layer.axes)
    {
      add("activation", node, outputs: channels, activation: "softmax", [])
    } else {
      throw refusal(node, "the engine has no such layer")
    }
  }

  // MARK: cells

  private mutating func append(
    _ layer: Recurrent, _ node: Model.Node
  ) throws(CheckpointError) {
    guard layer.direction == .forward, layer.returnsSequence, node.initialState.isEmpty else {
      throw refusal(node, "the engine runs forward from states of zeros and puts out every frame")
    }
    if case .lstm(let cell) = layer.cell {
      guard cell.activation == .tanh, cell.recurrentActivation == .sigmoid, cell.projection == nil,
        cell.peepholes == nil, !cell.isLimited, cell.outputActivation ?? .tanh == .tanh
      else { throw refusal(node, "the engine computes tanh and sigmoid, without projections") }
      let layout = AudioLayouts.rtNeuralLSTM
      let bias = try weights.single(cell.weights.bias, units: cell.units, layout, node)
      add(
        "lstm", node, outputs: cell.units, activation: "tanh",
        try matrices(cell.weights, layout, node) + [
          (bias.numbers, [4 * cell.units], bias.sources, "gates i f g o")
        ])
    } else if case .gru(let cell) = layer.cell {
      guard cell.activation == .tanh, cell.recurrentActivation == .sigmoid,
        cell.resetPlacement == .afterProduct
      else {
        throw refusal(
          node, "the engine computes tanh and sigmoid, and applies the reset gate after the product"
        )
      }
      let layout = AudioLayouts.rtNeuralGRU
      var (input, recurrent) = (
        RecurrentWeights<GRUGate>.Bias.none, RecurrentWeights<GRUGate>.Bias.none
      )
      switch cell.weights.bias {
      case .none: break
      case .single: input = cell.weights.bias
      case .split(let one, let other): (input, recurrent) = (.single(one), .single(other))
      }
      let rows = [
        try weights.single(input, units: cell.units, layout, node),
        try weights.single(recurrent, units: cell.units, layout, node),
      ]
      add(
        "gru", node, outputs: cell.units, activation: "tanh",
        try matrices(cell.weights, layout, node) + [
          (rows.flatMap(\.numbers), [2, 3 * cell.units], rows.flatMap(\.sources), "gates z r h")
        ])
    } else {
      throw refusal(node, "the engine has LSTM and GRU cells only")
    }
  }

  private func matrices<Gate>(
    _ own: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ node: Model.Node
  ) throws(CheckpointError) -> [Array2] {
    var arrays: [Array2] = []
    for gates in [own.kernel, own.recurrentKernel] {
      let packed = try layout.pack(gates)
      let numbers = try weights.numbers(packed, node)
      arrays.append(
        (numbers, packed.shape, layout.gateOrder.map { gates[$0] }, "gates beside each other"))
    }
    return arrays
  }
}
