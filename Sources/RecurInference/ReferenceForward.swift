public import RecurModel
public import RecurTensors

extension Model {
  /// Runs the model in Double, exactly as its layers' equations say.
  ///
  /// - Parameters:
  ///   - inputs: one tensor per model input, batch first: `[batch, timesteps, inputSize]`, or
  ///     `[batch, timesteps]` for tokens. They are rounded to the type the input declares.
  ///   - state: the state of stateful layers before this call; on return, after it.
  /// - Returns: one float64 tensor per model output.
  /// - Throws: `input.count`, `input.shape`, `input.token`, `state.shape`.
  public func run(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    try run(inputs, state: &state, in: Double.self)
  }

  /// Runs the model once from a state of zeros; see ``run(_:state:)``.
  ///
  /// - Throws: `input.count`, `input.shape`, `input.token`, `state.shape`.
  public func run(_ inputs: [Tensor]) throws(CheckpointError) -> [Tensor] {
    var state = RecurrentState()
    return try run(inputs, state: &state)
  }

  /// The same computation in binary32: the difference to ``run(_:state:)`` is what rounding does.
  package func runInFloat(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    try run(inputs, state: &state, in: Float.self)
  }

  private func run<Scalar: ReferenceScalar>(
    _ inputs: [Tensor], state: inout RecurrentState, in: Scalar.Type
  ) throws(CheckpointError) -> [Tensor] {
    try checkInputs(inputs)
    var forward = ReferenceForward<Scalar>(state: state)
    var given = self.inputs.makeIterator()
    var tensors: [Name: Tensor] = [:]
    for tensor in inputs { if let name = given.next() { tensors[Name(name)] = tensor } }
    for node in nodes { try forward.compute(node, given: tensors[Name(node.name)]) }
    state = forward.state
    var results: [Tensor] = []
    for output in outputs { results.append(try forward.value(output).tensor()) }
    return results
  }

