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
      if isConnected, !node.layer.inputCount.contains(node.inputs.count) {
        findings.append(
          Diagnostic(
            .graphInvalid, .error,
            "\(node.layer.title) '\(node.name)' is given \(node.inputs.count) inputs and takes "
              + arity(node.layer), at: node.location))
      }
      let states = node.layer.stateSizes.count
      if ![0, states].contains(node.initialState.count) {
        findings.append(
          Diagnostic(
            .graphInvalid, .error,
            "'\(node.name)' is given \(node.initialState.count) initial states and takes "
              + "\(states == 0 ? "none" : "\(states)")", at: node.location))
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

  private func arity(_ layer: Layer) -> String {
    let count = layer.inputCount
    return count.upperBound == 0
      ? "none"
      : count.lowerBound == count.upperBound
        ? "\(count.lowerBound)" : "\(count.lowerBound) or more"
  }

  private func weightFindings(_ node: Node) -> [Diagnostic] { weightFindings(node.layer, node) }

  private func weightFindings(_ layer: Layer, _ node: Node) -> [Diagnostic] {
    func check(_ tensor: Tensor?, _ shape: [Int]) -> [Diagnostic] {
      guard let tensor, tensor.shape != shape else { return [] }
      return [mismatch(node, tensor, tuple(shape))]
    }
    switch layer {
    case .recurrent(let recurrent): return recurrent.cell.shapeFindings(node.layerName)
    case .bidirectional(let pair):
      return pair.forward.cell.shapeFindings(node.layerName)
        + pair.backward.cell.shapeFindings(node.layerName) + mergeFindings(pair, node)
    case .timeDistributed(let layer): return weightFindings(layer, node)
    case .dense(let dense):
      guard dense.kernel.rank == 2 else { return [mismatch(node, dense.kernel, "(out, in)")] }
      return check(dense.bias, [dense.outputSize])
    case .embedding(let embedding):
      return embedding.table.rank == 2 ? [] : [mismatch(node, embedding.table, "(tokens, width)")]
    case .convolution(let convolution):
      guard convolution.kernel.rank == 3 else {
        return [mismatch(node, convolution.kernel, "(out, in, length)")]
      }
      return check(convolution.bias, [convolution.outputSize])
    case .batchNormalization(let normalization):
      let shape = normalization.movingMean.shape
      guard shape.count == 1 else { return [mismatch(node, normalization.movingMean, "(width)")] }
      return check(normalization.gamma, shape) + check(normalization.beta, shape)
        + check(normalization.movingVariance, shape)
    case .layerNormalization(let normalization):
      return check(normalization.gamma, [normalization.width])
        + check(normalization.beta, [normalization.width])
    case .standardization(let moments):
      return moments.mean.rank <= 1
        ? check(moments.variance, moments.mean.shape) : [mismatch(node, moments.mean, "(width)")]
    case .attention(let attention):
      switch attention.score {
      case .product(let scale): return check(scale, [])
      case .additive(let scale):
        return scale.map { $0.rank == 1 ? [] : [mismatch(node, $0, "(width)")] } ?? []
      case .concatenation(let scale, let weight): return check(scale, []) + check(weight, [])
      }
    case .input, .pooling, .scaling, .activation, .parametricReLU, .reshaping, .selection, .merge,
      .masking, .identity, .notEqual, .anyTrue, .lengthMask, .opaque:
      return []
    }
  }

  private func mergeFindings(_ pair: Bidirectional, _ node: Node) -> [Diagnostic] {
    let (one, other) = (pair.forward, pair.backward)
    guard one.cell.inputSize == other.cell.inputSize, one.returnsState == other.returnsState,
      one.returnsSequence == other.returnsSequence,
      one.cell.units == other.cell.units || [nil, .concatenate].contains(pair.mergeMode)
    else {
      return [
        Diagnostic(
          .graphInvalid, .error,
          "the two directions of '\(node.layerName)' can't be merged: "
            + "\(one.cell.title) and \(other.cell.title) differ in input, units or outputs",
          at: node.location)
      ]
    }
    return []
  }

  private func mismatch(_ node: Node, _ tensor: Tensor, _ expected: String) -> Diagnostic {
    Diagnostic(
      .tensorShapeMismatch, .error, "a tensor of '\(node.layerName)' has the wrong shape",
      at: tensor.location, expected: expected, found: tuple(tensor.shape))
  }
}

extension Diagnostic.Code {
  package static let graphInvalid = Self(rawValue: "model.graph.invalid")
}
