import RecurModel
import RecurTensors

/// The recurrent layers of a model that one module of torch.nn computes together: an
/// `nn.LSTM(num_layers=2)`, in which each layer reads the one below it, or one `nn.LSTMCell`.
///
/// Stacks are found by the place of layers in a state dict (``StateDictPlace``). A model from
/// another format has no stacks.
struct PyTorchStacks {
  /// Layers of one module.
  struct Stack {
    /// The prefix of its keys, before it becomes a valid Python name.
    var name: String
    /// The nodes, from the bottom to the top.
    var nodes: [Model.Node]
    /// The lengths of its sequences, if the sequences are padded.
    var lengths: Model.Value?
    /// The input of the module with the timesteps first; nil when the batch is first.
    var timeFirst: Model.Value?
    /// Whether the module is a cell, which is called for one timestep.
    var isCell: Bool

    /// The number of directions.
    var directions: Int { nodes[0].layer.pytorch.torchDirections.count }
    /// The number of kinds of states: h, and c of an LSTM.
    var kinds: Int { (nodes[0].layer.firstCell?.stateSizes.count ?? 1) }
    /// The number of layers times the number of directions.
    var depth: Int { nodes.count * directions }
    /// Whether the module puts out its sequence, and not only the last timestep.
    var returnsSequence: Bool { nodes[nodes.count - 1].layer.returnsSequence }
    /// The first output of the module.
    var output: Model.Value { Model.Value(nodes[nodes.count - 1].name) }

    /// The initial states of one kind, in torch's order.
    func initialStates(_ kind: Int) -> [Model.Value] {
      nodes.flatMap { node in
        stride(from: kind, to: node.initialState.count, by: kinds).map { node.initialState[$0] }
      }
    }

    /// The final states of one kind, in torch's order.
    func finalStates(_ kind: Int) -> [Model.Value] {
      nodes.flatMap { node in
        (0..<directions).map { Model.Value(node.name, 1 + $0 * kinds + kind) }
      }
    }
  }

  private(set) var stacks: [Stack] = []
  private var places: [Name: (stack: Int, layer: Int)] = [:]

  init(_ model: Model) {
    // Without connections between layers, each layer is a module by itself.
    guard model.isConnected else { return }
    let finder = PyTorchStackFinder(model)
    for group in finder.groups {
      guard var stack = finder.stack(group) else { continue }
      let own = Set(group.map { Name($0.layerName) })
      while model.nodes.contains(where: {
        Name($0.layerName) == Name(stack.name) && !own.contains(Name($0.layerName))
      }) || stacks.contains(where: { Name($0.name) == Name(stack.name) }) {
        stack.name += "_module"
      }
      for (layer, node) in stack.nodes.enumerated() {
        places[Name(node.name)] = (stacks.count, layer)
      }
      stacks.append(stack)
    }
  }

  /// The stack a node belongs to, and which of its layers it is.
  subscript(nodeName: String) -> (stack: Stack, layer: Int)? {
    places[Name(nodeName)].map { (stacks[$0.stack], $0.layer) }
  }
}

/// Finds the nodes of a model that can be one module of torch.nn.
private struct PyTorchStackFinder {
  let model: Model
  private var uses: [Model.Value: Int] = [:]
  private var positions: [Name: Int] = [:]
  private var calls: [Name: Int] = [:]

  init(_ model: Model) {
    self.model = model
    for (index, node) in model.nodes.enumerated() {
      positions[Name(node.name)] = index
      calls[Name(node.layerName), default: 0] += 1
      for value in node.operands { uses[value, default: 0] += 1 }
    }
    for value in model.outputs { uses[value, default: 0] += 1 }
  }

  /// The recurrent nodes of every key.
  var groups: [[Model.Node]] {
    var order: [Name] = []
    var groups: [Name: [Model.Node]] = [:]
    for node in model.nodes {
      guard let place = node.place, node.layer.firstCell != nil else { continue }
      if groups[Name(place.key)] == nil { order.append(Name(place.key)) }
      groups[Name(place.key), default: []].append(node)
    }
    return order.compactMap { groups[$0] }
  }

