import RecurFormats
import RecurModel
import RecurTensors

/// Gives the weights of a model the names and forms of MLX' modules (mlx/python/mlx/nn/layers, 0.32).
struct MLXWriter {
  private(set) var tensors = TensorTable()
  private(set) var mappings: [TensorMapping] = []
  /// Whether two biases were added and rounded.
  private(set) var isRounded = false

  /// - Throws: `model.unrepresentable` for every layer with weights that is no module of MLX.
  init(_ model: Model) throws(CheckpointError) {
    var written: Set<Name> = []
    var problems: [Diagnostic] = []
    for node in model.nodes where !node.layer.tensors.isEmpty {
      // A layer that is called twice has its weights once.
      guard written.insert(Name(node.layerName)).inserted else { continue }
      do throws(CheckpointError) {
        try add(node.layer, node, Self.key(of: node, in: model))
      } catch {
        problems += error.diagnostics
      }
    }
    if let error = CheckpointError(findings: problems) { throw error }
    guard !tensors.names.isEmpty else {
      throw CheckpointError(.modelUnrepresentable, "the model has no weights")
    }
  }

  /// The path of a module: that of the state dict it came from, or the name of the layer.
  private static func key(of node: Model.Node, in model: Model) -> String {
    guard let place = node.place else {
      return node.layerName.split(separator: "/").joined(separator: ".")
    }
    let layers = Set(model.nodes.filter { $0.place?.key == place.key }.map { $0.place?.layer })
    guard let layer = place.layer, layers.count > 1 else { return place.key }
    return place.key.isEmpty ? "layers.\(layer)" : "\(place.key).\(layer)"
  }

  private func refusal(_ node: Model.Node, _ what: String) -> CheckpointError {
    CheckpointError(
      .modelUnrepresentable,
      "'\(node.layerName)' (\(node.layer.title)) is no module of MLX: \(what)",
      at: node.location)
  }

  // MARK: layers

  private mutating func add(
    _ layer: Layer, _ node: Model.Node, _ key: String
  ) throws(CheckpointError) {
    if case .recurrent(let own) = layer { return try add(own.cell, node, key) }
    if case .bidirectional(let both) = layer {
      try add(both.forward.cell, node, "\(key).forward")
      return try add(both.backward.cell, node, "\(key).backward")
    }
    if case .timeDistributed(let wrapper) = layer { return try add(wrapper.inner, node, key) }
    if case .dense(let dense) = layer {
      try add(key, "weight", dense.kernel, from: [dense.kernel])
      return try addIfThere(key, "bias", dense.bias)
    }
    if case .embedding(let embedding) = layer {
      return try add(key, "weight", embedding.table, from: [embedding.table])
    }
    try addWindowsAndNorms(layer, node, key)
  }

  private mutating func addWindowsAndNorms(
    _ layer: Layer, _ node: Model.Node, _ key: String
  ) throws(CheckpointError) {
    if case .convolution(let own) = layer {
      // The channels of the input stand last.
      let order = [0] + Array(2..<own.kernel.rank) + [1]
      try add(key, "weight", own.kernel.permuted(order), from: [own.kernel], "axes exchanged")
      return try addIfThere(key, "bias", own.bias)
    }
    if case .layerNormalization(let own) = layer {
      try addIfThere(key, "weight", own.gamma)
      return try addIfThere(key, "bias", own.beta)
    }
    if case .batchNormalization(let own) = layer {
      try addIfThere(key, "weight", own.gamma)
      try addIfThere(key, "bias", own.beta)
      try add(key, "running_mean", own.movingMean, from: [own.movingMean])
      return try add(key, "running_var", own.movingVariance, from: [own.movingVariance])
    }
    throw refusal(node, "it has weights for which there is no module")
  }

  // MARK: cells

