import RecurModel
import RecurTensors

extension Hypothesis {
  /// Mistake: weights are in the place of others of the same shape: of another layer, or of the other
  /// direction.
  static func layerOrder(in model: Model) -> [Hypothesis] {
    let nodes = model.weightedNodes
    var result: [Hypothesis] = []
    for (index, one) in nodes.enumerated() {
      for other in nodes.dropFirst(index + 1) where one.layer.hasShapes(of: other.layer) {
        result.append(exchanged(one, other))
      }
    }
    let pairs = nodes.filter(\.hasEqualDirections)
    if pairs.count > 1 { result.append(exchangedDirections(pairs)) }
    result += pairs.map { exchangedDirections([$0]) }
    for (index, one) in nodes.enumerated() {
      for other in nodes.dropFirst(index + 1) {
        result += WeightParts.exchangeable.flatMap { exchanged($0, one, other) }
      }
    }
    return result + repeated(nodes)
  }

  private static func exchangedDirections(_ nodes: [Model.Node]) -> Hypothesis {
    let names = nodes.map { "'\($0.layerName)'" }.joined(separator: ", ")
    return Hypothesis(
      kind: .layerOrder, claim: "the two directions of \(names) are exchanged",
      expected: "forward, backward", found: "backward, forward",
      reason: "both have the same shapes", location: nodes[0].location
    ) { trial in
      nodes.reduce(trial) { trial, node in
        trial.mapping(node.layerName) { layer in
          guard case .bidirectional(var pair) = layer else { return layer }
          (pair.forward.cell, pair.backward.cell) = (pair.backward.cell, pair.forward.cell)
          return .bidirectional(pair)
        }
      }
    }
  }

  private static func exchanged(_ one: Model.Node, _ other: Model.Node) -> Hypothesis {
    Hypothesis(
      kind: .layerOrder,
      claim: "the weights of '\(one.layerName)' and '\(other.layerName)' are exchanged",
      expected: "'\(one.layerName)', '\(other.layerName)'",
      found: "'\(other.layerName)', '\(one.layerName)'",
      reason: "both have the same shapes, so nothing but numbers can tell them apart",
      location: one.location
    ) { (trial: Trial) throws(CheckpointError) -> Trial? in
      let (first, second) = (one.layer.tensors.map(\.tensor), other.layer.tensors.map(\.tensor))
      let layers = (try one.layer.filled(second), try other.layer.filled(first))
      return trial.mapping(one.layerName) { _ in layers.0 }
        .mapping(other.layerName) { _ in layers.1 }
    }
  }

  /// Some weights of two layers exchanged, where their shapes are equal.
  private static func exchanged(
    _ parts: WeightParts, _ one: Model.Node, _ other: Model.Node
  ) -> [Hypothesis] {
    let (mine, others) = (one.layer.recurrents, other.layer.recurrents)
    guard !mine.isEmpty, mine.count == others.count,
      zip(mine, others).allSatisfy({ $0.cell.exchanging(parts, with: $1.cell) != nil })
    else { return [] }
    return [
      Hypothesis(
        kind: .layerOrder,
        claim: "\(parts.plural) of '\(one.layerName)' and '\(other.layerName)' are exchanged",
        expected: "'\(one.layerName)', '\(other.layerName)'",
        found: "'\(other.layerName)', '\(one.layerName)'",
        reason: "they have the same shapes, so nothing but numbers can tell them apart",
        location: one.location
      ) { trial in
        func layer(_ node: Model.Node, with others: [Recurrent]) -> Layer {
          var rest = others[...]
          return node.layer.mappingRecurrents { recurrent in
            var copy = recurrent
            if let other = rest.popFirst(),
              let cell = recurrent.cell.exchanging(parts, with: other.cell)
            {
              copy.cell = cell
            }
            return copy
          }
        }
        let layers = (layer(one, with: others), layer(other, with: mine))
        return trial.mapping(one.layerName) { _ in layers.0 }
          .mapping(other.layerName) { _ in layers.1 }
      }
    ]
  }

