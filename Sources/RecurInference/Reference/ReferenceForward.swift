public import RecurModel
public import RecurTensors

extension Model {
  /// Runs the model in Double with the equations of its layers.
  ///
  /// - Parameters:
  ///   - inputs: one tensor per model input, batch first: `[batch, timesteps, inputSize]`, or
  ///     `[batch, timesteps]` for tokens. Each tensor is rounded to the input's declared type. All
  ///     optional inputs together may be omitted; they are then zeros.
  ///   - state: the state of stateful layers before this call; on return, after it.
  /// - Returns: one float64 tensor per model output.
  /// - Throws: the errors of ``inputFindings(_:)``, `input.length`, `state.batch`.
  public func run(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    try run(inputs, state: &state, in: Double.self)
  }

  /// Runs the model once from a state of zeros; see ``run(_:state:)``.
  ///
  /// - Throws: the errors of ``inputFindings(_:)``, `input.length`.
  public func run(_ inputs: [Tensor]) throws(CheckpointError) -> [Tensor] {
    var state = RecurrentState()
    return try run(inputs, state: &state)
  }

  /// The same computation in float32; the difference from ``run(_:state:)`` is the effect of
  /// rounding.
  package func runInFloat(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    try run(inputs, state: &state, in: Float.self)
  }

  /// The gate values of every recurrent layer on `inputs`, found in one run.
  ///
  /// - Parameters:
  ///   - inputs: as for ``run(_:state:)``.
  ///   - state: the state of stateful layers before this call; on return, after it.
  ///   - keepsCourses: whether the values of the first sequence are kept, timestep by timestep.
  /// - Returns: one entry per recurrent layer and direction, in the order of the nodes.
  /// - Throws: what ``run(_:state:)`` throws.
  package func gateActivity(
    on inputs: [Tensor], state: inout RecurrentState, keepsCourses: Bool = false
  ) throws(CheckpointError) -> [GateActivity] {
    var activity: [GateActivity]? = []
    _ = try values(
      of: inputs, state: &state, in: Double.self, activity: &activity, keepsCourses: keepsCourses)
    return activity ?? []
  }

  /// Refuses a model that has weights but no connections between its layers.
  ///
  /// - Throws: `model.not-connected`.
  package func checkConnected() throws(CheckpointError) {
    guard !isConnected else { return }
    throw CheckpointError(
      .notConnected,
      "the file has weights and no architecture: how its layers follow each other is unknown",
      at: nodes.first?.location ?? .init()
    ).advising("give the model they belong to with \(.architecture)")
  }

  private func run<Scalar: ReferenceScalar>(
    _ inputs: [Tensor], state: inout RecurrentState, in scalar: Scalar.Type
  ) throws(CheckpointError) -> [Tensor] {
    try values(of: inputs, state: &state, in: scalar).map { value throws(CheckpointError) in
      try value.tensor()
    }
  }

  /// The outputs of the model, computed in any number type.
  func values<Scalar: ReferenceScalar>(
    of inputs: [Tensor], state: inout RecurrentState, in scalar: Scalar.Type
  ) throws(CheckpointError) -> [Values<Scalar>] {
    var activity: [GateActivity]?
    return try values(of: inputs, state: &state, in: scalar, activity: &activity)
  }

  private func values<Scalar: ReferenceScalar>(
    of inputs: [Tensor], state: inout RecurrentState, in: Scalar.Type,
    activity: inout [GateActivity]?, keepsCourses: Bool = false
  ) throws(CheckpointError) -> [Values<Scalar>] {
    try checkConnected()
    try checkInputs(inputs)
    var forward = ReferenceForward<Scalar>(state: state)
    var tensors: [Name: Tensor] = [:]
    for (name, tensor) in zip(self.inputs(given: inputs.count), inputs) {
      tensors[Name(name)] = tensor
    }
    forward.batch = batch(of: inputs)
    forward.gateActivity = activity
    forward.keepsGateCourses = keepsCourses
    for node in nodes { try forward.compute(node, given: tensors[Name(node.name)]) }
    state = forward.state
    activity = forward.gateActivity
    var results: [Values<Scalar>] = []
    for output in outputs { results.append(try forward.value(output)) }
    return results
  }
}

