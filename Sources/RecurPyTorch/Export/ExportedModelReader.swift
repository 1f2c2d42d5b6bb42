import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// Makes a model of an exported program and its weights.
struct ExportedModelReader {
  private let program: ExportedProgram
  private let weights: StateDict
  private let constants: StateDict
  private var builder: GraphBuilder
  private var values: [Name: GraphValue] = [:]
  private let names: [String: String]
  private let writes: ExportedWrites
  /// The next values of buffers, by the names of the buffers.
  private var nextStates: [(buffer: String, value: GraphValue)] = []
  private var outputs: [Model.Value] = []
  /// The values of the graph that are a buffer, by the buffer's name.
  private var buffers: [Name: [Name]] = [:]

  init(
    _ program: ExportedProgram, weights: StateDict, constants: StateDict, limits: GraphLimits
  ) throws(CheckpointError) {
    self.program = program
    self.weights = weights
    self.constants = constants
    builder = GraphBuilder(limits: limits)
    names = try program.extentNames()
    writes = try ExportedWrites(program)
  }

  /// The model in canonical form.
  ///
  /// - Throws: `graph.unsupported` and `pytorch.program.unsupported` for what is not supported, each
  ///   with the node, and everything that is wrong with the program or its weights.
  mutating func model(named name: String) throws(CheckpointError) -> Model {
    try bindInputs()
    for (index, node) in program.nodes.enumerated() {
      do throws(CheckpointError) {
        try read(node, index)
      } catch {
        throw error.located(object: builder.location.object ?? "graph")
      }
    }
    for result in program.results { try read(result) }
    let model = builder.model(
      named: name, producer: program.producer,
      outputs: outputs
        + nextStates.map { state in
          if case .computed(let value) = state.value { value } else { Model.Value("") }
        })
    let states = nextStates.map(\.buffer)
    return try model.canonical().keepingStates(states).validated()
  }

  // MARK: inputs

  private mutating func bindInputs() throws(CheckpointError) {
    var problems: [Diagnostic] = []
    for entry in (weights.tensors.entries + constants.tensors.entries) {
      builder.register(entry.tensor, as: entry.name)
    }
    for input in program.inputs {
      builder.location = .init(object: input.name)
      switch input.kind {
      case .argument: try bindArgument(input.name)
      case .fixed: continue
      case .weight(let key): bind(input.name, weights.tensors[key], key, &problems)
      case .constant(let key): bind(input.name, constants.tensors[key], key, &problems)
      case .buffer(let key, let isPersistent):
        buffers[Name(key), default: []].append(Name(input.name))
        let tensor = (isPersistent ? weights : constants).tensors[key]
        if writes.buffers.contains(Name(input.name)) || program.changes(key) {
          try bindState(input.name, tensor, key)
        } else {
          bind(input.name, tensor, key, &problems)
        }
      }
    }
    if let error = CheckpointError(findings: problems) { throw error }
  }

  private mutating func bindArgument(_ name: String) throws(CheckpointError) {
    guard let description = program.descriptions[Name(name)] else {
      throw ExportedProgram.invalid("the input '\(name)' is not described")
    }
    let shape = description.shape.map { $0.renamed(names) }
    for extent in shape where extent.value.map({ $0 < 0 }) ?? false {
      throw ExportedProgram.invalid("the input '\(name)' has the shape \(text(shape))")
    }
    values[Name(name)] = try builder.input(
      name, shape: shape, type: description.type, batch: .free("batch"))
  }

