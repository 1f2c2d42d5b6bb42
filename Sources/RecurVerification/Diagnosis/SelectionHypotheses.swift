import RecurModel
import RecurTensors

extension Hypothesis {
  /// Mistake: something else is taken of a sequence than was recorded.
  ///
  /// What a recurrent layer hands on can be every timestep, one of them, a mean, or its final states;
  /// users take it by hand, and no file of weights says what they took.
  static func selections(in model: Model) -> [Hypothesis] {
    TakenPart.all(in: model).flatMap { taken in
      SequencePart.all(of: taken, in: model).filter { $0 != taken.part }.map { wanted in
        var hypothesis = Hypothesis(
          kind: .selection,
          claim: "the recording has \(wanted.words(of: taken.layer)), not "
            + taken.part.words(of: taken.layer),
          expected: wanted.words(of: taken.layer), found: taken.part.words(of: taken.layer),
          reason: "people take it by hand, and weights don't say what was taken",
          location: taken.location,
          facts: wanted == .every || taken.part == .every ? [.difference(.returnedTimesteps)] : []
        ) { trial in
          guard let changed = taken.replaced(by: wanted, in: trial.model) else { return nil }
          var copy = trial
          copy.model = changed
          return copy
        }
        hypothesis.changesShapes = !wanted.hasShape(of: taken.part)
        hypothesis.remedies = [.selectOutputs]
        return hypothesis
      }
    }
  }
}

/// What can be taken of the sequence of a recurrent layer.
enum SequencePart: Hashable, Sendable {
  /// Every timestep.
  case every
  /// The last timestep that is not masked, or the last one of all.
  case last, lastOfAll
  /// The first timestep.
  case first
  /// The mean, the maximum or the sum of all timesteps.
  case mean, maximum, sum
  /// The final h of both directions, the forward one first, or the backward one first.
  case finalStates, exchangedStates
  /// The final h of one direction.
  case finalForward, finalBackward
  /// The final c in place of h.
  case cellState
  /// The final h of another layer.
  case other(layer: String)

  /// The part in words.
  func words(of layer: String) -> String {
    switch self {
    case .every: "every timestep of '\(layer)'"
    case .last: "the last timestep of '\(layer)'"
    case .lastOfAll: "the last timestep of '\(layer)', padding included"
    case .first: "the first timestep of '\(layer)'"
    case .mean: "the mean of the timesteps of '\(layer)'"
    case .maximum: "the maximum of the timesteps of '\(layer)'"
    case .sum: "the sum of the timesteps of '\(layer)'"
    case .finalStates: "the final states of both directions of '\(layer)'"
    case .exchangedStates: "the final states of '\(layer)', the backward one first"
    case .finalForward: "the final state of the forward direction of '\(layer)'"
    case .finalBackward: "the final state of the backward direction of '\(layer)'"
    case .cellState: "the final cell state of '\(layer)'"
    case .other(let other): "the final state of '\(other)'"
    }
  }

  /// Whether this part has as many axes and units as another one.
  func hasShape(of other: SequencePart) -> Bool {
    let half: Set<SequencePart> = [.finalForward, .finalBackward]
    return (self == .every) == (other == .every) && half.contains(self) == half.contains(other)
  }

  /// The parts that can be taken of a layer, those that people take most often first.
  static func all(of taken: TakenPart, in model: Model) -> [SequencePart] {
    guard let layer = model.node(taken.node)?.layer, let cell = layer.recurrents.first?.cell else {
      return []
    }
    var parts: [SequencePart] = [.last, .every, .first, .mean, .maximum, .sum]
    if model.node(taken.node)?.mask != nil { parts.append(.lastOfAll) }
    if layer.recurrents.count == 2 {
      parts += [.finalStates, .exchangedStates, .finalForward, .finalBackward]
    }
    if case .lstm = cell { parts.append(.cellState) }
    let sizes = layer.recurrents.map(\.cell.units)
    for node in model.nodes where node.name != taken.node {
      let others = node.layer.recurrents
      guard let first = others.first, first.cell.states.count <= 2,
        others.map(\.cell.units) == sizes, !node.layer.ports.states.isEmpty
      else { continue }
      parts.append(.other(layer: node.name))
    }
    return parts
  }
}