  /// The weights of one layer, or of one direction, in the place of another one's too.
  private static func repeated(_ nodes: [Model.Node]) -> [Hypothesis] {
    var result: [Hypothesis] = []
    func recorded(
      _ claim: String, _ node: Model.Node,
      _ change: @escaping @Sendable (Trial) throws(CheckpointError) -> Trial?
    ) {
      var hypothesis = Hypothesis(
        kind: .layerOrder, claim: claim, expected: "weights of its own", found: "the same weights",
        reason: "a loop over layers read the same keys twice", location: node.location,
        apply: change)
      hypothesis.repairsModel = false
      hypothesis.remedies = [.recording("record from the weights of this file")]
      result.append(hypothesis)
    }
    for one in nodes where !one.layer.recurrents.isEmpty {
      for other in nodes
      where Name(one.layerName) != Name(other.layerName) && one.layer.hasShapes(of: other.layer) {
        recorded(
          "the recording was made with the weights of '\(one.layerName)' in '\(other.layerName)' too",
          other
        ) { (trial: Trial) throws(CheckpointError) -> Trial? in
          let layer = try other.layer.filled(one.layer.tensors.map(\.tensor))
          return trial.mapping(other.layerName) { _ in layer }
        }
      }
      guard one.hasEqualDirections else { continue }
      for isForward in [true, false] {
        recorded(
          "the recording was made with the weights of the \(isForward ? "forward" : "backward") "
            + "direction of '\(one.layerName)' in both", one
        ) { trial in
          trial.mapping(one.layerName) { layer in
            guard case .bidirectional(var pair) = layer else { return layer }
            let cell = isForward ? pair.forward.cell : pair.backward.cell
            (pair.forward.cell, pair.backward.cell) = (cell, cell)
            return .bidirectional(pair)
          }
        }
      }
    }
    return result
  }
}

extension WeightParts {
  /// What is exchanged between layers without the rest.
  fileprivate static let exchangeable: [WeightParts] = [
    [.recurrentKernel, .bias], .recurrentKernel, .bias, .kernel,
  ]

  /// The weights in words: `the recurrent kernels and the biases`.
  fileprivate var plural: String {
    [
      contains(.kernel) ? "the kernels" : nil,
      contains(.recurrentKernel) ? "the recurrent kernels" : nil,
      contains(.bias) ? "the biases" : nil,
    ].compactMap { $0 }.joined(separator: " and ")
  }
}

extension RecurrentCell {
  /// This cell with some weights of another one; nil where the kinds or the shapes differ.
  fileprivate func exchanging(_ parts: WeightParts, with other: RecurrentCell) -> RecurrentCell? {
    if case .lstm(var lstm) = self, case .lstm(let other) = other {
      guard let weights = lstm.weights.exchanging(parts, with: other.weights) else { return nil }
      lstm.weights = weights
      return .lstm(lstm)
    }
    if case .gru(var gru) = self, case .gru(let other) = other {
      guard let weights = gru.weights.exchanging(parts, with: other.weights) else { return nil }
      gru.weights = weights
      return .gru(gru)
    }
    if case .simpleRNN(var rnn) = self, case .simpleRNN(let other) = other {
      guard let weights = rnn.weights.exchanging(parts, with: other.weights) else { return nil }
      rnn.weights = weights
      return .simpleRNN(rnn)
    }
    return nil
  }
}

extension RecurrentWeights {
  fileprivate func exchanging(
    _ parts: WeightParts, with other: RecurrentWeights
  ) -> RecurrentWeights? {
    func fits(_ one: GateMap<Gate, Tensor>, _ other: GateMap<Gate, Tensor>) -> Bool {
      Gate.allCases.allSatisfy { one[$0].shape == other[$0].shape }
    }
    var copy = self
    if parts.contains(.kernel) {
      guard fits(kernel, other.kernel) else { return nil }
      copy.kernel = other.kernel
    }
    if parts.contains(.recurrentKernel) {
      guard fits(recurrentKernel, other.recurrentKernel) else { return nil }
      copy.recurrentKernel = other.recurrentKernel
    }
    if parts.contains(.bias) {
      switch (bias, other.bias) {
      case (.single(let one), .single(let two)) where fits(one, two): break
      case (.split(let one, _), .split(let two, _)) where fits(one, two): break
      default: return nil
      }
      copy.bias = other.bias
    }
    return copy
  }
}

extension Layer {
  /// Whether both layers have tensors of the same roles and shapes, so that their weights are
  /// exchangeable.
  fileprivate func hasShapes(of other: Layer) -> Bool {
    let (mine, others) = (tensors, other.tensors)
    return !mine.isEmpty && mine.count == others.count
      && zip(mine, others).allSatisfy { $0.role == $1.role && $0.tensor.shape == $1.tensor.shape }
  }

  /// This layer with other tensors, in its order.
  fileprivate func filled(_ tensors: [Tensor]) throws(CheckpointError) -> Layer {
    var rest = tensors[...]
    return try mappingTensors { own in rest.popFirst() ?? own }
  }
}

extension Model.Node {
  /// Whether both directions have weights of the same shapes.
  fileprivate var hasEqualDirections: Bool {
    guard case .bidirectional(let pair) = layer else { return false }
    return Layer.recurrent(pair.forward).hasShapes(of: .recurrent(pair.backward))
  }
}
