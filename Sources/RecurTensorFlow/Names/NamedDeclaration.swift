import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// What connects the cells of a checkpoint that names its variables: layers one behind the other, written by
/// its user.
///
///     {"layers": [{"type": "LSTM", "scope": "rnn/lstm_cell", "forget_bias": 0.0, "select": "last"},
///                 {"type": "Dense", "kernel": "softmax_w", "bias": "softmax_b"}]}
struct NamedDeclaration {
  /// One layer.
  struct Declared {
    let type: String
    let options: JSONObject
    let location: Diagnostic.Location
  }

  private let layers: [Declared]
  /// Where it is.
  let path: String

  /// Which options a layer may have; the first one may not be left out.
  private static let options: [String: [String]] = [
    "LSTM": ["scope", "forget_bias", "cell_clip", "proj_clip", "activation", "select"],
    "GRU": ["scope", "activation", "select"], "RNN": ["scope", "activation", "select"],
    "Bidirectional": [
      "forward", "backward", "forget_bias", "cell_clip", "proj_clip", "activation", "select",
    ],
    "Dense": ["kernel", "bias", "activation"], "Embedding": ["table"],
  ]

  /// Reads a declaration; nil for another architecture.
  ///
  /// - Throws: `json.syntax`, `tensorflow.declaration.invalid`.
  init?(_ probe: FileProbe, _ limits: DecodeLimits) throws(CheckpointError) {
    guard let json = probe.json(limits), let list = json["layers"]?.array, json["config"] == nil
    else {
      return nil
    }
    path = probe.path
    var layers: [Declared] = []
    for (index, element) in list.enumerated() {
      let place = Diagnostic.Location(file: probe.path, object: "layers[\(index)]")
      guard let options = element.object, let type = element["type"]?.string,
        let known = Self.options[type]
      else {
        throw Self.invalid(
          "a layer has the type \(element["type"]?.text ?? "none")", place,
          expected: Self.options.keys.sorted().joined(separator: ", "))
      }
      for name in options.names where name != "type" && !known.contains(name) {
        throw Self.invalid(
          "\(type) has no option '\(name)'", place, expected: known.joined(separator: ", "))
      }
      guard options[known[0]]?.string != nil else {
        throw Self.invalid(
          "\(type) has no '\(known[0])'", place, expected: "the name of a variable")
      }
      layers.append(Declared(type: type, options: options, location: place))
    }
    guard !layers.isEmpty else {
      throw Self.invalid(
        "there are no layers", .init(file: probe.path), expected: "a layer or more")
    }
    self.layers = layers
  }

  private static func invalid(
    _ message: String, _ place: Diagnostic.Location, expected: String? = nil, found: String? = nil
  ) -> CheckpointError {
    CheckpointError(
      .tensorFlowDeclaration, "the declaration is none: \(message)", at: place, expected: expected,
      found: found)
  }

  /// The forget biases that are declared, by scope.
  ///
  /// - Throws: `tensorflow.declaration.invalid`.
  func forgetBiases() throws(CheckpointError) -> [(scope: String, value: Double)] {
    var declared: [(scope: String, value: Double)] = []
    for layer in layers {
      guard let value = layer.options["forget_bias"] else { continue }
      guard let number = value.double, number.isFinite else {
        throw Self.invalid("'forget_bias' is \(value.text)", layer.location, expected: "a number")
      }
      for name in ["scope", "forward", "backward"] {
        if let scope = layer.options[name]?.string { declared.append((scope, number)) }
      }
    }
    return declared
  }

  /// The limits of cells that are declared, by scope.
  ///
  /// - Throws: `tensorflow.declaration.invalid`.
  func limits() throws(CheckpointError) -> [(scope: String, limits: CellLimits.Limits)] {
    var declared: [(scope: String, limits: CellLimits.Limits)] = []
    for layer in layers {
      func limit(_ option: String) throws(CheckpointError) -> Double? {
        guard let value = layer.options[option] else { return nil }
        guard let number = value.double, number.isFinite, number > 0 else {
          throw Self.invalid(
            "'\(option)' is \(value.text)", layer.location, expected: "a number above 0")
        }
        return number
      }
      let own = CellLimits.Limits(
        cell: try limit("cell_clip"), projection: try limit("proj_clip"))
      guard own.cell != nil || own.projection != nil else { continue }
      for name in ["scope", "forward", "backward"] {
        if let scope = layer.options[name]?.string { declared.append((scope, own)) }
      }
    }
    return declared
  }

  // MARK: the model

