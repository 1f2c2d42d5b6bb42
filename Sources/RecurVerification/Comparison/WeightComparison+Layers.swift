public import RecurModel
package import RecurTensors

extension Model {
  /// Compares the weights of this model with those of another one, layer by layer.
  ///
  /// Layers are matched by name when both models have the same names, with or without the prefix
  /// that all names of a model share; otherwise they are matched by order. Options that only an
  /// architecture tells are compared when both models have an architecture. Options of the call
  /// (state, returned timesteps, mask) are not compared, because weight files with the same meaning
  /// differ in them.
  ///
  /// - Parameters:
  ///   - other: the second model.
  ///   - tolerance: the largest absolute difference at which two numbers count as equal.
  /// - Returns: a verdict on both models, and one row for every weight.
  public func compareWeights(with other: Model, tolerance: Double = 0) -> WeightComparison {
    var comparer = LayerComparer(
      comparesOptions: isConnected && other.isConnected, tolerance: tolerance)
    comparer.compare(comparedLayers, other.comparedLayers)
    if isConnected, other.isConnected {
      comparer.compareFunctions(functionsWithoutWeights, other.functionsWithoutWeights)
    } else {
      comparer.notes.append(
        "a file of weights does not say how its layers are used: activations, directions and what "
          + "lies between layers were not compared")
    }
    return WeightComparison(
      rows: comparer.rows, differences: comparer.differences, notes: comparer.notes)
  }

  /// Whether another model has the same layers, options and weights, bit for bit.
  ///
  /// The form in which recurrent cells store their biases may differ.
  ///
  /// - Parameters:
  ///   - other: the other model.
  ///   - screen: examines the compared weights for NaN and infinity.
  /// - Returns: true when that is certain; false also when it can't be decided, as for scaled
  ///   weights.
  package func holdsWeights(of other: Model, screen: inout NotFiniteScreen) -> Bool {
    guard isConnected == other.isConnected else { return false }
    var comparer = LayerComparer(comparesOptions: true, tolerance: 0)
    comparer.screen = screen
    comparer.compare(comparedLayers, other.comparedLayers)
    comparer.compareFunctions(functionsWithoutWeights, other.functionsWithoutWeights)
    screen = comparer.screen ?? screen
    return WeightComparison(
      rows: comparer.rows, differences: comparer.differences, notes: comparer.notes
    ).isEqual
  }

  var comparedLayers: [ComparedLayer] {
    weightedNodes.map { node in
      ComparedLayer(node.layerName, node.layer, activation: activation(after: node))
    }
  }

  /// The activation layer after a node, when nothing else follows the node.
  private func activation(after node: Node) -> Activation? {
    let readers = nodes.filter { $0.inputs.contains(Value(node.name)) }
    guard readers.count == 1, case .activation(let activation) = readers[0].layer,
      !outputs.contains(Value(node.name))
    else { return nil }
    return activation
  }

  /// The functions computed between the layers with weights, in order.
  private var functionsWithoutWeights: [String] {
    var folded: Set<Name> = []
    for node in weightedNodes
    where ComparedLayer(node.layerName, node.layer, activation: nil).takesActivation {
      folded.insert(Name(node.name))
    }
    return nodes.compactMap { node in
      if case .activation = node.layer,
        node.inputs.contains(where: { folded.contains(Name($0.node)) })
      {
        return nil
      }
      return node.layer.comparison.comparedFunction
    }
  }
}

/// Compares two lists of layers and collects the results.
private struct LayerComparer {
  let comparesOptions: Bool
  let tolerance: Double
  /// Examines weights that are compared bit for bit; nil when differences and angles are measured
  /// instead.
  var screen: NotFiniteScreen?
  var rows: [WeightComparison.Row] = []
  var differences: [String] = []
  var notes: [String] = []

  mutating func compare(_ ones: [ComparedLayer], _ others: [ComparedLayer]) {
    if ones.count != others.count {
      differences.append(
        "the first model has \(layers(ones.count)) with weights, the second \(others.count)")
    }
    for (one, other) in pairs(ones, others) { compare(one, other) }
  }

  private func layers(_ count: Int) -> String { count == 1 ? "1 layer" : "\(count) layers" }

  /// The pairs of matching layers.
  ///
  /// Layers are matched by name or, when names differ and the counts are equal, by order. Otherwise
  /// only layers of equal names are paired, and the rest is reported.
  private mutating func pairs(
    _ ones: [ComparedLayer], _ others: [ComparedLayer]
  ) -> [(ComparedLayer, ComparedLayer)] {
    let (names, otherNames) = (plainNames(ones), plainNames(others))
    var positions: [Name: Int] = [:]
    for (index, name) in otherNames.enumerated() { positions[name] = index }
    if Set(names) == Set(otherNames), positions.count == others.count {
      return zip(names, ones).compactMap { name, one in positions[name].map { (one, others[$0]) } }
    }
    if ones.count == others.count { return Array(zip(ones, others)) }
    let shared = zip(names, ones).compactMap { name, one in
      positions[name].map { (one, others[$0]) }
    }
    let missing = names.filter { positions[$0] == nil }
    let present = Set(names)
    let added = otherNames.filter { !present.contains($0) }
    for (whose, list) in [("first", missing), ("second", added)] where !list.isEmpty {
      differences.append(
        "only in the \(whose): " + list.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
          + (list.count > 8 ? " and \(list.count - 8) more" : ""))
    }
    return shared
  }

  /// The names without the leading components that all of them share.
  private func plainNames(_ layers: [ComparedLayer]) -> [Name] {
    var paths = layers.map { $0.name.split(separator: ".", omittingEmptySubsequences: false) }
    while let first = paths.first?.first,
      paths.allSatisfy({ $0.count > 1 && Name(String($0[0])) == Name(String(first)) })
    {
      paths = paths.map { Array($0.dropFirst()) }
    }
    return paths.map { Name($0.joined(separator: ".")) }
  }

