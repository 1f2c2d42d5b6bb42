public import RecurModel
public import RecurTensors

extension Model {
  /// Errors and oddities of `inputs`, found without running the model.
  ///
  /// - Parameter inputs: one tensor per model input, as for ``run(_:state:)``.
  /// - Returns: errors for inputs that the model can't take: `input.count`, `input.rank`,
  ///   `input.empty`, `input.axes`, `input.batch`, `input.features`, `input.timesteps`,
  ///   `input.token`, `input.dtype`, `state.…` for initial states, `input.shape` for shapes that
  ///   only a later layer can't take, `bytes.limit-exceeded`; warnings and notes for oddities, and
  ///   for inputs that the original would refuse.
  public func inputFindings(_ inputs: [Tensor]) -> [Diagnostic] {
    let names = self.inputs(given: inputs.count)
    guard inputs.count == names.count else { return [countFinding(inputs.count)] }
    let checks = zip(names, inputs).compactMap { name, tensor in
      InputCheck(self, name, tensor, hasSeveralInputs: requiredInputs.count > 1)
    }
    let batch = checks.first { $0.isBatched }.map { $0.found[$0.input.batchAxis] }
    var findings = shapeFindings(checks)
    if findings.isEmpty, let finding = exchangedBatch(checks) { findings.append(finding) }
    if findings.isEmpty { findings += stateFindings(checks, batch: batch) }
    if findings.isEmpty, let first = checks.first {
      findings += checks.dropFirst().compactMap { $0.batchFinding(asIn: first) }
    }
    if findings.isEmpty { findings += layerFindings(inputs) }
    return findings + (findings.isEmpty ? checks.flatMap { $0.valueFindings() } : [])
  }

  /// What is wrong with shapes; a mask or lengths that fit a wrong sequence are not wrong themselves.
  private func shapeFindings(_ checks: [InputCheck]) -> [Diagnostic] {
    let found = checks.map { (check: $0, finding: $0.shapeFinding()) }
    let wrong = found.filter { $0.finding != nil && !$0.check.isAboutTimesteps }.map(\.check)
    return found.compactMap { check, finding in
      check.isAboutTimesteps && wrong.contains { check.isMade(for: $0) } ? nil : finding
    }
  }

  /// Refuses inputs the model can't take.
  ///
  /// - Throws: the errors of ``inputFindings(_:)``.
  func checkInputs(_ inputs: [Tensor]) throws(CheckpointError) {
    if let error = CheckpointError(findings: inputFindings(inputs)) { throw error }
  }

  private func countFinding(_ count: Int) -> Diagnostic {
    let required = requiredInputs
    let rest = inputs.dropFirst(required.count).joined(separator: ", ")
    let optional = required.count == inputs.count ? "" : ", and \(rest) together or not at all"
    return Diagnostic(
      .inputCount, .error, "the model takes \(required.count) inputs and was given \(count)",
      expected: required.joined(separator: ", ") + optional, found: "\(count) arrays")
  }

  /// The finding that the first input has batch and timesteps exchanged.
  ///
  /// Its shape alone does not show that, but every state then has as many sequences as the input
  /// has timesteps.
  private func exchangedBatch(_ checks: [InputCheck]) -> Diagnostic? {
    guard let first = checks.first, first.isBatched, first.found.count == 3,
      first.input.batchAxis < 2, first.expected[1 - first.input.batchAxis].value == nil
    else { return nil }
    let timesteps = first.found[1 - first.input.batchAxis]
    let batches = Set(
      checks.compactMap { check -> Int? in
        guard case .state = check.use.kind, check.found.indices.contains(check.input.batchAxis)
        else { return nil }
        return check.found[check.input.batchAxis]
      })
    guard batches == [timesteps], first.found[first.input.batchAxis] != timesteps else {
      return nil
    }
    return first.exchangedFinding(0, 1)
  }

  /// Errors of layers behind the inputs: shapes they can't take, or outputs that need too much
  /// memory.
  private func layerFindings(_ inputs: [Tensor]) -> [Diagnostic] {
    let shapes = ModelShapes(self, inputShapes: inputs.map { $0.shape.map(Dimension.fixed) })
    for node in nodes {
      for shape in shapes[node.name] {
        let count = shape.reduce(1.0) { $0 * Double($1.value ?? 1) }
        // The limit is 2 GiB of Double; a small file can declare any size.
        guard count <= 0x1p28 else {
          return [
            Diagnostic(
              .limitExceeded, .error,
              "'\(node.layerName)' would put out \(text(shape)): \(scientific(count)) numbers",
              at: node.location, expected: "at most 2^28 numbers per layer")
          ]
        }
      }
    }
    return shapes.findings.map { finding in
      var finding = finding
      finding.code = .inputShape
      return finding
    }
  }

  /// The batch size of the first input.
  func batch(of inputs: [Tensor]) -> Int? {
    guard let tensor = inputs.first, let name = self.inputs.first,
      case .input(let input) = node(name)?.layer, tensor.shape.indices.contains(input.batchAxis)
    else { return nil }
    return tensor.shape[input.batchAxis]
  }
}

extension InputCheck {
  /// Whether the array says which timesteps of another input count.
  fileprivate var isAboutTimesteps: Bool {
    switch use.kind {
    case .mask, .lengths: true
    case .values, .tokens, .state: false
    }
  }

  /// Whether the array has the batch, and the timesteps if it has some, of `other`.
  fileprivate func isMade(for other: InputCheck) -> Bool {
    let axes = Array(other.found.prefix(2))
    let own = other.input.batchAxis == 0 ? axes : axes.reversed()
    return found.count <= own.count && found == Array(own.prefix(found.count))
  }

  /// Whether the array has the axes to have a batch.
  fileprivate var isBatched: Bool {
    guard case .state = use.kind else {
      return found.count == expected.count && found.indices.contains(input.batchAxis)
    }
    return false
  }

  /// Whether the first axis of both arrays is the same batch, as far as the declarations tell: extents
  /// that are declared as numbers, or have different names, are no common batch.
  private func shares(_ first: InputCheck) -> Bool {
    func declared(_ input: Input) -> (extent: Int?, name: String?) {
      let axis = input.batchAxis
      return (
        input.shape.indices.contains(axis) ? input.shape[axis] : nil,
        input.extentNames.indices.contains(axis) ? input.extentNames[axis] : nil
      )
    }
    let (own, other) = (declared(input), declared(first.input))
    if let one = own.extent, let two = other.extent { return one == two }
    if let one = own.name, let two = other.name { return one == two }
    return true
  }

  /// The error when the batch size differs from that of the first input.
  fileprivate func batchFinding(asIn first: InputCheck) -> Diagnostic? {
    guard found.indices.contains(input.batchAxis), first.isBatched, shares(first) else {
      return nil
    }
    let (batch, own) = (first.found[first.input.batchAxis], found[input.batchAxis])
    guard batch != own else { return nil }
    // A time-first array fits every declared shape with free axes, but another input's batch size
    // reveals it.
    let other = 1 - first.input.batchAxis
    if first.found.count == 3, first.found[other] == own, first.expected[other].value == nil,
      first.input.batchAxis < 2
    {
      return first.exchangedFinding(0, 1)
    }
    return finding(
      .inputBatch, "is a batch of \(own); the first input is one of \(batch)",
      reason: "all inputs of one call belong to the same sequences, in the same order",
      remedies: [numpy("assert all(len(x) == \(batch) for x in inputs)")])
  }
}