  private mutating func add(
    _ cell: RecurrentCell, _ node: Model.Node, _ key: String
  ) throws(CheckpointError) {
    if case .lstm(let own) = cell {
      guard own.activation == .tanh, own.recurrentActivation == .sigmoid,
        own.outputActivation ?? .tanh == .tanh, own.projection == nil, own.peepholes == nil,
        !own.isLimited
      else { throw refusal(node, "its LSTM computes tanh and sigmoid, and projects nothing") }
      try matrices(own.weights, MLXLayouts.lstm, key)
      if let bias = try sum(own.weights.bias, MLXLayouts.lstm) {
        try add(key, "bias", bias.tensor, from: bias.sources, "gates i f g o")
      }
    } else if case .gru(let own) = cell {
      guard own.activation == .tanh, own.recurrentActivation == .sigmoid,
        own.resetPlacement == .afterProduct
      else {
        throw refusal(
          node, "its GRU computes tanh and sigmoid, with the reset gate after the product")
      }
      try matrices(own.weights, MLXLayouts.gru, key)
      try add(own.weights.bias, units: own.units, key)
    } else if case .simpleRNN(let own) = cell {
      guard [.tanh, .relu].contains(own.activation) else {
        throw refusal(node, "its RNN computes tanh or relu")
      }
      let layout = RecurrentLayout<SimpleRNNGate>(
        gateOrder: [.hidden], orientation: .outputsByInputs)
      try add(key, "Wxh", own.weights.kernel[.hidden], from: [own.weights.kernel[.hidden]])
      let recurrent = own.weights.recurrentKernel[.hidden]
      try add(key, "Whh", recurrent, from: [recurrent])
      if let bias = try sum(own.weights.bias, layout) {
        try add(key, "bias", bias.tensor, from: bias.sources)
      }
    } else {
      throw refusal(node, "it has LSTM, GRU and RNN cells")
    }
  }

  private mutating func matrices<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>, _ key: String
  ) throws(CheckpointError) {
    for (name, gates) in [("Wx", weights.kernel), ("Wh", weights.recurrentKernel)] {
      try add(
        key, name, layout.pack(gates), from: layout.gateOrder.map { gates[$0] },
        "gates one below the other")
    }
  }

  /// One bias, of which two are added and rounded once; nil without.
  private mutating func sum<Gate>(
    _ bias: RecurrentWeights<Gate>.Bias, _ layout: RecurrentLayout<Gate>
  ) throws(CheckpointError) -> (tensor: Tensor, sources: [Tensor])? {
    switch bias {
    case .none: return nil
    case .single(let one): return (try layout.pack(one), layout.gateOrder.map { one[$0] })
    case .split(let input, let recurrent):
      let (one, other) = (try layout.pack(input), try layout.pack(recurrent))
      let sources = layout.gateOrder.flatMap { [input[$0], recurrent[$0]] }
      guard !other.holdsOnly(0) else { return (one, sources) }
      isRounded = isRounded || !one.holdsOnly(0)
      return (try Self.added(one, other), sources)
    }
  }

  private static func added(_ one: Tensor, _ other: Tensor) throws(CheckpointError) -> Tensor {
    try Tensor.numbers(
      zip(one.doubles(), other.doubles()).map { $0 + $1 }, one.elementType, shape: one.shape)
  }

  /// `b` beside the gates, and `bhn` inside of the reset gate.
  private mutating func add(
    _ bias: RecurrentWeights<GRUGate>.Bias, units: Int, _ key: String
  ) throws(CheckpointError) {
    let layout = MLXLayouts.gru
    switch bias {
    case .none: return
    case .single(let one):
      try add(key, "b", layout.pack(one), from: layout.gateOrder.map { one[$0] }, "gates r z n")
      try add(
        key, "bhn", Tensor.zeros(one[.candidate].elementType, shape: [units]), from: [])
    case .split(let input, let recurrent):
      var both = input
      for gate in [GRUGate.reset, .update] where !recurrent[gate].holdsOnly(0) {
        isRounded = isRounded || !input[gate].holdsOnly(0)
        both[gate] = try Self.added(input[gate], recurrent[gate])
      }
      let sources = layout.gateOrder.flatMap { gate in
        gate == .candidate ? [input[gate]] : [input[gate], recurrent[gate]]
      }
      try add(key, "b", layout.pack(both), from: sources, "gates r z n")
      try add(key, "bhn", recurrent[.candidate], from: [recurrent[.candidate]])
    }
  }

  // MARK: tensors

  private mutating func addIfThere(
    _ key: String, _ name: String, _ tensor: Tensor?
  ) throws(CheckpointError) {
    if let tensor { try add(key, name, tensor, from: [tensor]) }
  }

  private mutating func add(
    _ key: String, _ name: String, _ tensor: Tensor, from sources: [Tensor],
    _ operation: String = "copied"
  ) throws(CheckpointError) {
    let target = key.isEmpty ? name : "\(key).\(name)"
    guard tensor.elementType != .float64 else {
      throw CheckpointError(
        .modelUnrepresentable, "'\(target)' is float64, in which MLX computes on no GPU",
        at: tensor.location)
    }
    try tensors.append(target, tensor)
    var objects: [String] = []
    for object in sources.compactMap(\.location.object) where !objects.contains(object) {
      objects.append(object)
    }
    mappings.append(
      TensorMapping(
        sources: objects, sourceShape: objects.isEmpty ? nil : sources[0].storedShape,
        target: target, targetShape: tensor.shape,
        operation: sources.isEmpty ? "zeros" : operation, isAdded: sources.isEmpty))
  }
}
