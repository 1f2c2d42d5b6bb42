import RecurModel
import RecurTensors

// One function per kind of module, which adds the nodes of the module.
extension PyTorchModelReader {
  /// Adds the nodes of a module.
  ///
  /// - Returns: the value for the next module.
  mutating func apply(
    _ module: PyTorchModuleReader.Module, _ declared: PyTorchDeclaration.DeclaredModule,
    named name: String, to operands: [PyTorchGiven]
  ) -> PyTorchFlow? {
    let result: PyTorchFlow?
    if case .function(let function, let keywords) = module {
      return apply(function, keywords, named: name, key: declared.key, to: operands)
    }
    let flows = operands.compactMap(\.flow)
    guard let flow = flows.first, flows.count == operands.count,
      module.inputCounts ~= flows.count
    else {
      report(
        .pytorchDeclarationInvalid, "\(declared.type) is given \(operands.count) inputs")
      return nil
    }
    switch module {
    case .function: return nil
    case .recurrent(let module):
      return apply(module, declared, named: name, to: flow, states: Array(flows.dropFirst()))
    case .layer(let layer, let alignment):
      let (x, axes) = aligned(flow, alignment, named: name)
      result = PyTorchFlow(value: node(layer, declared, name, x), axes: axes)
    case .permute(let axes): result = permuted(flow, axes, name)
    case .attention(let attention): result = apply(attention, declared, named: name, to: flows)
    case .encoder(let encoder): result = apply(encoder, declared, named: name, to: flow)
    }
    if let result { results[name] = ["output": result] }
    return result
  }

  /// The value in the order of axes that a layer needs, and torch's order of axes of the output.
  private mutating func aligned(
    _ flow: PyTorchFlow, _ alignment: PyTorchAlignment, named name: String
  ) -> (value: Model.Value, axes: PyTorchFlow.Axes) {
    switch alignment {
    case .anywhere: return (flow.value, flow.axes)
    case .asSeen: return (seen(flow), .asStored)
    case .lastAxis:
      // The features are the last axis in either order of batch and timesteps.
      let axes = flow.axes == .timeFirst ? flow.axes : .asStored
      return (canonical(flow, as: axes), axes)
    case .channelsSecond(let pads):
      let x = canonical(flow, as: .channelsSecond)
      guard pads.contains(where: { $0 > 0 }) else { return (x, .channelsSecond) }
      let margins = pads.map { Reshaping.Margin($0, $0) }
      return (add("\(name).padding", .reshaping(.pad(margins)), [x]), .channelsSecond)
    case .channelsSecondRepeated(let pads, let mode):
      let amounts = PyTorchArgument.list(pads.map { .integer($0) })
      let padded = apply(
        "pad", [("pad", amounts), ("mode", .text(mode))], named: "\(name).padding", key: nil,
        to: [.flow(flow)])
      return (canonical(padded ?? flow, as: .channelsSecond), .channelsSecond)
    case .channelsSecondOfThree:
      let axes: PyTorchFlow.Axes = rank(flow) > 2 ? .channelsSecond : .asStored
      return (canonical(flow, as: axes), axes)
    }
  }

  private mutating func permuted(
    _ flow: PyTorchFlow, _ axes: [Int], _ name: String
  ) -> PyTorchFlow {
    guard axes.count == rank(flow) || rank(flow) == 0 else {
      report(
        .pytorchDeclarationInvalid,
        "permute orders \(axes.count) axes, and the value before it has \(rank(flow))")
      return flow
    }
    if axes.count == 3 { return permuted(flow, order: axes.map { flow.axes.order[$0] }) }
    if axes == [1, 0] {
      return PyTorchFlow(value: flow.value, axes: flow.axes == .asStored ? .timeFirst : .asStored)
    }
    guard axes[0] == 0 else {
      report(
        .pytorchDeclarationInvalid,
        "permute moves the first of \(axes.count) axes, which is supported for 2 and 3 axes only")
      return flow
    }
    return PyTorchFlow(
      value: add(name, .reshaping(.permute(Array(axes.dropFirst()))), [seen(flow)]))
  }

