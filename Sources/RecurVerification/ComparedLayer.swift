import RecurModel
import RecurTensors

/// What is compared of a layer with weights.
struct ComparedLayer {
  /// Weights of one role, the gates of a cell one after the other.
  struct Weights {
    var role: String
    var tensors: [Tensor]
    /// The number that all elements have when a layer does without the tensor; nil when it can't.
    var neutral: Double?

    /// The shape with all gates along the first axis.
    var shape: [Int] {
      guard var shape = tensors.first?.shape else { return [] }
      if tensors.count > 1, !shape.isEmpty {
        shape[0] = tensors.reduce(0) { $0 + ($1.shape.first ?? 0) }
      }
      return shape
    }
  }

  var name: String
  /// The kind of layer, without sizes: shapes say those.
  var kind: String
  /// Options that weights alone imply.
  var fixedOptions: [(name: String, value: String)] = []
  /// Options that only an architecture says.
  var options: [(name: String, value: String)] = []
  var weights: [Weights] = []
  var biases: [ComparedBias] = []

  /// Takes a layer apart.
  ///
  /// `activation` is what follows the layer as a layer of its own.
  init(_ name: String, _ layer: Layer, activation: Activation?) {
    self.name = name
    kind = ""
    add(layer, activation)
  }

  private mutating func add(_ layer: Layer, _ activation: Activation?) {
    func option(_ name: String, _ value: some CustomStringConvertible) {
      options.append((name, "\(value)"))
    }
    func effective(_ own: Activation) -> String {
      own == .linear ? (activation ?? .linear).name : own.name
    }
    switch layer {
    case .recurrent(let recurrent):
      kind = "recurrent layer"
      option("direction", recurrent.direction.rawValue)
      add(recurrent.cell, "")
    case .bidirectional(let pair):
      kind = "bidirectional layer"
      option("merge mode", pair.mergeMode?.rawValue ?? "none")
      add(pair.forward.cell, "forward ")
      add(pair.backward.cell, "backward ")
    case .timeDistributed(let every): add(every.inner, activation)
    case .dense(let dense):
      kind = "dense layer"
      option("activation", effective(dense.activation))
      add("kernel", dense.kernel)
      add("bias", dense.bias, neutral: 0)
    case .embedding(let embedding):
      kind = "embedding"
      add("table", embedding.table)
    case .convolution(let convolution):
      kind = "convolution"
      option("activation", effective(convolution.activation))
      option("stride", convolution.stride)
      option("dilation", convolution.dilation)
      option("groups", convolution.groups)
      add("kernel", convolution.kernel)
      add("bias", convolution.bias, neutral: 0)
    case .batchNormalization(let normalization):
      kind = "batch normalization"
      option("epsilon", normalization.epsilon)
      add("gamma", normalization.gamma, neutral: 1)
      add("beta", normalization.beta, neutral: 0)
      add("moving mean", normalization.movingMean)
      add("moving variance", normalization.movingVariance)
    case .layerNormalization(let normalization):
      kind = "layer normalization"
      option("epsilon", normalization.epsilon)
      add("gamma", normalization.gamma, neutral: 1)
      add("beta", normalization.beta, neutral: 0)
    case .standardization(let moments):
      kind = "standardization"
      option("inverse", moments.isInverse)
      add("mean", moments.mean)
      add("variance", moments.variance)
    case .parametricReLU(let rectifier):
      kind = "parametric ReLU"
      add("alpha", rectifier.alpha)
    case .attention(let attention):
      kind = "attention"
      option("causal", attention.isCausal)
      switch attention.score {
      case .product(let scale):
        option("score", "product")
        add("scale", scale, neutral: 1)
      case .additive(let scale):
        option("score", "additive")
        add("scale", scale, neutral: 1)
      case .concatenation(let scale, let weight):
        option("score", "concatenation")
        add("scale", scale, neutral: 1)
        add("score weight", weight)
      }
    case .opaque(let opaque):
      kind = "layer of class '\(opaque.className)'"
      for (index, entry) in opaque.tensors.enumerated() { add("tensor \(index)", entry.tensor) }
    case .input, .pooling, .scaling, .activation, .reshaping, .selection, .merge, .masking,
      .identity, .notEqual, .anyTrue, .lengthMask:
      kind = layer.title
    }
  }

  private mutating func add(_ role: String, _ tensor: Tensor?, neutral: Double? = nil) {
    weights.append(
      Weights(role: role, tensors: tensor.map { [$0] } ?? [], neutral: neutral))
  }

  private mutating func add(_ cell: RecurrentCell, _ prefix: String) {
    func option(_ name: String, _ value: String) { options.append((prefix + name, value)) }
    switch cell {
    case .lstm(let lstm):
      fixedOptions.append((prefix + "cell", "LSTM"))
      option("activation", lstm.activation.name)
      option("recurrent activation", lstm.recurrentActivation.name)
      add(lstm.weights, prefix)
      if let projection = lstm.projection { add(prefix + "projection", projection) }
      if let peepholes = lstm.peepholes {
        add(prefix + "peephole of the input gate", peepholes.input)
        add(prefix + "peephole of the forget gate", peepholes.forget)
        add(prefix + "peephole of the output gate", peepholes.output)
      }
    case .gru(let gru):
      fixedOptions.append((prefix + "cell", "GRU"))
      fixedOptions.append(
        (
          prefix + "reset gate",
          gru.resetPlacement == .afterProduct ? "after the product" : "before the product"
        ))
      option("activation", gru.activation.name)
      option("recurrent activation", gru.recurrentActivation.name)
      // Of the two biases of the candidate only one passes the reset gate.
      add(gru.weights, prefix, apart: gru.resetPlacement == .afterProduct ? [.candidate] : [])
    case .simpleRNN(let rnn):
      fixedOptions.append((prefix + "cell", "RNN"))
      option("activation", rnn.activation.name)
      add(rnn.weights, prefix)
    case .stacked(let stack):
      fixedOptions.append((prefix + "cells", "\(stack.cells.count)"))
      for (index, cell) in stack.cells.enumerated() { add(cell, prefix + "cell \(index) ") }
    }
  }

  private mutating func add<Gate>(
    _ weights: RecurrentWeights<Gate>, _ prefix: String, apart: Set<Gate> = []
  ) {
    let gates = Gate.allCases
    self.weights.append(Weights(role: prefix + "kernel", tensors: gates.map { weights.kernel[$0] }))
    self.weights.append(
      Weights(
        role: prefix + "recurrent kernel", tensors: gates.map { weights.recurrentKernel[$0] }))
    biases.append(ComparedBias(role: prefix + "bias", weights, apart: apart))
  }
}