/// One run of a model: the outputs of all nodes so far.
///
/// The equations of each kind are in the kind's file in `Layers`.
struct ReferenceForward<Scalar: ReferenceScalar> {
  /// One call of a layer: its node, its inputs and its precision.
  struct Call {
    var inputs: [Values<Scalar>]
    var mask: Values<Scalar>?
    var initialState: [Values<Scalar>]
    let node: Model.Node

    var x: Values<Scalar> { inputs[0] }
    var precision: ElementType { node.precision }

    /// The numbers of a weight, rounded to the layer's precision.
    func weights(_ tensor: Tensor) -> [Scalar] {
      precision.rounding(Values<Scalar>(tensor).elements)
    }
  }

  private var values: [Model.Value: Values<Scalar>] = [:]
  var state: RecurrentState
  /// The gate values so far; nil when nobody asked for them.
  var gateActivity: [GateActivity]?
  /// Whether they are kept timestep by timestep.
  var keepsGateCourses = false
  /// The batch size of the first input, for inputs that are omitted.
  var batch: Int?

  init(state: RecurrentState) { self.state = state }

  /// The value of one output; ``Model/validated()`` guarantees that it was computed before.
  func value(_ value: Model.Value) throws(CheckpointError) -> Values<Scalar> {
    guard let result = values[value] else {
      throw CheckpointError(
        .graphInvalid, "output \(value.output) of '\(value.node)' was never computed",
        hint: "check the model with validated() before running it")
    }
    return result
  }

  mutating func compute(_ node: Model.Node, given: Tensor?) throws(CheckpointError) {
    var outputs: [Values<Scalar>]
    if case .input(let input) = node.layer {
      if let given {
        outputs = [rounded(Values(given, roundedTo: input.elementType), node)]
      } else {
        outputs = [Values(shape: input.shape.map { $0 ?? batch ?? 1 })]
      }
    } else {
      outputs = try self.outputs(of: call(node))
    }
    for (index, output) in outputs.enumerated() {
      values[Model.Value(node.name, index)] = output
    }
  }

  /// Computes the outputs of one node.
  mutating func outputs(of call: Call) throws(CheckpointError) -> [Values<Scalar>] {
    // Tokens are never rounded; other inputs are rounded to the layer's precision.
    var call = call
    if !call.node.layer.traits.readsTokens {
      call.inputs = call.inputs.map { rounded($0, call.node) }
    }
    return try Scalar.outputs(of: call.node.layer.reference, call, in: &self)
      .map { rounded($0, call.node) }
  }

  private func call(_ node: Model.Node) throws(CheckpointError) -> Call {
    var inputs: [Values<Scalar>] = []
    for value in node.inputs { inputs.append(try self.value(value)) }
    var states: [Values<Scalar>] = []
    for value in node.initialState { states.append(try self.value(value)) }
    guard !inputs.isEmpty else {
      throw CheckpointError(.graphInvalid, "'\(node.name)' has no input", at: node.location)
    }
    return Call(
      inputs: inputs,
      mask: try node.mask.map { value throws(CheckpointError) in try self.value(value) },
      initialState: states, node: node)
  }

  /// An output of a node, rounded to 16 bits if the node computes in 16 bits.
  private func rounded(_ output: Values<Scalar>, _ node: Model.Node) -> Values<Scalar> {
    Values(shape: output.shape, elements: node.precision.rounding(output.elements))
  }
}

extension Diagnostic.Code {
  /// There are more or fewer inputs than the model takes.
  public static let inputCount = Self(rawValue: "input.count")
  /// An input does not have the shape that the model takes.
  public static let inputShape = Self(rawValue: "input.shape")
  /// A length of a packed sequence is no whole number from 1 to the timesteps.
  public static let inputLength = Self(rawValue: "input.length")
  /// The model can't be run because one of its layers is of an unknown class.
  public static let layerOpaque = Self(rawValue: "model.layer.opaque")
  /// The model can't be run because how its layers follow each other is unknown.
  public static let notConnected = Self(rawValue: "model.not-connected")
  /// Several axes of a state are wrong.
  public static let stateShape = Self(rawValue: "state.shape")
}