/// What a model takes of the sequence of a recurrent layer, and where.
struct TakenPart: Sendable {
  /// The node of the recurrent layer.
  let node: String
  /// The name of the layer.
  let layer: String
  /// What is taken.
  let part: SequencePart
  /// The value that is taken.
  let value: Model.Value
  let location: Diagnostic.Location

  /// Every place where a model takes a part of the sequence of its uppermost recurrent layers.
  static func all(in model: Model) -> [TakenPart] {
    var result: [TakenPart] = []
    for node in model.nodes {
      guard !node.layer.ports.states.isEmpty, let first = node.layer.recurrents.first,
        first.cell.states.count <= 2,
        model.nodes.filter({ Name($0.layerName) == Name(node.layerName) }).count == 1
      else { continue }
      if case .bidirectional(let pair) = node.layer, pair.mergeMode != .concatenate { continue }
      func taken(_ part: SequencePart, _ value: Model.Value) -> TakenPart {
        TakenPart(
          node: node.name, layer: node.layerName, part: part, value: value,
          location: node.location)
      }
      let output = Model.Value(node.name)
      let isPair = node.layer.recurrents.count == 2
      if first.returnsSequence {
        for (value, reader) in model.readers(ofSequence: output) {
          guard let reader else {
            result.append(taken(.every, value))
            continue
          }
          if let part = reader.layer.takenPart {
            result.append(taken(part, Model.Value(reader.name)))
          } else if reader.layer.recurrents.isEmpty {
            result.append(taken(.every, value))
          }
        }
      } else if model.isUsed(output) {
        result.append(taken(isPair ? .finalStates : .last, output))
      }
      for (value, part) in node.takenStates(in: model) { result.append(taken(part, value)) }
    }
    var seen: Set<Model.Value> = []
    return result.filter { seen.insert($0.value).inserted }
  }

  /// The model that takes another part; nil where the layer doesn't have it.
  func replaced(by wanted: SequencePart, in model: Model) -> Model? {
    guard let index = model.nodes.firstIndex(where: { $0.name == node }) else { return nil }
    var copy = model
    var source = model.nodes[index]
    source.layer = source.layer.returning(sequence: true, state: true)
    copy.nodes[index] = source
    var builder = PartBuilder(model: copy, source: source)
    guard let new = builder.value(of: wanted) else { return nil }
    copy = builder.model
    func replace(_ value: Model.Value) -> Model.Value { value == self.value ? new : value }
    for position in copy.nodes.indices where !builder.added.contains(copy.nodes[position].name) {
      copy.nodes[position].inputs = copy.nodes[position].inputs.map(replace)
    }
    copy.outputs = copy.outputs.map(replace)
    return copy
  }
}

extension Layer {
  /// What this layer takes of a sequence, `[batch, timesteps, units]`; nil for other layers.
  fileprivate var takenPart: SequencePart? {
    switch self {
    case .selection(let selection) where selection.axis == 1:
      selection.index == -1 ? .last : selection.index == 0 ? .first : nil
    case .reduction(let reduction) where reduction.axes == [1] && !reduction.keepsAxes:
      switch reduction.function {
      case .mean: .mean
      case .maximum: .maximum
      case .sum: .sum
      default: nil
      }
    default: nil
    }
  }
}

extension Model {
  /// Whether a value is read, or put out.
  fileprivate func isUsed(_ value: Value) -> Bool {
    outputs.contains(value) || nodes.contains { $0.inputs.contains(value) }
  }

  /// The values that hold a sequence as it is, or with its first axes exchanged, and who reads each;
  /// nil for an output of the model.
  fileprivate func readers(ofSequence value: Value) -> [(value: Value, reader: Node?)] {
    var result: [(value: Value, reader: Node?)] = outputs.contains(value) ? [(value, nil)] : []
    for node in nodes where node.inputs.contains(value) {
      switch node.layer {
      case .identity, .casting, .reshaping(.exchangeBatchAndTime):
        result += readers(ofSequence: Value(node.name))
      default: result.append((value, node))
      }
    }
    return result
  }
}

