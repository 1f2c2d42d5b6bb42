import RecurContainers

extension KerasModelForm {
  /// The same model with its layers in the order in which Keras will list them after building the
  /// graph.
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

/// The dependencies of every call, including operations with which Keras 3 computes masks.
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
  /// The operation that computes the mask of a call's first outputs, and the number of these
  /// outputs.
  private var attached: [Node: (mask: Node, outputCount: Int)] = [:]
  /// Only Keras 3 computes masks by operations.
  private static let rules = KerasMaskRules(isKeras3: true)

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
      // A circle of calls was reported when the model was checked.
      if waiting.count == before { break }
    }
  }

  private static func tensors(of call: KerasCallForm) -> [KerasTensorForm] {
    call.inputs + call.initialState + [call.mask].compactMap { $0 } + call.masks.compactMap { $0 }
  }

  private mutating func add(_ call: Call) {
    var dependencies = Self.tensors(of: call.call).map(Self.node)
    let incoming = call.call.inputs.map(mask)
    // keras/src/layers/layer.py, "Populate mask argument(s)".
    let isExplicit = call.call.mask != nil || !call.call.masks.isEmpty
    let masks = call.form.layer?.keras.masks(Self.rules, present: incoming.map { $0 != nil })
    if buildsMasks, !isExplicit, masks?.takesOne == true,
      Self.rules.reaches(withInitialState: !call.call.initialState.isEmpty)
    {
      dependencies += incoming.compactMap { $0 }
    }
    order.add(call.node, dependencies)
    if buildsMasks {
      attached[call.node] = mask(of: call, dependencies, incoming).map {
        ($0, masks?.outputCount ?? 1)
      }
    }
  }

  /// The mask of a tensor; a state has none.
  private func mask(_ tensor: KerasTensorForm) -> Node? {
    guard let (mask, count) = attached[Self.node(tensor)], tensor.output < count else {
      return nil
    }
    return mask
  }

  /// Adds the operations of `compute_mask`, one by one.
  private mutating func mask(
    of call: Call, _ inputs: [Node], _ incoming: [Node?]
  ) -> Node? {
    guard let layer = call.form.layer else { return nil }
    let present = incoming.compactMap { $0 }
    switch layer.keras.maskOutcome(Self.rules, present: incoming.map { $0 != nil }) {
    case .none: return nil
    case .passed: return incoming.first ?? nil
    case .converted: return (incoming.first ?? nil).map { order.operation($0) }
    case .own:
      guard let comparison = layer.maskComparison else { return nil }
      let compared = order.operation(inputs[0])
      return comparison.inAnyFeature ? order.operation(compared) : compared
    case .any, .all:
      guard var joined = present.first else { return nil }
      for mask in present.dropFirst() { joined = order.operation(joined, mask) }
      return joined
    case .concatenated, .joined:
      var parts: [Node] = []
      for (mask, input) in zip(incoming, inputs) {
        guard let mask else {
          parts.append(order.operation(input))
          continue
        }
        parts.append(order.operation(order.operation(mask), order.operation(input)))
      }
      return order.operation(order.operation(parts))
    }
  }
}

extension KerasMasks {
  /// Whether a call has an argument for a mask.
  fileprivate var takesOne: Bool {
    switch use {
    case .ignored, .harmful: false
    case .taken, .handedInside, .needed: true
    }
  }
}
