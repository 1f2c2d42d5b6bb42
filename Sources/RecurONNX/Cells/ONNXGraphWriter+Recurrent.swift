import RecurModel
import RecurTensors

// The operators LSTM, GRU and RNN, with the timesteps first.
extension ONNXGraphWriter {
  /// One direction.
  mutating func recurrent(
    _ form: ONNXRecurrentForm, _ own: ONNXSequenceCall
  ) throws(CheckpointError) -> ONNXSequence {
    let (y, states) = try operation(
      [form], own, direction: own.isBackward ? "reverse" : "forward", initial: [own.initial])
    return ONNXSequence(
      outputs: exchanged(removingAxes(y, [1])), states: states.map { removingAxes($0, [0]) })
  }

  /// Both directions in one operator.
  ///
  /// - Returns: the concatenated outputs in the order of time, and what each direction makes.
  mutating func bidirectional(
    _ forms: [ONNXRecurrentForm], _ own: ONNXSequenceCall, initial: [[ONNXValue]]
  ) throws(CheckpointError) -> (joined: ONNXValue, directions: [ONNXSequence]) {
    let (y, states) = try operation(forms, own, direction: "bidirectional", initial: initial)
    let joined = reshaped(permuted(y, [0, 2, 1, 3]), [0, 0, 2 * forms[0].units])
    let parts = split(y, axis: 1, sizes: [1, 1])
    var directions: [ONNXSequence] = []
    for direction in 0..<2 {
      directions.append(
        ONNXSequence(
          outputs: exchanged(removingAxes(parts[direction], [1])),
          states: states.map { selected($0, axis: 0, direction) }))
    }
    return (exchanged(joined), directions)
  }

  /// The operator: Y `[timesteps, directions, batch, units]`, and the states
  /// `[directions, batch, units]`.
  private mutating func operation(
    _ forms: [ONNXRecurrentForm], _ own: ONNXSequenceCall, direction: String,
    initial: [[ONNXValue]]
  ) throws(CheckpointError) -> (ONNXValue, [ONNXValue]) {
    let (form, type) = (forms[0], own.call.type)
    func joined(
      _ part: (ONNXRecurrentForm) -> Tensor?
    ) throws(CheckpointError) -> Tensor? {
      let parts = forms.compactMap(part)
      return parts.count < forms.count ? nil : try .joined(parts, axis: 0)
    }
    func shape(_ tensor: Tensor) -> [Int] {
      [forms.count, tensor.shape[0] / forms.count] + tensor.shape.dropFirst()
    }
    var inputs: [ONNXValue?] = [exchanged(cast(own.x, to: type))]
    // Where one direction has no bias, the other one's is beside zeros.
    let hasBias = forms.contains { $0.bias != nil }
    let zeros = try Tensor.zeros(
      form.bias?.elementType ?? form.kernel.elementType,
      shape: [2 * form.kernel.shape[0]])
    let tensors: [(String, Tensor?)] = [
      ("W", try joined(\.kernel)), ("R", try joined(\.recurrentKernel)),
      ("B", hasBias ? try joined { $0.bias ?? zeros } : nil),
    ]
    for (role, tensor) in tensors {
      inputs.append(
        tensor.map {
          weight(
            $0, own.role(role), shape: shape($0), sources: forms.flatMap { $0.sources[role] ?? [] },
            as: type)
        })
    }
    inputs.append(own.lengths)
    for state in 0..<form.stateCount {
      let parts = initial.compactMap { $0.isEmpty ? nil : $0[state] }
      inputs.append(
        parts.count < forms.count
          ? nil
          : concatenated(
            parts.map { insertingAxes(cast($0, to: type), [0]) }, axis: 0))
    }
    if let peepholes = try joined(\.peepholes) {
      inputs += [weight(peepholes, own.role("P"), shape: shape(peepholes), as: type)]
    }
    while inputs.last == .some(nil) { inputs.removeLast() }
    let results = apply(
      form.type, inputs, attributes(forms, direction: direction),
      types: [ElementType](repeating: type, count: 1 + form.stateCount), isMain: true)
    return (results[0], Array(results.dropFirst()))
  }

  private func attributes(
    _ forms: [ONNXRecurrentForm], direction: String
  ) -> [ONNXAttributeForm] {
    let functions = forms.flatMap(\.activations)
    var attributes: [ONNXAttributeForm] = [.integer("hidden_size", forms[0].units)]
    if direction != "forward" { attributes.append(.text("direction", direction)) }
    let usual = forms[0].type == "RNN" ? ["Tanh"] : ["Sigmoid", "Tanh", "Tanh"]
    let defaults = forms.flatMap { usual.prefix($0.activations.count) }
    if functions.map(\.name) != defaults {
      attributes.append(.texts("activations", functions.map(\.name)))
    }
    let (alphas, betas) = (functions.compactMap(\.alpha), functions.compactMap(\.beta))
    if !alphas.isEmpty { attributes.append(.floats("activation_alpha", alphas)) }
    if !betas.isEmpty { attributes.append(.floats("activation_beta", betas)) }
    if let clip = forms[0].clip { attributes.append(.float("clip", clip)) }
    if forms[0].isLinearBeforeReset == true {
      attributes.append(.integer("linear_before_reset", 1))
    }
    return attributes
  }
}