  /// Checks the number and the shapes of `inputs` against what the model declares.
  private func checkInputs(_ inputs: [Tensor]) throws(CheckpointError) {
    guard inputs.count == self.inputs.count else {
      throw CheckpointError(
        .inputCount,
        "the model takes \(self.inputs.count) inputs and was given \(inputs.count)",
        expected: self.inputs.joined(separator: ", "), found: "\(inputs.count) arrays")
    }
    let shapes = ModelShapes(
      self, inputShapes: inputs.map { $0.shape.map(Dimension.fixed) })
    var findings = shapes.findings.map { finding in
      var finding = finding
      finding.code = .inputShape
      return finding
    }
    for (name, tensor) in zip(self.inputs, inputs) where tensor.shape.isEmpty {
      findings.append(
        Diagnostic(
          .inputShape, .error, "input '\(name)' is a single number", at: tensor.location,
          expected: "[batch, timesteps, features]", found: "[]"))
    }
    if let batch = inputs.first?.shape.first {
      for (name, tensor) in zip(self.inputs, inputs)
      where tensor.shape.first != nil && tensor.shape.first != batch {
        findings.append(
          Diagnostic(
            .inputShape, .error, "input '\(name)' has another batch size than the first input",
            at: tensor.location, expected: "batch \(batch)", found: shapeText(tensor.shape)))
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
  }
}

/// One run of a model: what every node put out so far.
///
/// One function per layer.
private struct ReferenceForward<Scalar: ReferenceScalar> {
  private var values: [Model.Value: Values<Scalar>] = [:]
  var state: RecurrentState

  init(state: RecurrentState) { self.state = state }

  /// The value of one output; ``Model/validated()`` made sure it was computed.
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
    switch node.layer {
    case .input(let input):
      guard let given else { return }
      outputs = [Values(given, roundedTo: input.elementType)]
    case .lstm(let lstm): outputs = try run(lstm, node)
    case .dense(let dense): outputs = [run(dense, try x(node), node.precision)]
    case .embedding(let embedding): outputs = try run(embedding, try x(node), node)
    case .masking(let value): outputs = masked(try x(node), value, node.precision)
    case .activation(let activation):
      outputs = [
        try x(node).mapRows(width: try x(node).width) { row in
          var row = row
          activation.apply(to: &row)
          return row
        }
      ]
    case .identity: outputs = [try x(node)]
    case .notEqual(let value):
      outputs = [differing(try x(node), from: value, node.precision)]
    case .anyTrue(let axis, let keepsAxis):
      outputs = [anyTrue(try x(node), axis: axis, keepsAxis: keepsAxis)]
    }
    for (index, output) in outputs.enumerated() {
      values[Model.Value(node.name, index)] = rounded(output, node)
    }
  }

  /// Values as a layer sees and makes them: 16 bits where it computes in 16 bits.
  private func rounded(_ output: Values<Scalar>, _ node: Model.Node) -> Values<Scalar> {
    Values(shape: output.shape, elements: node.precision.rounding(output.elements))
  }

  /// The input of a node; layers that compute in 16 bits round it to them first.
  private func x(_ node: Model.Node) throws(CheckpointError) -> Values<Scalar> {
    guard let input = node.inputs.first else {
      throw CheckpointError(.graphInvalid, "'\(node.name)' has no input", at: node.location)
    }
    let isTokens = if case .embedding = node.layer { true } else { false }
    return isTokens ? try value(input) : rounded(try value(input), node)
  }

  // MARK: one function per layer

  private mutating func run(
    _ lstm: LSTM, _ node: Model.Node
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let x = try x(node)
    let (batch, timesteps) = (x.shape[0], x.shape[1])
    let cell = LSTMCell<Scalar>(lstm, precision: node.precision)
    let mask = try node.mask.map { value throws(CheckpointError) in try self.value(value) }
    var (h, c) = try initialState(of: lstm, node, batch: batch)
    var sequence = Values<Scalar>(shape: [batch, timesteps, lstm.units])
    var last = Values<Scalar>(shape: [batch, lstm.units])
    for row in 0..<batch {
      // What a masked timestep repeats: zeros until a timestep counted.
      var output = [Scalar](repeating: 0, count: lstm.units)
      for position in 0..<timesteps {
        let t = lstm.direction == .forward ? position : timesteps - 1 - position
        let counts = mask.map { $0.elements[row * timesteps + t] != 0 } ?? true
        if counts {
          let start = (row * timesteps + t) * lstm.inputSize
          cell.step(Array(x.elements[start..<start + lstm.inputSize]), &h[row], &c[row])
          output = h[row]
        } else if lstm.maskedOutput == .zero {
          output = [Scalar](repeating: 0, count: lstm.units)
        }
        let target = (row * timesteps + position) * lstm.units
        sequence.elements.replaceSubrange(target..<target + lstm.units, with: output)
      }
      last.elements.replaceSubrange(row * lstm.units..<(row + 1) * lstm.units, with: output)
    }
    if lstm.isStateful {
      state[node.layerName] = RecurrentState.Layer(
        hidden: h.map { $0.map { Double($0) } }, cell: c.map { $0.map { Double($0) } })
    }
    let states = [h, c].map { Values(shape: [batch, lstm.units], elements: $0.flatMap { $0 }) }
    return [lstm.returnsSequence ? sequence : last] + (lstm.returnsState ? states : [])
  }

  /// Given values, the state of the call before, or zeros, in this order.
  private func initialState(
    of lstm: LSTM, _ node: Model.Node, batch: Int
  ) throws(CheckpointError) -> (h: [[Scalar]], c: [[Scalar]]) {
    let keptWins = lstm.isStateful && lstm.keptStateWins && !(state[node.layerName]?.isZero ?? true)
    if node.initialState.count == 2, !keptWins {
      let rows = try node.initialState.map { value throws(CheckpointError) in
        let values = try self.value(value)
        return (0..<batch).map { row in
          Array(values.elements[row * lstm.units..<(row + 1) * lstm.units])
        }
      }
      return (rows[0], rows[1])
    }
    guard lstm.isStateful, let kept = state[node.layerName] else {
      let zeros = [[Scalar]](
        repeating: [Scalar](repeating: 0, count: lstm.units), count: batch)
      return (zeros, zeros)
    }
    let sizes = Set(kept.hidden.map(\.count) + kept.cell.map(\.count))
    guard kept.hidden.count == batch, kept.cell.count == batch, sizes == [lstm.units] else {
      throw CheckpointError(
        .stateShape, "the state of '\(node.layerName)' does not fit this call", at: node.location,
        expected: "h and c of [\(batch), \(lstm.units)]",
        found:
          "[\(kept.hidden.count), \(sizes.map(String.init).sorted().joined(separator: " or "))]",
        hint: "start from a new state, or keep the batch size from call to call")
    }
    return (
      kept.hidden.map { $0.map { Scalar($0) } }, kept.cell.map { $0.map { Scalar($0) } }
    )
  }

  private func run(
    _ dense: Dense, _ x: Values<Scalar>, _ precision: ElementType
  ) -> Values<Scalar> {
    let kernel = precision.rounding(Values<Scalar>(dense.kernel).elements)
    let bias = dense.bias.map { precision.rounding(Values<Scalar>($0).elements) }
    return x.mapRows(width: dense.outputSize) { row in
      var y = bias ?? [Scalar](repeating: 0, count: dense.outputSize)
      for unit in y.indices { y[unit] += dot(kernel, row: unit, row) }
      y = precision.rounding(y)
      dense.activation.apply(to: &y)
      return y
    }
  }

  private func run(
    _ embedding: Embedding, _ tokens: Values<Scalar>, _ node: Model.Node
  ) throws(CheckpointError) -> [Values<Scalar>] {
    let table = Values<Scalar>(embedding.table).elements
    let width = embedding.outputSize
    var rows: [Scalar] = []
    rows.reserveCapacity(tokens.elements.count * width)
    for (position, element) in tokens.elements.enumerated() {
      let token = element.rounded(.towardZero)
      guard token >= 0, token < Scalar(embedding.vocabularySize) else {
        throw CheckpointError(
          .inputToken, "token \(element) (element \(position)) is not in '\(node.layerName)'",
          at: node.location, expected: "0…\(embedding.vocabularySize - 1)", found: "\(element)")
      }
      rows += table[Int(token) * width..<(Int(token) + 1) * width]
    }
    let mask = Values<Scalar>(
      shape: tokens.shape, elements: tokens.elements.map { $0 != 0 ? 1 : 0 })
    return [Values(shape: tokens.shape + [width], elements: rows)]
      + (embedding.masksZero ? [mask] : [])
  }

  /// x with masked timesteps set to zero, and the mask.
  private func masked(
    _ x: Values<Scalar>, _ value: Double, _ precision: ElementType
  ) -> [Values<Scalar>] {
    let mask = anyTrue(differing(x, from: value, precision), axis: -1, keepsAxis: false)
    var result = x
    for index in x.elements.indices { result.elements[index] *= mask.elements[index / x.width] }
    return [result, mask]
  }

  /// 1 where x, in the precision of its layer, is not `value`.
  private func differing(
    _ x: Values<Scalar>, from value: Double, _ precision: ElementType
  ) -> Values<Scalar> {
    Values(
      shape: x.shape,
      elements: x.elements.map { precision.rounded(Double($0)) != value ? 1 : 0 })
  }

  private func anyTrue(_ x: Values<Scalar>, axis: Int, keepsAxis: Bool) -> Values<Scalar> {
    let position = axis < 0 ? axis + x.shape.count : axis
    let inner = x.shape[(position + 1)...].reduce(1, *)
    let extent = x.shape[position]
    var shape = x.shape
    if keepsAxis { shape[position] = 1 } else { shape.remove(at: position) }
    var result = Values<Scalar>(shape: shape)
    for index in x.elements.indices where x.elements[index] != 0 {
      result.elements[index / (inner * extent) * inner + index % inner] = 1
    }
    return result
  }
}

extension Diagnostic.Code {
  package static let inputCount = Self(rawValue: "input.count")
  package static let inputShape = Self(rawValue: "input.shape")
  package static let inputToken = Self(rawValue: "input.token")
  package static let stateShape = Self(rawValue: "state.shape")
}
