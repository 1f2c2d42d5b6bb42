import RecurFormats
import RecurModel
import RecurTensors

/// Makes a model of a program: every operation becomes operators of a model.
struct MILReader {
  let file: CoreMLModel
  let function: MILFunction
  let weights: WeightFiles
  var builder = GraphBuilder()
  /// The body of a loop that is read as one timestep; nil outside of such bodies.
  var raising: MILRound?
  /// The values of states by the names of the inputs that stand for them.
  private var states: [(name: String, value: GraphValue)] = []
  /// Whether axes of several extents have the one with which the model was written.
  var fixesExtents = false
  /// How many operations may still be read, because bodies of loops are read once per round.
  private var budget = 400_000

  init(_ file: CoreMLModel, _ program: MILProgram, weights: WeightFiles) {
    (self.file, self.weights) = (file, weights)
    function = program.main
  }

  /// The values that operations see.
  struct Scope {
    var values: [Name: GraphValue] = [:]
    /// How deeply blocks lie inside each other here.
    var depth = 0
  }

  /// The model of a program, and whether its axes are those with which it was written.
  ///
  /// - Throws: see ``model(named:)``.
  static func model(
    of file: CoreMLModel, _ program: MILProgram, named name: String, weights: WeightFiles
  ) throws(CheckpointError) -> (model: Model, isFixed: Bool) {
    var reader = MILReader(file, program, weights: weights)
    do throws(CheckpointError) {
      return (try reader.model(named: name), false)
    } catch {
      let isOpen = file.inputs.contains { $0.isFree.contains(true) }
      var fixed = MILReader(file, program, weights: weights)
      fixed.fixesExtents = true
      guard isOpen, let model = try? fixed.model(named: name) else { throw error }
      return (model, true)
    }
  }

  /// The model in canonical form.
  ///
  /// - Throws: `graph.unsupported` for what is not supported, with the operation; `coreml.invalid`,
  ///   `coreml.weights`, and everything that is wrong with the weights.
  mutating func model(named name: String) throws(CheckpointError) -> Model {
    var scope = Scope()
    try bindInputs(in: &scope)
    let values = try read(function.block, in: &scope)
    var outputs: [Model.Value] = []
    for (output, value) in zip(function.block.outputs, values) {
      builder.name = output
      guard value.isArray else { throw builder.problem("the output '\(output)' is no array") }
      outputs.append(try builder.computed(value))
    }
    guard !outputs.isEmpty else {
      throw CheckpointError(
        .coreMLInvalid, "the program has no outputs", at: function.block.location)
    }
    // What is written last is the state of the next call.
    for state in states { outputs.append(try builder.computed(state.value)) }
    let whole = builder.model(
      named: name, producer: "Core ML \(file.version)", outputs: outputs
    ).canonical()
    // States that are rounded between calls stay inputs and outputs.
    if let kept = try? whole.keepingStates(states.map(\.name)) { return try kept.validated() }
    return try whole.validated()
  }

  // MARK: inputs

  private mutating func bindInputs(in scope: inout Scope) throws(CheckpointError) {
    let sequences = function.block.sequences
    for input in function.inputs {
      let port = (file.inputs + file.states).first { $0.name == input.name }
      builder.location = port?.location ?? .init(object: input.name)
      guard let type = input.type.elementType, !type.isComplex else {
        throw builder.problem(
          "the input '\(input.name)' has elements of type \(input.type.typeName)",
          expected: "numbers")
      }
      var shape: [Dimension] = []
      for (axis, extent) in input.type.shape.enumerated() {
        let written = port.flatMap { $0.shape.indices.contains(axis) ? $0.shape[axis] : nil }
        if let extent {
          guard extent > 0 else {
            throw builder.problem("axis \(axis) of the input '\(input.name)' has no elements")
          }
          shape.append(.fixed(extent))
        } else if fixesExtents, let written, written > 0 {
          shape.append(.fixed(written))
        } else {
          shape.append(.free("\(input.name)_axis\(axis)"))
        }
      }
      let isSequence = sequences.contains(Name(input.name)) && shape.count > 1
      let batchAxis = isSequence ? 1 : 0
      let batch = shape.indices.contains(batchAxis) ? shape[batchAxis] : nil
      let value = try builder.input(
        input.name, shape: shape, type: type,
        batch: batch.flatMap { $0.value == nil ? $0 : nil }, batchAxis: batchAxis)
      scope.values[Name(input.name)] = value
      if input.type.isState { states.append((input.name, value)) }
    }
  }

  // MARK: operations