extension Model.Node {
  /// The positions of the final h of each direction among the outputs, and those of the final c.
  fileprivate var statePositions: (hidden: [Int], cell: [Int]) {
    let count = layer.recurrents.first?.cell.states.count ?? 1
    let start = layer.outputCount - layer.ports.states.count
    let places = layer.recurrents.indices.map { start + $0 * count }
    return (places, count > 1 ? places.map { $0 + 1 } : [])
  }

  /// The final states that the model takes, behind a layer that returns them.
  fileprivate func takenStates(in model: Model) -> [(value: Model.Value, part: SequencePart)] {
    guard layer.recurrents.first?.returnsState == true else { return [] }
    let places = statePositions
    let hidden = places.hidden.map { Model.Value(name, $0) }
    var result: [(value: Model.Value, part: SequencePart)] = []
    for node in model.nodes where node.inputs.contains(where: hidden.contains) {
      guard case .merge(let merge) = node.layer else {
        for value in hidden where node.inputs.contains(value) {
          let part: SequencePart =
            hidden.count == 1 ? .last : value == hidden[0] ? .finalForward : .finalBackward
          result.append((value, part))
        }
        continue
      }
      guard case .concatenate = merge, hidden.count == 2 else { continue }
      if node.inputs == hidden { result.append((Model.Value(node.name), .finalStates)) }
      if node.inputs == hidden.reversed() {
        result.append((Model.Value(node.name), .exchangedStates))
      }
    }
    return result
  }

  fileprivate func values(_ positions: [Int]) -> [Model.Value] {
    positions.map { Model.Value(name, $0) }
  }
}

/// Builds the nodes that take a part of a sequence, directly behind its layer.
private struct PartBuilder {
  private(set) var model: Model
  private(set) var added: Set<String> = []
  private let source: Model.Node

  init(model: Model, source: Model.Node) {
    self.model = model
    self.source = source
  }

  mutating func value(of part: SequencePart) -> Model.Value? {
    let sequence = Model.Value(source.name)
    let states = source.statePositions
    switch part {
    case .every: return sequence
    case .last: return take(.selection(Selection(axis: 1, index: -1)), [sequence], source.mask)
    case .lastOfAll: return take(.selection(Selection(axis: 1, index: -1)), [sequence])
    case .first: return take(.selection(Selection(axis: 1, index: 0)), [sequence])
    case .mean: return take(.reduction(Reduction(.mean, axes: [1], keepsAxes: false)), [sequence])
    case .maximum:
      return take(.reduction(Reduction(.maximum, axes: [1], keepsAxes: false)), [sequence])
    case .sum: return take(.reduction(Reduction(.sum, axes: [1], keepsAxes: false)), [sequence])
    case .finalStates: return joined(source.values(states.hidden))
    case .exchangedStates: return joined(source.values(states.hidden.reversed()))
    case .finalForward: return Model.Value(source.name, states.hidden[0])
    case .finalBackward: return states.hidden.last.map { Model.Value(source.name, $0) }
    case .cellState: return states.cell.isEmpty ? nil : joined(source.values(states.cell))
    case .other(let name):
      guard let index = model.nodes.firstIndex(where: { $0.name == name }) else { return nil }
      var node = model.nodes[index]
      guard let first = node.layer.recurrents.first else { return nil }
      node.layer = node.layer.returning(sequence: first.returnsSequence, state: true)
      model.nodes[index] = node
      return joined(node.values(node.statePositions.hidden))
    }
  }

  private mutating func joined(_ values: [Model.Value]) -> Model.Value? {
    values.count == 1 ? values[0] : take(.merge(.concatenate(axis: -1)), values)
  }

  private mutating func take(
    _ layer: Layer, _ inputs: [Model.Value], _ mask: Model.Value? = nil
  ) -> Model.Value? {
    let last = model.nodes.lastIndex { node in inputs.contains { $0.node == node.name } }
    guard let last else { return nil }
    let name = "\(source.name) taken \(added.count)"
    model.nodes.insert(
      Model.Node(
        name: name, layerName: name, layer: layer, inputs: inputs, mask: mask,
        precision: source.precision, location: source.location),
      at: last + 1)
    added.insert(name)
    return Model.Value(name)
  }
}
