import RecurModel
import RecurTensors

extension PyTorchModule {
  /// The expression that makes the submodule of a layer.
  func constructor(_ node: Model.Node) -> String {
    constructor(node.layer, node)
  }

  private func constructor(_ layer: Layer, _ node: Model.Node) -> String {
    switch layer {
    case .recurrent(let recurrent):
      let cell = recurrent.cell
      guard !isWrittenOut(node), let torchClass = cell.torchClass else {
        return written(cell, [masked(recurrent)], node)
      }
      return call(torchClass, torchArguments(cell), node)
    case .bidirectional(let pair):
      let cell = pair.forward.cell
      guard pair.isOneModule else {
        let parts = [pair.forward, pair.backward].map { written($0.cell, [masked($0)], node) }
        return "KerasBidirectional(\(parts.joined(separator: ", ")))"
      }
      guard !isWrittenOut(node), let torchClass = cell.torchClass else {
        return written(cell, ["bidirectional=True", masked(pair.forward)], node)
      }
      return call(torchClass, torchArguments(cell) + ["bidirectional=True"], node)
    case .timeDistributed(let every): return constructor(every.inner, node)
    case .dense(let dense):
      return call(
        "nn.Linear", ["\(dense.inputSize)", "\(dense.outputSize)", bias(dense.bias)], node)
    case .embedding(let embedding):
      return call(
        "nn.Embedding", ["\(embedding.vocabularySize)", "\(embedding.outputSize)"], node)
    case .convolution(let layer):
      let options = [
        ("stride", layer.stride), ("dilation", layer.dilation), ("groups", layer.groups),
      ]
      .map { $0.1 == 1 ? nil : "\($0.0)=\($0.1)" }
      return call(
        "nn.Conv1d",
        ["\(layer.inputSize)", "\(layer.outputSize)", "\(layer.kernelSize)"] + options
          + [bias(layer.bias)], node)
    case .batchNormalization(let layer):
      let isAffine = layer.gamma != nil || layer.beta != nil
      return call(
        "nn.BatchNorm1d",
        [
          "\(layer.movingMean.count)", "eps=\(pythonNumber(layer.epsilon))",
          isAffine ? nil : "affine=False",
        ], node)
    case .layerNormalization(let layer):
      return call("nn.LayerNorm", ["\(layer.width)", "eps=\(pythonNumber(layer.epsilon))"], node)
    case .standardization(let moments):
      return call(
        "KerasNormalization",
        moments.mean.shape.map { "\($0)" } + [moments.isInverse ? "invert=True" : nil], node)
    case .parametricReLU(let rectifier):
      return call("KerasPReLU", rectifier.alpha.shape.map { "\($0)" }, node)
    case .attention(let attention): return constructor(attention, node)
    case .input, .pooling, .scaling, .activation, .reshaping, .selection, .merge, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask, .opaque:
      return "nn.Identity()"
    }
  }

  private func constructor(_ attention: Attention, _ node: Model.Node) -> String {
    func shape(_ scale: Tensor?) -> String? {
      scale.map { "scale=(\($0.shape.map { "\($0)," }.joined(separator: " ")))" }
    }
    let options: [String?] =
      switch attention.score {
      case .product(let scale): ["\"dot\"", shape(scale)]
      case .additive(let scale): ["\"additive\"", shape(scale)]
      case .concatenation(let scale, _): ["\"concat\"", shape(scale)]
      }
    return call(
      "KerasAttention", options + [attention.isCausal ? "causal=True" : nil], node)
  }

  // MARK: recurrent layers

  func torchArguments(_ cell: RecurrentCell) -> [String?] {
    ["\(cell.inputSize)", "\(cell.hiddenSize)", "batch_first=True"] + cell.torchOptions
      + [cell.hasBias ? nil : "bias=False"]
  }

  /// A cell as a class of the generated code.
  private func written(
    _ cell: RecurrentCell, _ options: [String?], _ node: Model.Node
  ) -> String {
    func sizes(_ activation: Activation) -> [String?] {
      [
        "\(cell.inputSize)", "\(cell.hiddenSize)",
        "activation=\(PyTorchActivations.name(activation))",
      ]
    }
    func recurrent(_ activation: Activation) -> String {
      "recurrent_activation=\(PyTorchActivations.name(activation))"
    }
    let more = [cell.hasBias ? nil : "bias=False"] + options
    switch cell {
    case .lstm(let lstm):
      return call(
        "KerasLSTM",
        sizes(lstm.activation) + [recurrent(lstm.recurrentActivation)] + cell.torchOptions + more,
        node)
    case .gru(let gru):
      let placement = "reset_after=\(gru.resetPlacement == .afterProduct ? "True" : "False")"
      return call(
        "KerasGRU",
        sizes(gru.activation) + [recurrent(gru.recurrentActivation), placement] + more, node)
    case .simpleRNN(let rnn): return call("KerasRNN", sizes(rnn.activation) + more, node)
    case .stacked(let stack):
      let parts = stack.cells.map { written($0, ["stacked=True"], node) }
      let own = options.compactMap { $0 }.filter { $0 != "stacked=True" }
      return "KerasStack(\((parts + own).joined(separator: ", ")))"
    }
  }

  private func masked(_ recurrent: Recurrent) -> String? {
    switch recurrent.maskedOutput {
    case .previous: nil
    case .zero: "masked_output=\"zero\""
    case .state: "masked_output=\"state\""
    }
  }

  // MARK: arguments

  private func bias(_ bias: Tensor?) -> String? { bias == nil ? "bias=False" : nil }

  /// A call with the arguments that there are, and the type of the layer unless that is float32.
  func call(_ function: String, _ arguments: [String?], _ node: Model.Node) -> String {
    let type = PyTorchType(floating: node.precision)
    let all = arguments + [type == .float32 ? nil : "dtype=\(type.rawValue)"]
    return "\(function)(\(all.compactMap { $0 }.joined(separator: ", ")))"
  }
}
