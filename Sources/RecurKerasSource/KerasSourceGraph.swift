import RecurPyTorch

/// The calls on which the outputs of a model depend.
struct KerasSourceGraph {
  /// The layers, each behind those that it reads.
  private(set) var layers: [KerasSourceLayer] = []
  private var used: [ObjectIdentifier: Set<Int>] = [:]
  private var isOpen: Set<Key> = []

  private struct Key: Hashable {
    let layer: ObjectIdentifier
    let call: Int
  }

  /// Begins with the inputs of the model, which end the search.
  init(_ inputs: [KerasSourceTensor]) {
    for input in inputs where used[ObjectIdentifier(input.layer)] == nil {
      used[ObjectIdentifier(input.layer)] = []
      layers.append(input.layer)
    }
  }

  /// Collects all calls behind a tensor.
  mutating func visit(
    _ tensor: KerasSourceTensor, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) {
    var stack: [(tensor: KerasSourceTensor, next: Int)] = []
    func enter(_ tensor: KerasSourceTensor) throws(SourceStop) {
      let key = Key(layer: ObjectIdentifier(tensor.layer), call: tensor.call)
      if tensor.layer.className == "InputLayer" {
        guard used[key.layer] != nil else {
          throw interpreter.problem(
            "an output of a model depends on an input that the model does not list",
            at: tensor.layer.place)
        }
        return
      }
      guard isOpen.insert(key).inserted else { return }
      stack.append((tensor, 0))
    }
    try enter(tensor)
    while let top = stack.last {
      try interpreter.step()
      let call = top.tensor.layer.calls[top.tensor.call]
      let inputs = Self.tensors(of: call)
      if top.next < inputs.count {
        stack[stack.count - 1].next += 1
        try enter(inputs[top.next])
      } else {
        stack.removeLast()
        let owner = ObjectIdentifier(top.tensor.layer)
        if used[owner] == nil { layers.append(top.tensor.layer) }
        used[owner, default: []].insert(top.tensor.call)
      }
    }
  }

  /// The calls of a layer that the model has, in order.
  func calls(of layer: KerasSourceLayer) -> [Int] {
    (used[ObjectIdentifier(layer)] ?? []).sorted()
  }

  /// The number of a call among those that the model has.
  func number(of call: Int, of layer: KerasSourceLayer) -> Int {
    calls(of: layer).firstIndex(of: call) ?? 0
  }

  /// The tensors that a call reads.
  static func tensors(of call: KerasSourceLayer.Call) -> [KerasSourceTensor] {
    tensors(call.positional + call.keywords.map(\.value))
  }

  private static func tensors(_ values: [SourceValue]) -> [KerasSourceTensor] {
    values.flatMap { value -> [KerasSourceTensor] in
      switch value {
      case .foreign(let own as KerasSourceTensor): [own]
      case .list(let list): tensors(list.elements)
      case .tuple(let own): tensors(own)
      default: []
      }
    }
  }
}
