import RecurModel
import RecurTensors

// Recurrent operators, packed sequences, and operators on the values of one timestep of a loop.
extension ScriptDialect {
  /// The result of a recurrent operator, or of one that has to do with packed sequences; nil for others.
  func recurrent(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    let values = given.positional
    if let kind = GraphRecurrentKind.all.first(where: { $0.name == name }) {
      if case .packed(let packed)? = values.first {
        return try packedSequence(kind, packed, values, &interpreter)
      }
      return try sequence(kind, values, &interpreter)
    }
    if let kind = GraphRecurrentKind.all.first(where: { $0.cell == name }) {
      return try cell(kind, values, &interpreter)
    }
    switch name {
    case "_pack_padded_sequence":
      let packed = try interpreter.call(
        library: "torch.nn.utils.rnn.pack_padded_sequence", given)
      return .tuple([packed, .bound(packed, "batch_sizes")])
    case "_pad_packed_sequence":
      guard case .packed(let packed)? = values.first, values.count >= 4 else {
        throw interpreter.problem("'aten::_pad_packed_sequence' of something that is not packed")
      }
      if values.count > 4, let length = values[4].dimension, length.value.map({ $0 > 0 }) ?? true,
        length != (try interpreter.extents(packed.data)[1])
      {
        throw interpreter.problem("a packed sequence is padded to another length")
      }
      return try interpreter.call(
        library: "torch.nn.utils.rnn.pad_packed_sequence",
        SourceArguments(positional: [values[0], values[2], values[3]]))
    case "select":
      guard case .bound(.packed(let packed), "batch_sizes")? = values.first else { return nil }
      guard values.count == 3, values[2].integer == 0 else {
        throw interpreter.problem("the batch sizes of a packed sequence are used")
      }
      return .plain(.size(try interpreter.extents(packed.data)[0]))
    default: return nil
    }
  }

  private func sequence(
    _ kind: GraphRecurrentKind, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard values.count == 9, let isBatchFirst = values[8].flag else {
      throw interpreter.problem("'aten::\(kind.name)' is called in an unknown form")
    }
    let params = try interpreter.elements(values[2])
    guard let width = params.first?.array?.known?.array.shape.last else {
      throw interpreter.problem("'aten::\(kind.name)' has unknown weights")
    }
    let x = try array(
      values[0], .sequence(width, isBatchFirst: isBatchFirst), &interpreter)
    try interpreter.demand(x, axis: -1, width)
    let shape = try interpreter.extents(x)
    if shape.count == 3, !isBatchFirst, shape[0] == .free("batch"),
      let input = interpreter.batchInput()
    {
      throw .learned(.timeMajor(input))
    }
    var arguments: [(name: String, value: GraphValue)] = [("input", x)]
    let states = try states(kind, values, params, shape, isBatchFirst, &interpreter)
    arguments.append(("hx", states.count == 1 ? states[0] : .list(states)))
    let names = ["params", "has_biases", "num_layers", "dropout", "train", "bidirectional"]
    for (name, value) in zip(names, values[2...7]) {
      arguments.append(
        (
          name,
          name == "dropout" || name == "train"
            ? (name == "train" ? .flag(false) : .number(0)) : try interpreter.argument(value)
        ))
    }
    arguments.append(("batch_first", .flag(isBatchFirst)))
    try refuseTraining(values[5], values[6], interpreter)
    let outer = interpreter.builder.name
    interpreter.builder.name = modulePath(params, &interpreter) ?? outer
    defer { interpreter.builder.name = outer }
    let results = try interpreter.functions("\(kind.name).input", arguments)
    return .tuple(results.map { .plain($0) })
  }

  private func refuseTraining(
    _ dropout: SourceValue, _ train: SourceValue, _ interpreter: SourceInterpreter
  ) throws(SourceStop) {
    guard train.flag == false || dropout.plain?.double == 0 else {
      throw interpreter.problem(
        "a recurrent layer drops numbers at random here: the model was traced for training",
        hint: "call model.eval() before tracing the model")
    }
  }

  /// The key of the module to which weights belong.
  private func modulePath(
    _ params: [SourceValue], _ interpreter: inout SourceInterpreter
  ) -> String? {
    for param in params {
      guard let array = param.array?.known?.array, let name = interpreter.builder.name(of: array)
      else { continue }
      interpreter.readKeys.insert(name)
    }
    guard let array = params.first?.array?.known?.array,
      let name = interpreter.builder.name(of: array), let dot = name.lastIndex(of: ".")
    else { return nil }
    return String(name[..<dot])
  }