  private mutating func compare(_ one: ComparedLayer, _ other: ComparedLayer) {
    let names =
      Name(one.name) == Name(other.name) ? "'\(one.name)'" : "'\(one.name)' and '\(other.name)'"
    guard one.kind == other.kind else {
      differences.append("\(names): a \(one.kind) and a \(other.kind)")
      return
    }
    func differ(_ ours: [(name: String, value: String)], _ theirs: [(name: String, value: String)])
    {
      for (option, second) in zip(ours, theirs)
      where option.name == second.name && option.value != second.value {
        differences.append("\(names): \(option.name) \(option.value) and \(second.value)")
      }
    }
    differ(one.fixedOptions, other.fixedOptions)
    if comparesOptions { differ(one.options, other.options) }
    guard one.weights.map(\.role) == other.weights.map(\.role),
      one.biases.count == other.biases.count
    else {
      differences.append("\(names): other weights")
      return
    }
    for (own, second) in zip(one.weights, other.weights) {
      compare(own, second, (one.name, other.name), names)
    }
    for (own, second) in zip(one.biases, other.biases) {
      compare(own, second, (one.name, other.name))
    }
  }

  private mutating func compare(
    _ one: ComparedLayer.Weights, _ other: ComparedLayer.Weights, _ layers: (String, String),
    _ names: String
  ) {
    if one.tensors.isEmpty, other.tensors.isEmpty { return }
    guard !one.tensors.isEmpty, !other.tensors.isEmpty else {
      let there = one.tensors + other.tensors
      let which = one.tensors.isEmpty ? "second" : "first"
      if let neutral = one.neutral, there.allSatisfy({ $0.holdsOnly(neutral) }) {
        notes.append("\(names): only the \(which) has a \(one.role), all \(Int(neutral))s")
      } else {
        differences.append("\(names): only the \(which) has a \(one.role)")
      }
      return
    }
    var row = WeightComparison.Row(
      layer: layers.0, otherLayer: layers.1, role: one.role, shape: one.shape,
      otherShape: other.shape, relation: .otherShape)
    if zip(one.tensors, other.tensors).allSatisfy({ $0.shape == $1.shape }),
      one.tensors.count == other.tensors.count,
      zip(one.tensors, other.tensors).allSatisfy({
        $0.elementType.isComplex == $1.elementType.isComplex
      })
    {
      if var screen {
        row.relation = .equal
        for (a, b) in zip(one.tensors, other.tensors)
        where row.relation == .equal && !a.isBitEqual(to: b, screen: &screen) {
          row.relation = .different
        }
        self.screen = screen
      } else {
        var measure = Measure()
        for (a, b) in zip(one.tensors, other.tensors) { measure.add(a, b) }
        fill(&row, measure)
        row.relation = measure.difference <= tolerance ? .equal : .different
      }
    }
    rows.append(row)
  }

  private mutating func compare(
    _ one: ComparedBias, _ other: ComparedBias, _ layers: (String, String)
  ) {
    if one.shape == [0], other.shape == [0] { return }
    for tensor in one.tensors { screen?.look(at: tensor) }
    var row = WeightComparison.Row(
      layer: layers.0, otherLayer: layers.1, role: one.role, shape: one.shape,
      otherShape: other.shape, relation: .otherShape)
    let type = one.narrowestType(with: other)
    let (own, second) = (one.effective(type), other.effective(type))
    if own.count == second.count {
      var stored = Measure()
      if one.hasForm(of: other) { stored.add(one.stored, other.stored) }
      var measure = Measure()
      measure.add(own, second)
      if one.hasForm(of: other), stored.difference <= tolerance {
        row.relation = .equal
        fill(&row, stored)
      } else {
        row.relation = measure.difference <= tolerance ? .equalSums : .different
        fill(&row, measure)
      }
    }
    rows.append(row)
  }

  private func fill(_ row: inout WeightComparison.Row, _ measure: Measure) {
    row.largestDifference = measure.difference
    row.cosine = measure.cosine
  }

  /// Reports the differences between the functions of layers without weights.
  mutating func compareFunctions(_ ones: [String], _ others: [String]) {
    guard ones != others else { return }
    func text(_ list: [String]) -> String {
      list.isEmpty ? "nothing" : list.joined(separator: ", ")
    }
    differences.append(
      "between the layers with weights, the first computes \(text(ones)), the second \(text(others))"
    )
  }
}

/// Measures the largest difference of two lists of numbers, and the angle between them.
private struct Measure {
  private(set) var difference = 0.0
  private var product = 0.0
  private var size = 0.0
  private var otherSize = 0.0

  /// Adds two tensors of the same shape, block by block.
  mutating func add(_ one: Tensor, _ other: Tensor) {
    let length = TensorBlocks.scannedElements
    for (a, b) in zip(one.split(elements: length), other.split(elements: length)) {
      add(a.components(), b.components())
    }
  }

  mutating func add(_ ones: [Double], _ others: [Double]) {
    for (one, other) in zip(ones, others) {
      difference = max(difference, distance(one, other))
      product += one * other
      size += one * one
      otherSize += other * other
    }
  }

  /// The cosine of the angle; nil when one of the lists is all zeros or not finite.
  var cosine: Double? {
    guard size > 0, otherSize > 0 else { return nil }
    if difference == 0 { return 1 }
    let cosine = product / (size.squareRoot() * otherSize.squareRoot())
    return cosine.isFinite ? min(max(cosine, -1), 1) : nil
  }
}
