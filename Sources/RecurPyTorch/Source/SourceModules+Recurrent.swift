import RecurFormats
import RecurModel
import RecurTensors

// Recurrent modules.
extension SourceModules {
  static let recurrent: [SourceModuleKind] = [recurrentBase] + sequencesAndCells

  /// What classes that compute a recurrent layer themselves inherit from.
  private static let recurrentBase = SourceModuleKind(
    "RNNBase(mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, "
      + "bidirectional=False, proj_size=0)",
    match: { sizes, object, key in
      guard
        let gates = ["LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1][object["mode"]?.text ?? ""]
      else { return }
      sizes.matchRecurrent(key, object, gates: gates)
    }
  ) { interpreter, _, _ throws(SourceStop) in
    throw interpreter.problem("nn.RNNBase is called, which computes nothing by itself")
  }

  private static let sequencesAndCells: [SourceModuleKind] =
    [("LSTM", 4), ("GRU", 3), ("RNN", 1)].flatMap { name, gates in
      let special = name == "RNN" ? "nonlinearity=tanh, " : ""
      let projection = name == "LSTM" ? ", proj_size=0" : ""
      return [
        SourceModuleKind(
          "\(name)(input_size, hidden_size, num_layers=1, \(special)bias=True, batch_first=False, "
            + "dropout=0.0, bidirectional=False\(projection))",
          match: { sizes, object, key in sizes.matchRecurrent(key, object, gates: gates) }
        ) { interpreter, object, arguments throws(SourceStop) in
          try interpreter.sequence(name, object, arguments)
        },
        SourceModuleKind(
          "\(name)Cell(input_size, hidden_size, bias=True\(name == "RNN" ? ", nonlinearity=tanh" : ""))",
          match: { sizes, object, key in
            let rows = sizes.product(object["hidden_size"], gates)
            sizes.match(key, "weight_ih", [rows, object["input_size"]])
            sizes.match(key, "weight_hh", [rows, object["hidden_size"]])
            guard sizes.hasBias(key, object, "bias_ih") else { return }
            sizes.match(key, "bias_ih", [rows])
            sizes.match(key, "bias_hh", [rows])
          }
        ) { interpreter, object, arguments throws(SourceStop) in
          try interpreter.cell(name, object, arguments)
        },
      ]
    }
}

extension SourceInterpreter {
  /// The names of the weights of a recurrent module, layer by layer: `_all_weights`; nil for other names
  /// and modules.
  mutating func recurrentWeights(
    _ object: SourceObject, _ name: String
  ) throws(SourceStop) -> SourceValue? {
    guard ["_all_weights", "all_weights", "_flat_weights", "_flat_weights_names"].contains(name),
      let kind = object.kind, ["LSTM", "GRU", "RNN", "RNNBase"].contains(kind.name)
    else { return nil }
    let depth = try option(object, "num_layers")
    guard 1...1000 ~= depth else {
      throw problem("nn.\(kind.name) of \(depth) layers", at: object.place)
    }
    var names = ["weight_ih", "weight_hh"]
    if try flag(object, "bias") { names += ["bias_ih", "bias_hh"] }
    if object["proj_size"]?.integer ?? 0 > 0 { names.append("weight_hr") }
    let suffixes = try flag(object, "bidirectional") ? ["", "_reverse"] : [""]
    var layers: [SourceValue] = []
    for layer in 0..<depth {
      for suffix in suffixes {
        var own: [SourceValue] = []
        for part in names {
          let key = "\(part)_l\(layer)\(suffix)"
          own.append(
            name == "all_weights" || name == "_flat_weights"
              ? try tensor(object, key) : .text(key))
        }
        layers.append(.list(SourceList(own)))
      }
    }
    return .list(SourceList(name.hasPrefix("_flat") ? layers.flatMap(\.parts) : layers))
  }

  private func operatorName(_ name: String, _ object: SourceObject) throws(SourceStop) -> String {
    guard name == "RNN" else { return name.lowercased() }
    guard let function = object["nonlinearity"]?.text, ["tanh", "relu"].contains(function) else {
      throw problem("'nonlinearity' of nn.RNN is not known", code: .sourceModel, at: object.place)
    }
    return "rnn_\(function)"
  }

