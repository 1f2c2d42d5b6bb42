public import RecurTensors

extension Model {
  /// Everything that does not hold in this model, by itself.
  ///
  /// Names are unique, every value exists before it is used, weights have the shapes their layer's
  /// sizes demand, and the shapes of connected layers agree.
  public func findings() -> [Diagnostic] {
    let graph = graphFindings()
    return graph + nodes.flatMap(weightFindings) + (graph.isEmpty ? ModelShapes(self).findings : [])
  }

  /// This model, if nothing is wrong with it.
  ///
  /// - Throws: all of ``findings()`` in one error.
  public func validated() throws(CheckpointError) -> Model {
    if let error = CheckpointError(findings: findings()) { throw error }
    return self
  }

  private func graphFindings() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var known: [Name: Int] = [:]
    func check(_ value: Value, _ location: Diagnostic.Location) {
      guard let count = known[Name(value.node)], value.output < count, value.output >= 0 else {
        findings.append(
          Diagnostic(
            .graphInvalid, .error,
            "output \(value.output) of '\(value.node)' is used before it is computed, or not at "
              + "all there", at: location))
        return
      }
    }
    for node in nodes {
      for value in node.inputs + node.initialState + [node.mask].compactMap({ $0 }) {
        check(value, node.location)
      }
      if known.updateValue(node.layer.outputCount, forKey: Name(node.name)) != nil {
        findings.append(
          Diagnostic(
            .graphInvalid, .error, "two nodes are named '\(node.name)'", at: node.location))
      }
      let isInput = if case .input = node.layer { true } else { false }
      if node.inputs.count != (isInput ? 0 : 1) {
        findings.append(
          Diagnostic(
            .graphInvalid, .error,
            "\(node.layer.title) '\(node.name)' is given \(node.inputs.count) inputs and takes "
              + (isInput ? "none" : "1"), at: node.location))
      }
      if ![0, 2].contains(node.initialState.count) {
        findings.append(
          Diagnostic(
            .graphInvalid, .error,
            "'\(node.name)' is given \(node.initialState.count) initial states; an LSTM takes h "
              + "and c", at: node.location))
      }
    }
    for value in outputs { check(value, .init()) }
    for name in inputs {
      let isInput = if case .input = node(name)?.layer { true } else { false }
      guard !isInput else { continue }
      findings.append(
        Diagnostic(
          .graphInvalid, .error, "the model's input '\(name)' is no input layer",
          at: node(name)?.location ?? .init()))
    }
    return findings
  }

  private func weightFindings(_ node: Node) -> [Diagnostic] {
    switch node.layer {
    case .lstm(let lstm): return lstm.shapeFindings(node.layerName)
    case .dense(let dense):
      guard dense.kernel.rank == 2 else { return [mismatch(node, dense.kernel, "(out, in)")] }
      guard let bias = dense.bias, bias.shape != [dense.outputSize] else { return [] }
      return [mismatch(node, bias, tuple([dense.outputSize]))]
    case .embedding(let embedding):
      return embedding.table.rank == 2 ? [] : [mismatch(node, embedding.table, "(tokens, width)")]
    case .input, .masking, .activation, .identity, .notEqual, .anyTrue: return []
    }
  }

  private func mismatch(_ node: Node, _ tensor: Tensor, _ expected: String) -> Diagnostic {
    Diagnostic(
      .tensorShapeMismatch, .error, "a tensor of '\(node.layerName)' has the wrong shape",
      at: tensor.location, expected: expected, found: tuple(tensor.shape))
  }
}

extension LSTM {
  /// What is wrong with the shapes of the gates.
  fileprivate func shapeFindings(_ name: String) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    func check(_ tensors: GateMap<LSTMGate, Tensor>, _ what: String, _ shape: [Int]) {
      for gate in LSTMGate.allCases where tensors[gate].shape != shape {
        findings.append(
          Diagnostic(
            .tensorShapeMismatch, .error,
            "\(what) of the \(gate) gate of '\(name)' has the wrong shape",
            at: tensors[gate].location, expected: tuple(shape), found: tuple(tensors[gate].shape)))
      }
    }
    check(weights.kernel, "the kernel", [units, inputSize])
    check(weights.recurrentKernel, "the recurrent kernel", [units, units])
    switch weights.bias {
    case .none: break
    case .single(let bias): check(bias, "the bias", [units])
    case .split(let input, let recurrent):
      check(input, "the input bias", [units])
      check(recurrent, "the recurrent bias", [units])
    }
    return findings
  }
}

extension Diagnostic.Code {
  package static let graphInvalid = Self(rawValue: "model.graph.invalid")
}