  /// The layers as a model of one input.
  ///
  /// - Returns: the model, and the variables that it has.
  /// - Throws: `tensorflow.declaration.invalid`, `graph.unsupported`, `model.shape-mismatch`.
  func model(
    of cells: [NamedCells.ScopedCell], _ table: TensorTable
  ) throws(CheckpointError) -> (model: Model, used: Set<Name>) {
    var builder = GraphBuilder()
    var used: Set<Name> = []
    let (batch, timesteps) = (Dimension.free("batch"), Dimension.free("timesteps"))
    var value: GraphValue?
    for layer in layers {
      builder.location = layer.location
      builder.name = layer.options["scope"]?.string ?? layer.options["kernel"]?.string ?? layer.type
      let own = try self.layer(layer, cells, table, &used)
      if value == nil {
        let isEmbedding = if case .embedding = own { true } else { false }
        let shape =
          isEmbedding ? [batch, timesteps] : [batch, timesteps, .fixed(try width(own, layer))]
        value = try builder.input(
          "x", shape: shape, type: isEmbedding ? .int64 : .float32, batch: batch)
      }
      guard let x = value else { continue }
      value = try builder.apply(own, builder.computed(x))
      guard let y = value else { continue }
      switch layer.options["select"]?.string {
      case nil, "all": break
      case "last": value = try builder.selected(y, axis: 1, -1)
      case let other?:
        throw Self.invalid("'select' is '\(other)'", layer.location, expected: "all or last")
      }
      if layer.type == "Dense", let function = try activation(layer), function != .linear,
        let y = value
      {
        value = try builder.apply(.activation(function), builder.computed(y))
      }
    }
    let output = try value.map { value throws(CheckpointError) in try builder.computed(value) }
    let model = try builder.model(
      named: splitPath(path).name, producer: "TensorFlow 1", outputs: output.map { [$0] } ?? []
    ).canonical().validated()
    return (model, used)
  }

  /// The width of the input of the first layer.
  private func width(_ layer: Layer, _ declared: Declared) throws(CheckpointError) -> Int {
    if let cell = layer.recurrents.first?.cell { return cell.inputSize }
    if case .dense(let dense) = layer { return dense.inputSize }
    throw Self.invalid("\(declared.type) can't come first", declared.location)
  }

  private func layer(
    _ declared: Declared, _ cells: [NamedCells.ScopedCell], _ table: TensorTable,
    _ used: inout Set<Name>
  ) throws(CheckpointError) -> Layer {
    func variable(_ option: String) throws(CheckpointError) -> Tensor? {
      guard let name = declared.options[option]?.string else { return nil }
      guard let tensor = table[name] else {
        throw Self.invalid(
          "there is no variable '\(name)'", declared.location,
          found: suggestion(for: name, among: table.names).map { "'\($0)'" })
      }
      used.insert(Name(name))
      return tensor
    }
    func recurrent(_ option: String) throws(CheckpointError) -> Recurrent {
      let scope = declared.options[option]?.string ?? ""
      guard let cell = cells.first(where: { Name($0.scope) == Name(scope) }),
        var own = cell.layer.recurrents.first
      else {
        throw Self.invalid(
          "there is no cell '\(scope)'", declared.location,
          expected: cells.filter { !$0.layer.recurrents.isEmpty }.map { "'\($0.scope)'" }
            .joined(separator: ", "))
      }
      for name in cell.names { used.insert(Name(name)) }
      if let function = try activation(declared) { own.cell = own.cell.with(function) }
      return own
    }
    switch declared.type {
    case "Dense":
      guard let kernel = try variable("kernel"), kernel.rank == 2 else {
        throw Self.invalid("the kernel of a Dense is no matrix", declared.location)
      }
      return .dense(
        Dense(kernel: kernel.transposed(), bias: try variable("bias"), activation: .linear))
    case "Embedding":
      guard let rows = try variable("table"), rows.rank == 2 else {
        throw Self.invalid("the table of an Embedding is no matrix", declared.location)
      }
      return .embedding(Embedding(table: rows, masksZero: false, cutsFractions: true))
    case "Bidirectional":
      guard declared.options["backward"]?.string != nil else {
        throw Self.invalid("Bidirectional has no 'backward'", declared.location)
      }
      var (forward, backward) = (try recurrent("forward"), try recurrent("backward"))
      (forward.direction, backward.direction) = (.forward, .backward)
      return .bidirectional(
        Bidirectional(forward: forward, backward: backward, mergeMode: .concatenate))
    default: return .recurrent(try recurrent("scope"))
    }
  }

  private func activation(_ declared: Declared) throws(CheckpointError) -> Activation? {
    guard let value = declared.options["activation"] else { return nil }
    let known: [String: Activation] = [
      "tanh": .tanh, "relu": .relu, "sigmoid": .sigmoid, "linear": .linear, "softmax": .softmax,
      "elu": .elu(alpha: 1), "softsign": .softsign, "softplus": .softplus,
    ]
    guard let function = value.string.flatMap({ known[$0] }) else {
      throw Self.invalid(
        "'activation' is \(value.text)", declared.location,
        expected: known.keys.sorted().joined(separator: ", "))
    }
    return function
  }
}

extension RecurrentCell {
  /// The same cell with another function of candidate and cell.
  fileprivate func with(_ activation: Activation) -> RecurrentCell {
    switch self {
    case .lstm(var cell):
      cell.activation = activation
      return .lstm(cell)
    case .gru(var cell):
      cell.activation = activation
      return .gru(cell)
    case .simpleRNN(var cell):
      cell.activation = activation
      return .simpleRNN(cell)
    default: return self
    }
  }
}

extension Diagnostic.Code {
  /// A declaration of cells that says something else than its variables.
  static let tensorFlowDeclaration = Self(rawValue: "tensorflow.declaration.invalid")
}