  /// A recurrent module over a sequence, padded or packed.
  fileprivate mutating func sequence(
    _ name: String, _ object: SourceObject, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let depth = try option(object, "num_layers")
    let directions = try flag(object, "bidirectional") ? 2 : 1
    let hasBias = try flag(object, "bias")
    let isProjected = (object["proj_size"]?.integer ?? 0) > 0
    guard 1...1000 ~= depth else {
      throw problem("nn.\(name) of \(depth) layers", at: object.place)
    }
    var params: [GraphValue] = []
    for layer in 0..<depth {
      for direction in 0..<directions {
        let suffix = "_l\(layer)\(direction == 1 ? "_reverse" : "")"
        var names = ["weight_ih", "weight_hh"] + (hasBias ? ["bias_ih", "bias_hh"] : [])
        if isProjected { names.append("weight_hr") }
        for own in names {
          if let array = try tensor(object, own + suffix).array { params.append(array) }
        }
      }
    }
    let width = params[0].known?.array.shape.last ?? 0
    let first = params[1].known?.array.shape.last ?? 0
    if case .packed(let packed)? = arguments.value("input", at: 0) {
      return try packedSequence(
        name, object, packed, params, arguments, hasBias: hasBias, units: first)
    }
    let isBatchFirst = try flag(object, "batch_first")
    let x = try operand(arguments, hint: .sequence(width, isBatchFirst: isBatchFirst))
    try demand(x, axis: -1, width)
    let shape = try extents(x)
    if shape.count == 3, !isBatchFirst, shape[0] == .free("batch"), let input = batchInput() {
      throw .learned(.timeMajor(input))
    }
    let batch = shape.count == 3 ? shape[isBatchFirst ? 0 : 1] : nil
    let states = try initialStates(
      name, arguments, depth * directions, batch, units: first,
      cell: params[1].known.map { $0.array.shape[0] / (name == "LSTM" ? 4 : 1) } ?? first)
    let kind = try operatorName(name, object)
    let results = try functions(
      "\(kind).input",
      [
        ("input", x), ("hx", .list(states)), ("params", .list(params)),
        ("has_biases", .flag(hasBias)), ("num_layers", .integer(depth)), ("dropout", .number(0)),
        ("train", .flag(false)), ("bidirectional", .flag(directions == 2)),
        ("batch_first", .flag(isBatchFirst)),
      ].map { name, value in
        name == "hx" && states.count == 1 ? (name, states[0]) : (name, value)
      })
    let finals = results.dropFirst().map { SourceValue.plain($0) }
    return .tuple([.plain(results[0]), finals.count == 1 ? finals[0] : .tuple(Array(finals))])
  }

  func batchInput() -> String? {
    inputs.sorted { $0.key < $1.key }.first { _, value in
      value.array.flatMap { builder.shape($0) }?.first == .free("batch")
    }?.key
  }

  /// The states that a module is given, or zeros.
  private mutating func initialStates(
    _ name: String, _ arguments: SourceArguments, _ count: Int, _ batch: Dimension?, units: Int,
    cell: Int
  ) throws(SourceStop) -> [GraphValue] {
    let given = arguments.value("hx", at: 1) ?? .none
    let shape: (Int) -> [Dimension] = { width in
      [.fixed(count)] + (batch.map { [$0] } ?? []) + [.fixed(width)]
    }
    guard !given.isNone else {
      let widths = name == "LSTM" ? [units, cell] : [units]
      var states: [GraphValue] = []
      for width in widths {
        states.append(
          .known(
            try graph { _ throws(CheckpointError) in
              try KnownArray(repeating: 0, .float32, shape: shape(width))
            }))
      }
      return states
    }
    let hint = SourceHint.state(shape(units))
    guard name == "LSTM" else {
      if case .argument(let own) = given { return [try input(own, hint)] }
      return [try state(given, shape(units))]
    }
    if case .argument(let own) = given {
      throw .learned(.parts(own, ["h_0", "c_0"]))
    }
    var states: [GraphValue] = []
    for (index, value) in try elements(given).enumerated() {
      let own = SourceHint.state(shape(index == 0 ? units : cell))
      if case .argument(let name) = value {
        states.append(try input(name, own))
      } else {
        states.append(try state(value, shape(index == 0 ? units : cell)))
      }
    }
    guard states.count == 2 else { throw problem("\(states.count) states for an LSTM") }
    return states
  }

  /// A state that a module is given, which must have the extents that the module needs.
  mutating func state(
    _ value: SourceValue, _ wanted: [Dimension]
  ) throws(SourceStop) -> GraphValue {
    guard let array = value.array else {
      throw problem(value.unknown?.reason ?? "the initial state is \(value.title), not an array")
    }
    try check(value)
    let shape = try extents(array)
    guard shape.count == wanted.count else {
      throw problem(
        "the initial state has other axes than the module needs", expected: text(wanted),
        found: text(shape))
    }
    for (axis, extent) in wanted.enumerated() where shape[axis] != extent {
      if let own = extent.value { try demand(array, axis: axis, own) }
      guard shape[axis].agrees(with: extent) else {
        throw problem(
          "the initial state has other extents than the module needs", expected: text(wanted),
          found: text(shape))
      }
    }
    return array
  }