  /// Reads a block.
  ///
  /// - Returns: the values that it hands on.
  mutating func read(
    _ block: MILBlock, in scope: inout Scope
  ) throws(CheckpointError) -> [GraphValue] {
    for operation in block.operations {
      budget -= 1
      guard budget > 0 else {
        throw builder.problem("loops make more than 400000 operations", code: .limitExceeded)
      }
      builder.location = operation.location
      builder.name = operation.outputs.first?.name ?? operation.type
      let values = try results(of: operation, in: scope)
      guard values.count >= operation.outputs.count else {
        throw CheckpointError(
          .coreMLInvalid,
          "\(operation.type) has \(operation.outputs.count) results for \(values.count)",
          at: operation.location)
      }
      for (output, value) in zip(operation.outputs, values) {
        scope.values[Name(output.name)] = value
      }
    }
    var outputs: [GraphValue] = []
    for name in block.outputs {
      guard let value = scope.values[Name(name)] else {
        throw CheckpointError(
          .coreMLInvalid, "a block hands on '\(name)', which nothing computes",
          at: block.location)
      }
      outputs.append(value)
    }
    return outputs
  }

  private mutating func results(
    of operation: MILOperation, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    if operation.type == "const" { return [try constant(operation)] }
    var arguments: [String: [GraphValue]] = [:]
    for (name, bindings) in operation.arguments {
      var values: [GraphValue] = []
      for binding in bindings {
        switch binding {
        case .value(let value):
          values.append(try graphValue(value, named: "\(builder.name).\(name)"))
        case .name(let given):
          guard let value = scope.values[Name(given)] else {
            throw CheckpointError(
              .coreMLInvalid,
              "\(operation.type) reads '\(given)', which nothing computes before it",
              at: operation.location)
          }
          values.append(value)
        }
      }
      arguments[name] = values
    }
    let call = MILCall(operation: operation, arguments: arguments)
    if let special = try loopResults(call, in: scope) { return special }
    switch operation.type {
    case "while_loop": return try loop(call, in: scope)
    case "read_state":
      return [try state(call, "input", in: scope).value]
    case "write_state", "coreml_update_state":
      let isWrite = operation.type == "write_state"
      let own = try state(call, isWrite ? "input" : "state", in: scope)
      let value = try call.array(isWrite ? "data" : "value", builder)
      states[own.index].value = value
      return [value]
    default: return try MILOperators.results(call, &builder)
    }
  }

  /// The state that an argument names, as it is now.
  private func state(
    _ call: MILCall, _ argument: String, in scope: Scope
  ) throws(CheckpointError) -> (index: Int, value: GraphValue) {
    let bindings = call.operation.arguments.first { $0.name == argument }?.bindings ?? []
    guard case .name(let name)? = bindings.first, scope.depth == 0,
      let index = states.firstIndex(where: { Name($0.name) == Name(name) })
    else { throw call.problem("reads or writes no state", builder) }
    return (index, states[index].value)
  }

  /// A constant: numbers, a text, or true or false.
  private mutating func constant(
    _ operation: MILOperation
  ) throws(CheckpointError) -> GraphValue {
    guard let value = operation.attribute("val") else {
      throw CheckpointError(
        .coreMLInvalid, "a constant without a value", at: operation.location)
    }
    return try graphValue(value, named: operation.outputs.first?.name ?? "")
  }

  private mutating func graphValue(
    _ value: MILValue, named name: String
  ) throws(CheckpointError) -> GraphValue {
    if let text = try value.text() { return .text(text) }
    guard !value.type.isText else { return .nothing }
    let tensor = try value.tensor(weights, named: name)
    if tensor.rank == 0, tensor.elementType == .bool {
      return .flag(tensor.doubles()[0] != 0)
    }
    builder.register(tensor, as: name)
    return .known(KnownArray(tensor, name: name))
  }
}

extension MILBlock {
  /// The values that recurrent operations read as sequences, with the timesteps first, also as positions of the
  /// first axis in a loop, and what they are made of timestep by timestep.
  fileprivate var sequences: Set<Name> {
    var found: Set<Name> = []
    for operation in operations {
      for block in operation.blocks {
        for own in block.operations where own.type == "gather" {
          if let name = own.name(of: "x") { found.insert(Name(name)) }
        }
      }
      if ["lstm", "gru", "rnn"].contains(operation.type), let name = operation.name(of: "x") {
        found.insert(Name(name))
      }
    }
    let alike: Set = [
      "linear", "cast", "relu", "tanh", "sigmoid", "identity", "layer_norm", "clip",
    ]
    for operation in operations.reversed()
    where operation.outputs.contains(where: { found.contains(Name($0.name)) }) {
      if alike.contains(operation.type), let name = operation.name(of: "x") {
        found.insert(Name(name))
      }
      // Rows of a table for tokens.
      if operation.type == "gather", let name = operation.name(of: "indices") {
        found.insert(Name(name))
      }
    }
    return found
  }
}

extension MILOperation {
  /// The name of the value that an argument is; nil for a list and for a value without a name.
  fileprivate func name(of argument: String) -> String? {
    let bindings = arguments.first { $0.name == argument }?.bindings ?? []
    guard bindings.count == 1, case .name(let name) = bindings[0] else { return nil }
    return name
  }
}