  private mutating func bind(
    _ name: String, _ tensor: Tensor?, _ key: String, _ problems: inout [Diagnostic]
  ) {
    guard let tensor else {
      problems.append(
        Diagnostic(
          .tensorMissing, .error, "there is no tensor '\(key)', which the program reads",
          at: .init(object: key)))
      return
    }
    if let description = program.descriptions[Name(name)],
      description.shape != tensor.shape.map({ .fixed($0) })
    {
      problems.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(key)' has shape \(tuple(tensor.shape)); the program declares "
            + text(description.shape), at: tensor.location, expected: text(description.shape),
          found: tuple(tensor.shape)))
      return
    }
    values[Name(name)] = .known(KnownArray(tensor, name: key))
  }

  /// A buffer that the program writes: its value is a state of the model.
  private mutating func bindState(
    _ name: String, _ tensor: Tensor?, _ key: String
  ) throws(CheckpointError) {
    guard let tensor else {
      throw CheckpointError(
        .tensorMissing, "there is no tensor '\(key)', which the program reads",
        at: .init(object: key))
    }
    guard tensor.doubles().allSatisfy({ $0 == 0 }) else {
      throw ExportedProgram.unsupported(
        "the state '\(key)' does not begin with zeros", at: .init(object: key),
        hint: "reset the state before the export")
    }
    values[Name(name)] = try builder.input(
      key, shape: tensor.shape.map { .fixed($0) }, type: tensor.elementType)
  }

  // MARK: nodes

  private mutating func read(_ node: ExportedProgram.Node, _ index: Int) throws(CheckpointError) {
    let first = node.firstOutput
    builder.name = first ?? "node\(index)"
    builder.location = .init(
      object: (node.module.isEmpty ? "" : "\(node.module): ") + (first ?? "node \(index)")
        + ", \(node.target)")
    var arguments: [(name: String, value: GraphValue)] = []
    for (name, argument) in node.arguments {
      arguments.append((renamed(name, node), try value(argument)))
    }
    switch writes.effect(of: index) {
    case .write:
      // The new value is that of the buffer from here on.
      guard let target = arguments.first?.value, arguments.count > 1,
        case .computed(let buffer) = target
      else { throw builder.problem("'\(node.target)' writes to something that is no buffer") }
      try write(arguments[1].value, to: buffer.node)
      try bind(node.outputs, [arguments[1].value])
    case .inPlace(let function):
      try bind(node.outputs, GraphFunctions.call(function, arguments, &builder))
    case .none:
      let further = node.outputNames.dropFirst().contains { writes.isRead(Name($0)) }
      let results = try GraphFunctions.call(
        node.target, arguments, readsFurtherResults: further, &builder)
      try bind(node.outputs, results, isDescribed: !node.isRecurrent)
    }
  }

  /// Python's operators have `a` and `b` where aten has `self` and `other`.
  private func renamed(_ name: String, _ node: ExportedProgram.Node) -> String {
    guard node.target.hasPrefix("_operator.") else { return name }
    return name == "a" ? "self" : name == "b" ? "other" : name
  }

  private func value(_ argument: ExportedProgram.Argument) throws(CheckpointError) -> GraphValue {
    switch argument {
    case .constant(let value): return value
    case .list(let elements):
      var list: [GraphValue] = []
      for element in elements { list.append(try value(element)) }
      return .list(list)
    case .name(let name):
      guard let value = values[Name(name)] else {
        throw builder.problem(
          "'\(name)' is used before it is computed, or not at all there",
          code: .pytorchArchiveInvalid)
      }
      return value
    }
  }

  private mutating func bind(
    _ outputs: [ExportedProgram.Output], _ results: [GraphValue], isDescribed: Bool = true
  ) throws(CheckpointError) {
    var results = results
    if results.count == 1, let list = results[0].list, outputs.count > 1 || !outputs.isList {
      results = list
    }
    for (index, output) in outputs.enumerated() {
      switch output {
      case .nothing: continue
      case .one(let name):
        // Before 2.9, the final states of recurrent operators are described with an axis more.
        try bind(
          name, results.indices.contains(index) ? results[index] : .nothing,
          isDescribed: isDescribed || index == 0)
      case .list(let names):
        let parts = results.indices.contains(index) ? results[index].list ?? [] : []
        guard parts.count == names.count else {
          throw builder.problem("\(names.count) results are named, and there are \(parts.count)")
        }
        for (name, part) in zip(names, parts) { try bind(name, part) }
      }
    }
  }

  private mutating func bind(
    _ name: String, _ value: GraphValue, isDescribed: Bool = true
  ) throws(CheckpointError) {
    guard values.updateValue(value, forKey: Name(name)) == nil else {
      throw builder.problem("'\(name)' is computed twice", code: .pytorchArchiveInvalid)
    }
    guard isDescribed, let declared = program.descriptions[Name(name)], value.isArray,
      let shape = builder.shape(value)
    else { return }
    let own = declared.shape.map { $0.renamed(names) }
    guard own.count == shape.count, zip(own, shape).allSatisfy({ $0.agrees(with: $1) }) else {
      throw builder.problem(
        "'\(name)' has the shape \(text(shape)), and the program says \(text(own))",
        code: .shapeMismatch, expected: text(own), found: text(shape))
    }
  }

  // MARK: results

  private mutating func write(_ value: GraphValue, to buffer: String) throws(CheckpointError) {
    guard !nextStates.contains(where: { $0.buffer == buffer }) else {
      throw builder.problem("the buffer '\(buffer)' is written twice")
    }
    let next = GraphValue.computed(try builder.computed(value))
    nextStates.append((buffer, next))
    for name in buffers[Name(buffer)] ?? [] { values[name] = next }
  }

  private mutating func read(_ result: ExportedProgram.Result) throws(CheckpointError) {
    builder.location = .init(object: "outputs")
    switch result {
    case .buffer(let name, let value): try write(self.value(.name(value)), to: name)
    case .output(let argument):
      let value = try value(argument)
      guard value.isArray else {
        // None as a result is nothing that could be compared.
        if value.isNothing { return }
        throw builder.problem("the program returns \(value.title), which is no array")
      }
      outputs.append(try builder.computed(value))
    }
  }
}