  private mutating func packedSequence(
    _ name: String, _ object: SourceObject, _ packed: SourcePacked, _ params: [GraphValue],
    _ arguments: SourceArguments, hasBias: Bool, units: Int
  ) throws(SourceStop) -> SourceValue {
    let depth = try option(object, "num_layers")
    let directions = try flag(object, "bidirectional") ? 2 : 1
    let operatorName = try operatorName(name, object)
    guard let kind = GraphRecurrentKind.all.first(where: { $0.name == operatorName }) else {
      throw problem("nn.\(name) is not supported")
    }
    try demand(packed.data, axis: -1, params[0].known?.array.shape.last ?? 0)
    let states = try initialStates(
      name, arguments, depth * directions, try extents(packed.data)[0], units: units, cell: units)
    let count = params.count / (depth * directions)
    let module = object.path
    let (sequence, finals) = try graph { builder throws(CheckpointError) in
      var layers: [[RecurrentCell]] = []
      for layer in 0..<depth {
        var cells: [RecurrentCell] = []
        for direction in 0..<directions {
          let first = (layer * directions + direction) * count
          let weights = params[first..<first + count].compactMap { $0.known?.array }
          cells.append(try kind.cell(weights, hasBias: hasBias, &builder))
        }
        layers.append(cells)
      }
      return try builder.recurrent(
        layers, packed.data, states: states, module: module, place: module,
        lengths: packed.lengths)
    }
    let last = finals.map { SourceValue.plain($0) }
    return .tuple([
      .packed(SourcePacked(data: sequence, lengths: packed.lengths)),
      last.count == 1 ? last[0] : .tuple(last),
    ])
  }

  private mutating func overSteps(
    _ name: String, _ object: SourceObject, _ step: SourceStep, _ arguments: SourceArguments,
    _ weight: SourceValue, _ recurrent: SourceValue, _ units: Int
  ) throws(SourceStop) -> SourceValue {
    if let sequence = step.sequence {
      try demand(sequence, axis: -1, weight.array?.known?.array.shape.last ?? 0)
    }
    let operatorName = try operatorName(name, object)
    guard let kind = GraphRecurrentKind.all.first(where: { $0.name == operatorName }) else {
      throw problem("nn.\(name)Cell is not supported")
    }
    let hasBias = try flag(object, "bias")
    var weights = [weight, recurrent].compactMap(\.array)
    for own in hasBias ? ["bias_ih", "bias_hh"] : [] {
      if let array = try tensor(object, own).array { weights.append(array) }
    }
    return try cellOverSteps(
      name, object, step, arguments.value("hx", at: 1) ?? .none, kind, weights, hasBias: hasBias,
      units: units)
  }

  /// One step of a cell.
  fileprivate mutating func cell(
    _ name: String, _ object: SourceObject, _ arguments: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let weight = try tensor(object, "weight_ih")
    let width = weight.array?.known?.array.shape.last ?? 0
    let recurrent = try tensor(object, "weight_hh")
    let units = recurrent.array?.known?.array.shape.last ?? 0
    if case .step(let step)? = arguments.value("input", at: 0) {
      return try overSteps(name, object, step, arguments, weight, recurrent, units)
    }
    let x = try operand(arguments, hint: .row(width))
    try demand(x, axis: -1, width)
    let shape = try extents(x)
    guard shape.count == 2 else { throw problem("nn.\(name)Cell reads an array \(text(shape))") }
    let given = arguments.value("hx", at: 1) ?? .none
    var states: [GraphValue] = []
    let hint = SourceHint.state([shape[0], .fixed(units)])
    if given.isNone {
      for _ in 0..<(name == "LSTM" ? 2 : 1) {
        states.append(
          .known(
            try graph { _ throws(CheckpointError) in
              try KnownArray(repeating: 0, .float32, shape: [shape[0], .fixed(units)])
            }))
      }
    } else if name == "LSTM" {
      if case .argument(let own) = given { throw .learned(.parts(own, ["h_0", "c_0"])) }
      for value in try elements(given) {
        if case .argument(let own) = value {
          states.append(try input(own, hint))
        } else {
          states.append(try state(value, [shape[0], .fixed(units)]))
        }
      }
      guard states.count == 2 else { throw problem("\(states.count) states for an LSTM") }
    } else if case .argument(let own) = given {
      states = [try input(own, hint)]
    } else {
      states = [try state(given, [shape[0], .fixed(units)])]
    }
    var weights: [(String, GraphValue)] = []
    for (parameter, tensor) in [("w_ih", weight), ("w_hh", recurrent)] {
      if let array = tensor.array { weights.append((parameter, array)) }
    }
    if try flag(object, "bias") {
      for own in ["ih", "hh"] {
        if let array = try tensor(object, "bias_\(own)").array {
          weights.append(("b_\(own)", array))
        }
      }
    }
    let results = try functions(
      "\(operatorName(name, object))_cell",
      [("input", x), ("hx", states.count == 1 ? states[0] : .list(states))] + weights)
    let values = results.map { SourceValue.plain($0) }
    return values.count == 1 ? values[0] : .tuple(values)
  }
}