  /// The module of `nodes`; nil when torch.nn has no module that computes them.
  func stack(_ nodes: [Model.Node]) -> PyTorchStacks.Stack? {
    let first = nodes[0]
    guard let place = first.place, nodes.allSatisfy(isTorch),
      nodes.allSatisfy({ isAlike($0, first) && calls[Name($0.layerName)] == 1 })
    else { return nil }
    let isCell = place.layer == nil
    if isCell {
      guard nodes.count == 1, case .recurrent(let recurrent) = first.layer,
        !recurrent.returnsSequence, recurrent.returnsState, first.mask == nil,
        case .reshaping(.insertAxis(1)) = model.node(first.inputs[0].node)?.layer
      else { return nil }
    }
    for (layer, node) in nodes.enumerated() where !isCell {
      guard node.place?.layer == layer, keepsMask(node) else { return nil }
      guard layer > 0 else { continue }
      let below = nodes[layer - 1]
      guard node.inputs == [Model.Value(below.name)], uses[node.inputs[0]] == 1,
        below.layer.returnsSequence
      else { return nil }
    }
    // Whether all inputs of the module are computed before its first layer.
    guard let start = positions[Name(first.name)] else { return nil }
    let given = nodes.flatMap(\.initialState) + [first.mask].compactMap { $0 }
    guard given.allSatisfy({ positions[Name($0.node)] ?? .max < start }) else { return nil }
    var name = place.key
    if name.isEmpty {
      name = first.layerName
      if name.hasSuffix(".l0") { name.removeLast(3) }
    }
    return PyTorchStacks.Stack(
      name: name, nodes: nodes, lengths: first.mask.flatMap(lengths),
      timeFirst: isCell ? nil : timeFirst(nodes), isCell: isCell)
  }

  /// The sequence with its timesteps first, if the module can take it: axes are exchanged before
  /// the first layer, and exchanged back wherever the sequence of the last layer is used.
  private func timeFirst(_ nodes: [Model.Node]) -> Model.Value? {
    let output = Model.Value(nodes[nodes.count - 1].name)
    let users = model.nodes.filter { $0.operands.contains(output) }
    guard let before = model.node(nodes[0].inputs[0].node), before.layer.exchangesBatchAndTime,
      !nodes[nodes.count - 1].layer.returnsSequence
        || !model.outputs.contains(output) && users.allSatisfy(\.layer.exchangesBatchAndTime)
    else { return nil }
    return before.inputs[0]
  }

  private func lengths(_ mask: Model.Value) -> Model.Value? {
    guard let node = model.node(mask.node), case .lengthMask = node.layer else { return nil }
    return node.inputs[1]
  }

  /// Whether a class of torch.nn computes the layer, apart from its mask.
  private func isTorch(_ node: Model.Node) -> Bool {
    !node.layer.isStateful && !node.layer.pytorch.torchDirections.isEmpty
  }

  private func isAlike(_ one: Model.Node, _ other: Model.Node) -> Bool {
    guard let cell = one.layer.firstCell, let otherCell = other.layer.firstCell else {
      return false
    }
    let (form, otherForm) = (cell.pytorch.form, otherCell.pytorch.form)
    return one.layer.recurrents.count == other.layer.recurrents.count
      && form.torchClass == otherForm.torchClass && form.torchOptions == otherForm.torchOptions
      && form.hasBias == otherForm.hasBias
      && cell.stateSizes == otherCell.stateSizes && one.precision == other.precision
      && one.mask == other.mask && one.initialState.isEmpty == other.initialState.isEmpty
  }

  /// Whether a packed sequence gives the output of the layer under its mask.
  private func keepsMask(_ node: Model.Node) -> Bool {
    guard let mask = node.mask else { return true }
    let masked: Recurrent.MaskedOutput = node.layer.returnsSequence ? .zero : .previous
    return lengths(mask) != nil && node.layer.recurrents.allSatisfy { $0.maskedOutput == masked }
  }
}

extension Layer {
  /// Whether the layer exchanges the first two axes.
  var exchangesBatchAndTime: Bool {
    if case .reshaping(.exchangeBatchAndTime) = self { true } else { false }
  }

  /// Whether a recurrent layer puts out every timestep.
  var returnsSequence: Bool { recurrents.first?.returnsSequence ?? false }
}