extension ExportedProgram.Node {
  /// Whether the operator is a recurrent layer.
  fileprivate var isRecurrent: Bool {
    ["lstm", "gru", "rnn_tanh", "rnn_relu"].contains {
      target.hasPrefix("torch.ops.aten.\($0).")
    }
  }

  /// The name of the first result.
  var firstOutput: String? {
    for output in outputs {
      switch output {
      case .one(let name): return name
      case .list(let names): return names.first
      case .nothing: continue
      }
    }
    return nil
  }
}

extension [ExportedProgram.Output] {
  /// Whether the only result is a list.
  fileprivate var isList: Bool { if case .list? = first, count == 1 { true } else { false } }
}

extension ExportedProgram {
  /// Whether a result of the program is the next value of a buffer.
  func changes(_ buffer: String) -> Bool {
    results.contains { if case .buffer(buffer, _) = $0 { true } else { false } }
  }

  /// Names for free extents: the one that most inputs have is the batch, and the next one, in an
  /// input's first two axes, counts timesteps.
  ///
  /// - Throws: `bytes.limit-exceeded` for very many inputs.
  func extentNames() throws(CheckpointError) -> [String: String] {
    let arguments = inputs.count { if case .argument = $0.kind { true } else { false } }
    guard arguments <= 256 else {
      throw CheckpointError(.limitExceeded, "the program has \(arguments) inputs")
    }
    var order: [(symbol: String, inputs: Int, isLeading: Bool)] = []
    for input in inputs {
      guard case .argument = input.kind, let own = descriptions[Name(input.name)] else { continue }
      for (axis, extent) in own.shape.enumerated() where extent.value == nil {
        let symbol = extent.description
        guard own.shape.firstIndex(of: extent) == axis else { continue }
        if let position = order.firstIndex(where: { $0.symbol == symbol }) {
          order[position].inputs += 1
        } else {
          order.append((symbol, 1, axis < 2))
        }
      }
    }
    let most = order.map(\.inputs).max()
    guard let batch = order.firstIndex(where: { $0.inputs == most }) else { return [:] }
    var names = [order[batch].symbol: "batch"]
    if let next = order.indices.first(where: { $0 != batch && order[$0].isLeading }) {
      names[order[next].symbol] = "timesteps"
    }
    return names
  }
}
