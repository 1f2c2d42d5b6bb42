import RecurContainers

extension KerasModelForm {
  /// The same model with its layers in the order Keras will list them once it has built the graph.
  func inKerasOrder(_ target: KerasTarget) -> KerasModelForm {
    var graph = KerasCallGraph(self, buildsMasks: target.isKeras3)
    graph.build()
    let positions = graph.order.positions(
      of: layers.map(\.form.name), outputs: outputs.map(KerasCallGraph.node))
    var copy = self
    copy.layers.sort { positions[$0.form.name] ?? 0 < positions[$1.form.name] ?? 0 }
    return copy
  }
}

/// What every call depends on, the operations included with which Keras 3 computes masks on the way.
private struct KerasCallGraph {
  typealias Node = KerasLayerOrder.Node

  private struct Call {
    let node: Node
    let form: KerasLayerForm
    let call: KerasCallForm
  }

  private(set) var order = KerasLayerOrder()
  private let buildsMasks: Bool
  private var waiting: [Call]
  private var done: Set<Node> = []
  /// The operation whose result Keras attaches to the first output of a call.
  private var masks: [Node: Node] = [:]

  init(_ model: KerasModelForm, buildsMasks: Bool) {
    self.buildsMasks = buildsMasks
    waiting = model.layers.flatMap { layer in
      layer.calls.enumerated().map { index, call in
        Call(node: .call(layer: layer.form.name, index: index), form: layer.form, call: call)
      }
    }
  }

  static func node(_ tensor: KerasTensorForm) -> Node {
    .call(layer: tensor.layer, index: tensor.call)
  }

  mutating func build() {
    while !waiting.isEmpty {
      let before = waiting.count
      waiting = waiting.filter { call in
        let needed = Self.tensors(of: call.call).map(Self.node)
        guard needed.allSatisfy({ $0 == call.node || done.contains($0) }) else { return true }
        add(call)
        done.insert(call.node)
        return false
      }
      // What waits for itself was reported when the model was validated.
      if waiting.count == before { break }
    }
  }

  private static func tensors(of call: KerasCallForm) -> [KerasTensorForm] {
    call.inputs + call.initialState + [call.mask].compactMap { $0 } + call.masks.compactMap { $0 }
  }

  private mutating func add(_ call: Call) {
    var dependencies = Self.tensors(of: call.call).map(Self.node)
    let incoming = call.call.inputs.map(mask)
    let isExplicit = call.call.mask != nil || !call.call.masks.isEmpty
    // keras/src/layers/layer.py, "Populate mask argument(s)".
    if buildsMasks, takesMask(call.form), !isExplicit, call.call.initialState.isEmpty {
      dependencies += incoming.compactMap { $0 }
    }
    order.add(call.node, dependencies)
    if buildsMasks { masks[call.node] = attached(call, dependencies, incoming) }
  }

  /// The mask of a tensor; states have none.
  private func mask(_ tensor: KerasTensorForm) -> Node? {
    tensor.output == 0 || masksOfAll.contains(Self.node(tensor)) ? masks[Self.node(tensor)] : nil
  }

  /// Calls whose every output carries the mask: directions that are not merged.
  private var masksOfAll: Set<Node> = []

  /// Whether a layer's call has an argument `mask`.
  private func takesMask(_ form: KerasLayerForm) -> Bool {
    switch form.className {
    case "LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "TimeDistributed",
      "BatchNormalization", "GlobalAveragePooling1D", "Attention", "AdditiveAttention":
      true
    default: false
    }
  }

  /// The operations of `compute_mask`, one by one.
  private mutating func attached(
    _ call: Call, _ inputs: [Node], _ incoming: [Node?]
  ) -> Node? {
    let form = call.form
    switch form.className {
    case "Masking": return order.operation(order.operation(inputs[0]))
    case "Embedding": return form.isOn("mask_zero") ? order.operation(inputs[0]) : nil
    case "LSTM", "GRU", "SimpleRNN", "RNN":
      return form.isOn("return_sequences") ? incoming.first ?? nil : nil
    case "Bidirectional":
      guard form.children.first?.form.isOn("return_sequences") == true else { return nil }
      masksOfAll.insert(call.node)
      return incoming.first ?? nil
    case "Attention", "AdditiveAttention":
      return (incoming.first ?? nil).map { order.operation($0) }
    case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum":
      let present = incoming.compactMap { $0 }
      guard present.count == incoming.count, var joined = present.first else { return nil }
      for mask in present.dropFirst() { joined = order.operation(joined, mask) }
      return joined
    case "Concatenate":
      guard incoming.contains(where: { $0 != nil }) else { return nil }
      var parts: [Node] = []
      for (mask, input) in zip(incoming, inputs) {
        guard let mask else {
          parts.append(order.operation(input))
          continue
        }
        parts.append(order.operation(order.operation(mask), order.operation(input)))
      }
      return order.operation(order.operation(parts))
    case "TimeDistributed", "Dense", "Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax",
      "BatchNormalization", "LayerNormalization", "Normalization", "Rescaling", "Dropout",
      "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
      "ActivityRegularization", "Identity":
      return incoming.first ?? nil
    default: return nil
    }
  }
}

extension KerasLayerForm {
  /// Whether an option is true.
  fileprivate func isOn(_ option: String) -> Bool {
    options.last { $0.name == option }?.value.bool == true
  }
}