  private func states(
    _ kind: GraphRecurrentKind, _ values: [SourceValue], _ params: [SourceValue],
    _ shape: [Dimension], _ isBatchFirst: Bool, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [GraphValue] {
    var given = [values[1]]
    if kind.states > 1 { given = try interpreter.elements(values[1]) }
    guard given.count == kind.states else {
      throw interpreter.problem("\(given.count) states for '\(kind.name)'")
    }
    guard let depth = values[4].integer, 1...1000 ~= depth,
      let recurrent = params.dropFirst().first?.array?.known?.array.shape, recurrent.count == 2
    else { throw interpreter.problem("'aten::\(kind.name)' has unknown weights") }
    let count = depth * (values[7].flag == true ? 2 : 1)
    let batch = shape.count == 3 ? [shape[isBatchFirst ? 0 : 1]] : []
    var states: [GraphValue] = []
    for (index, state) in given.enumerated() {
      let width = index == 0 ? recurrent[1] : recurrent[0] / kind.gates
      let wanted: [Dimension] = [.fixed(count)] + batch + [.fixed(width)]
      if case .argument(let name) = state {
        states.append(try interpreter.input(name, .state(wanted)))
      } else {
        states.append(try interpreter.state(state, wanted))
      }
    }
    return states
  }

  private func packedSequence(
    _ kind: GraphRecurrentKind, _ packed: SourcePacked, _ values: [SourceValue],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard values.count == 9, let depth = values[5].integer, let isTwoWay = values[8].flag,
      let hasBias = values[4].flag, 1...1000 ~= depth
    else { throw interpreter.problem("'aten::\(kind.name)' is called in an unknown form") }
    try refuseTraining(values[6], values[7], interpreter)
    var params: [Tensor] = []
    for value in try interpreter.elements(values[3]) {
      guard let known = value.array?.known, known.isStored else {
        throw interpreter.problem("'aten::\(kind.name)' has unknown weights")
      }
      params.append(known.array)
    }
    let directions = isTwoWay ? 2 : 1
    guard params.count > 1, params.count % (depth * directions) == 0 else {
      throw interpreter.problem("\(params.count) weights for \(depth) layers")
    }
    let count = params.count / (depth * directions)
    try interpreter.demand(packed.data, axis: -1, params[0].shape.last ?? 0)
    var moved = values
    moved.remove(at: 1)
    let weights = params.map { SourceValue.plain(.known(KnownArray($0))) }
    let states = try states(
      kind, moved + [.flag(true)], weights, interpreter.extents(packed.data), true, &interpreter)
    let module = modulePath(try interpreter.elements(values[3]), &interpreter)
    let (sequence, finals) = try interpreter.graph { builder throws(CheckpointError) in
      var layers: [[RecurrentCell]] = []
      for layer in 0..<depth {
        var cells: [RecurrentCell] = []
        for direction in 0..<directions {
          let first = (layer * directions + direction) * count
          cells.append(
            try kind.cell(Array(params[first..<first + count]), hasBias: hasBias, &builder))
        }
        layers.append(cells)
      }
      return try builder.recurrent(
        layers, packed.data, states: states, module: module, place: module,
        lengths: packed.lengths)
    }
    return .tuple(
      [.packed(SourcePacked(data: sequence, lengths: packed.lengths))]
        + finals.map { .plain($0) })
  }

  private func cell(
    _ kind: GraphRecurrentKind, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard values.count >= 4, let width = values[2].array?.known?.array.shape.last,
      let units = values[3].array?.known?.array.shape.last
    else { throw interpreter.problem("'aten::\(kind.cell)' has unknown weights") }
    let x = try array(values[0], .row(width), &interpreter)
    try interpreter.demand(x, axis: -1, width)
    let shape = try interpreter.extents(x)
    guard shape.count == 2 else {
      throw interpreter.problem("'aten::\(kind.cell)' reads an array \(text(shape))")
    }
    var states: [GraphValue] = []
    for state in kind.states > 1 ? try interpreter.elements(values[1]) : [values[1]] {
      let wanted: [Dimension] = [shape[0], .fixed(units)]
      if case .argument(let name) = state {
        states.append(try interpreter.input(name, .state(wanted)))
      } else {
        states.append(try interpreter.state(state, wanted))
      }
    }
    guard states.count == kind.states else {
      throw interpreter.problem("\(states.count) states for '\(kind.cell)'")
    }
    var arguments: [(name: String, value: GraphValue)] = [
      ("input", x), ("hx", states.count == 1 ? states[0] : .list(states)),
    ]
    for (name, value) in zip(["w_ih", "w_hh", "b_ih", "b_hh"], values.dropFirst(2)) {
      arguments.append((name, try interpreter.argument(value)))
    }
    let results = try interpreter.functions(kind.cell, arguments)
    return results.count == 1 ? .plain(results[0]) : .tuple(results.map { .plain($0) })
  }

  // MARK: timesteps

  /// An operator on a value of one timestep of a loop.
  func step(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    let values = given.positional
    switch name {
    case "slice":
      // `x[:]` in front of the axis that is chosen
      if values.count == 1 { return values[0] }
    case "select":
      if values.count == 3, let axis = values[1].integer, axis >= 0, axis < 16, values[2].isStep,
        !values[0].holdsStep
      {
        let whole = SourceValue.slice(.none, .none, .none)
        return try interpreter.item(
          .plain(array(values[0], nil, &interpreter)),
          .tuple([SourceValue](repeating: whole, count: axis) + [values[2]]))
      }
    case "linear", "layer_norm", "embedding", "leaky_relu", "softplus", "gelu", "elu", "clamp",
      "hardtanh", "dropout":
      let place = name == "embedding" ? 1 : 0
      guard values.indices.contains(place), case .step(let step) = values[place],
        let sequence = step.sequence, values.count(where: { $0.holdsStep }) == 1,
        let parameters = ScriptSchemas.parameters(name)
      else { break }
      var own = given
      own.positional[place] = .plain(sequence)
      let result = try call(name, parameters, own, &interpreter)
      return .step(SourceStep(sequence: result.array))
    case "contiguous", "clone", "detach", "alias": return values[0]
    default: break
    }
    let known = given.keywords.filter { $0.name == "dim" }
    if ["linear", "matmul", "mm", "addmm"].contains(name),
      values.contains(where: { if case .carried = $0 { true } else { false } })
    {
      throw interpreter.problem(
        "a state is computed without a cell in a loop over timesteps whose number is known only when the model runs"
      )
    }
    return try interpreter.torch(name, values, known)
  }
}
