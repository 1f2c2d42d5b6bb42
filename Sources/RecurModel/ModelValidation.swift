public import RecurTensors

extension Model {
  /// All errors that the model shows by itself.
  ///
  /// Checked: names are unique, every value exists before it is used, weights have the shapes that
  /// their layer's sizes require, and the shapes of connected layers agree.
  public func findings() -> [Diagnostic] {
    let graph = graphFindings()
    return graph + nodes.flatMap(weightFindings) + (graph.isEmpty ? ModelShapes(self).findings : [])
  }

  /// This model, if ``findings()`` is empty.
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
      for value in node.operands {
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

  private func weightFindings(_ node: Node) -> [Diagnostic] {
    var check = ShapeCheck(node: node)
    for (parameter, tensor) in node.layer.parameters { check.add(tensor, parameter) }
    return check.findings + node.layer.recurrents.flatMap { stackFindings($0.cell, node) }
      + mergeFindings(node)
  }

  /// The stacked cells whose input width differs from the output width of the cell below.
  private func stackFindings(_ cell: RecurrentCell, _ node: Node) -> [Diagnostic] {
    guard case .stacked(let stack) = cell else { return [] }
    var findings = stack.cells.flatMap { stackFindings($0, node) }
    if stack.cells.isEmpty {
      findings.append(
        Diagnostic(
          .graphInvalid, .error, "'\(node.layerName)' is a stack of no cells", at: node.location))
    }
    for (below, above) in zip(stack.cells, stack.cells.dropFirst())
    where below.units != above.inputSize {
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "a cell of '\(node.layerName)' does not take what the cell below puts out",
          at: node.location, expected: "input size \(below.units)",
          found: "input size \(above.inputSize)"))
    }
    return findings
  }

  private func mergeFindings(_ node: Node) -> [Diagnostic] {
    guard case .bidirectional(let pair) = node.layer else { return [] }
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
}

/// Compares the shapes of a layer's weights with the shapes that the layer describes.
private struct ShapeCheck {
  let node: Model.Node
  private(set) var findings: [Diagnostic] = []
  /// Whether a weight has so wrong a rank that checking the other shapes is pointless.
  private var isBroken = false

  init(node: Model.Node) { self.node = node }

  mutating func add(_ tensor: Tensor, _ parameter: Parameter) {
    guard !isBroken else { return }
    switch parameter.shape {
    case .any: break
    case .exactly(let shape):
      if tensor.shape != shape { report(tensor, parameter, tuple(shape)) }
    case .axes(let axes):
      guard tensor.rank != axes.count || !fits(tensor.shape, axes) else { return }
      isBroken = tensor.rank != axes.count
      report(tensor, parameter, "(\(axes.joined(separator: ", ")))")
    case .axisOrNumber(let axis):
      guard tensor.rank > 1 else { return }
      isBroken = true
      report(tensor, parameter, "(\(axis))")
    }
  }

  /// Whether the axes described by numbers have those extents.
  private func fits(_ shape: [Int], _ axes: [String]) -> Bool {
    zip(shape, axes).allSatisfy { extent, axis in Int(axis).map { $0 == extent } ?? true }
  }

  private mutating func report(_ tensor: Tensor, _ parameter: Parameter, _ expected: String) {
    findings.append(
      Diagnostic(
        .tensorShapeMismatch, .error,
        "\(parameter.role) of '\(node.layerName)' has the wrong shape", at: tensor.location,
        expected: expected, found: tuple(tensor.shape)))
  }
}

extension Diagnostic.Code {
  /// The layers are not connected in a way that can be run.
  public static let graphInvalid = Self(rawValue: "model.graph.invalid")
}