  /// The axes of a flow's value in torch's current order.
  ///
  /// If a module then needs this order, no axes are exchanged.
  private mutating func permuted(_ flow: PyTorchFlow, order: [Int]) -> PyTorchFlow {
    switch order {
    case [0, 1, 2]: return PyTorchFlow(value: flow.value)
    case [1, 0, 2]: return PyTorchFlow(value: flow.value, axes: .timeFirst)
    case [0, 2, 1]: return PyTorchFlow(value: flow.value, axes: .channelsSecond)
    case [2, 0, 1]:
      return PyTorchFlow(value: permuted(flow.value, .channelsSecond), axes: .timeFirst)
    default:
      // The batch is last, as in [1, 2, 0]: it goes to the second place first, and then the last two
      // axes are exchanged.
      let first = permuted(flow, order: [order[0], 0, order[1]])
      return PyTorchFlow(value: permuted(seen(first), .channelsSecond))
    }
  }

  private mutating func node(
    _ layer: Layer, _ declared: PyTorchDeclaration.DeclaredModule, _ name: String, _ x: Model.Value
  ) -> Model.Value {
    let own = layer.tensors.first?.tensor.elementType
    return add(
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: [x],
        precision: own ?? precision(of: x) ?? .float32,
        location: declared.location,
        place: layer.parameterCount > 0 ? StateDictPlace(key: declared.key ?? "") : nil))
  }

  // MARK: recurrent modules

  private mutating func apply(
    _ module: PyTorchRecurrentModule, _ declared: PyTorchDeclaration.DeclaredModule,
    named name: String,
    to flow: PyTorchFlow, states given: [PyTorchFlow]
  ) -> PyTorchFlow {
    let isPlain = module.selected == nil && arguments.isSole
    let call = arguments
    func wants(_ part: String) -> Bool { isPlain || call.isReturned(name, part) }
    let selected = module.selected ?? (module.isCell ? .hidden : .output)
    let axes: PyTorchFlow.Axes = module.isBatchFirst ? .asStored : .timeFirst
    var x = canonical(flow, as: axes)
    var mask = module.isCell ? nil : self.mask(for: x)
    if let name = module.mask {
      guard let masking = self.flow(named: name) else {
        report(
          .pytorchDeclarationInvalid, "the mask '\(name)' is no result of a module before this one")
        return flow
      }
      mask = seen(masking)
    }
    if module.isCell { x = add("\(name).step", .reshaping(.insertAxis(1)), [x]) }
    let states =
      given.isEmpty ? addStates(of: module, named: name) : parts(of: given, module, named: name)
    // A layer can put out the last timestep of each direction by itself, unless other timesteps are
    // used too.
    let needsSequence =
      wants("output") || [.output, .first, .mean].contains(selected)
      || selected == .last && module.isBidirectional
    let needsStates =
      module.isCell || wants("h_n") || wants("c_n") || selected == .cell
      || selected == .hidden && needsSequence
    var finals: [[Model.Value]] = []
    for (index, cells) in module.layers.enumerated() {
      let isLast = index == module.layers.count - 1
      let returnsSequence = !module.isCell && (!isLast || needsSequence)
      let returnsState = needsStates && (isLast || wants("h_n") || wants("c_n"))
      func direction(_ cell: RecurrentCell, _ end: Recurrent.Direction) -> Recurrent {
        Recurrent(
          cell: cell, returnsSequence: returnsSequence, returnsState: returnsState, direction: end,
          isStateful: false, keptStateWins: false,
          maskedOutput: module.maskedOutput
            ?? (returnsSequence && mask != nil ? .zero : .previous))
      }
      let layer: Layer =
        cells.count == 1
        ? .recurrent(direction(cells[0], .forward))
        : .bidirectional(
          Bidirectional(
            forward: direction(cells[0], .forward), backward: direction(cells[1], .backward),
            mergeMode: .concatenate))
      let own = module.layers.count == 1 ? name : "\(name).l\(index)"
      x = add(
        Model.Node(
          name: own, layerName: own, layer: layer, inputs: [x], mask: mask,
          initialState: states.isEmpty ? [] : states[index], precision: module.elementType,
          location: declared.location,
          place: StateDictPlace(
            key: declared.key ?? "", layer: module.isCell ? nil : index)))
      if returnsState {
        finals.append((1..<layer.outputCount).map { Model.Value(x.node, $0) })
      }
    }
    var parts = ["output": PyTorchFlow(value: x, axes: axes)]
    if module.isCell {
      parts = ["h_n": PyTorchFlow(value: finals[0][0])]
      for (part, value) in zip(module.kind.stateResults, finals[0]).dropFirst() {
        parts[part] = PyTorchFlow(value: value)
      }
    } else if wants("h_n") || wants("c_n") {
      let count = module.kind.states.count
      for (offset, part) in module.kind.stateResults.enumerated() {
        let values = finals.flatMap { states in
          stride(from: offset, to: states.count, by: count).map { states[$0] }
        }
        parts[part] = PyTorchFlow(value: add("\(name).\(part)", .merge(.stack(axis: 0)), values))
      }
    }
    let result = select(
      selected, of: module, named: name, PyTorchFlow(value: x, axes: axes), finals.last ?? [],
      hasSequence: needsSequence, mask: mask)
    if !isPlain { parts["selected"] = result }
    results[name] = parts
    return result
  }

  /// The value for the next module.
  private mutating func select(
    _ selected: PyTorchRecurrentModule.Selected, of module: PyTorchRecurrentModule,
    named name: String, _ flow: PyTorchFlow, _ states: [Model.Value], hasSequence: Bool,
    mask: Model.Value?
  ) -> PyTorchFlow {
    let y = flow.value
    switch selected {
    case .output: return flow
    case .first:
      return PyTorchFlow(value: add("\(name).first", .selection(Selection(axis: 1, index: 0)), [y]))
    case .last:
      guard hasSequence else { return PyTorchFlow(value: y) }
      return PyTorchFlow(
        value: add("\(name).last", .selection(Selection(axis: 1, index: -1)), [y], mask: mask))
    case .mean:
      let mean = Pooling(operation: .average, window: nil, padding: .valid, keepsAxis: false)
      return PyTorchFlow(value: add("\(name).mean", .pooling(mean), [y], mask: mask))
    case .hidden where module.isCell: return PyTorchFlow(value: states[0])
    case .hidden where !hasSequence: return PyTorchFlow(value: y)
    case .hidden, .cell:
      let count = module.kind.states.count
      let offset = selected == .cell ? 1 : 0
      let values = stride(from: offset, to: states.count, by: count).map { states[$0] }
      guard values.count > 1 else { return PyTorchFlow(value: values[0]) }
      return PyTorchFlow(
        value: add("\(name).\(selected.rawValue)_joined", .merge(.concatenate(axis: 1)), values))
    }
  }

  /// The initial states that a call is given, `[layers·directions, batch, units]` each, or
  /// `[batch, units]` of a cell, as the states of all layers in the order of their cells.
  private mutating func parts(
    of given: [PyTorchFlow], _ module: PyTorchRecurrentModule, named name: String
  ) -> [[Model.Value]] {
    guard given.count == module.kind.states.count else {
      report(
        .pytorchDeclarationInvalid,
        "'\(name)' is given \(given.count) states and takes \(module.kind.states.count)")
      return []
    }
    let directions = module.layers[0].count
    let wholes = given.map { seen($0) }
    return module.layers.indices.map { layer in
      (0..<directions).flatMap { direction in
        wholes.map { whole in
          guard !module.isCell else { return whole }
          let index = layer * directions + direction
          return add("\(name).state", .selection(Selection(axis: 0, index: index)), [whole])
        }
      }
    }
  }

  /// Adds the arguments for the initial states.
  ///
  /// - Returns: the states of all layers in the order of their cells; empty without initial states.
  private mutating func addStates(
    of module: PyTorchRecurrentModule, named name: String
  ) -> [[Model.Value]] {
    guard let given = arguments.states[name] else { return [] }
    let directions = module.layers[0].count
    let sizes = module.layers[0][0].stateSizes
    var states = module.layers.map { _ in [[Model.Value]](repeating: [], count: directions) }
    for (argument, size) in zip(given, sizes) {
      let extents: [Int?] =
        module.isCell ? [nil, size] : [module.layers.count * directions, nil, size]
      append(
        Model.Node(
          name: argument, layerName: argument,
          layer: .input(
            Input(
              shape: extents, elementType: module.elementType,
              batchAxis: module.isCell ? 0 : 1, isOptional: arguments.hasOptionalStates,
              acceptsOtherTypes: false)),
          inputs: [], precision: module.elementType, location: .init()))
      for layer in module.layers.indices {
        for direction in 0..<directions {
          guard !module.isCell else {
            states[layer][direction].append(Model.Value(argument))
            continue
          }
          let index = layer * directions + direction
          states[layer][direction].append(
            add(
              "\(argument).\(index)", .selection(Selection(axis: 0, index: index)),
              [Model.Value(argument)]))
        }
      }
    }
    return states.map { $0.flatMap { $0 } }
  }
}
