import RecurModel
import RecurTensors

/// The recurrent layers that a hypothesis changes: all of one kind, one layer, or one direction of
/// a layer.
struct HypothesisScope: Sendable {
  /// The kinds of cells for which there are separate hypotheses.
  enum CellFamily: Sendable, CaseIterable { case lstm, gru, simpleRNN }

  /// The layers in words: `'lstm'`, `the backward direction of 'bidirectional'`, `all LSTM layers`.
  let title: String
  /// The names of the layers.
  let names: [String]
  /// The direction of bidirectional layers, 0 or 1; nil for both.
  let half: Int?
  /// The state-dict keys of each layer; nil for layers that were not read from a state dict.
  let keys: [Diagnostic.KeyGroup?]
  /// The location of the first layer's declaration or weights.
  let location: Diagnostic.Location

  /// Every scope of layers of one kind; all layers together come first.
  static func all(_ kind: CellFamily, in model: Model) -> [HypothesisScope] {
    let nodes = model.weightedNodes.filter { $0.layer.recurrentKinds.contains(kind) }
    func scope(_ title: String, _ nodes: [Model.Node], half: Int? = nil) -> HypothesisScope {
      HypothesisScope(
        title: title, names: nodes.map(\.layerName), half: half,
        keys: nodes.map { $0.place.map { .init(prefix: $0.key, layer: $0.layer) } },
        location: nodes.first?.layer.tensors.first?.tensor.location.whole ?? .init())
    }
    var scopes: [HypothesisScope] = []
    if nodes.count > 1 { scopes.append(scope("all \(kind.title) layers", nodes)) }
    scopes += nodes.map { scope("'\($0.layerName)'", [$0]) }
    for node in nodes {
      guard case .bidirectional = node.layer else { continue }
      scopes.append(scope("the forward direction of '\(node.layerName)'", [node], half: 0))
      scopes.append(scope("the backward direction of '\(node.layerName)'", [node], half: 1))
    }
    return scopes
  }

  /// The model after changing the layers of this scope; nil if no layer was changed.
  func applied(
    to model: Model, _ change: RecurrentChange
  ) throws(CheckpointError) -> Model? {
    var (copy, isChanged) = (model, false)
    let wanted = Set(names.map { Name($0) })
    for index in copy.nodes.indices where wanted.contains(Name(copy.nodes[index].layerName)) {
      var position = 0
      copy.nodes[index].layer = try copy.nodes[index].layer.mappingRecurrents {
        (recurrent: Recurrent) throws(CheckpointError) -> Recurrent in
        defer { position += 1 }
        guard half == nil || half == position, let new = try change(recurrent) else {
          return recurrent
        }
        isChanged = true
        return new
      }
    }
    return isChanged ? copy : nil
  }

  /// The recurrent layers of this scope in `model`.
  func recurrents(in model: Model) -> [Recurrent] {
    let wanted = Set(names.map { Name($0) })
    return model.weightedNodes.filter { wanted.contains(Name($0.layerName)) }.flatMap { node in
      let all = node.layer.recurrents
      return half.map { all.indices.contains($0) ? [all[$0]] : [] } ?? all
    }
  }
}

extension HypothesisScope.CellFamily {
  /// The name of the cell.
  var title: String {
    switch self {
    case .lstm: "LSTM"
    case .gru: "GRU"
    case .simpleRNN: "RNN"
    }
  }

  /// Whether a cell is of this kind.
  func has(_ cell: RecurrentCell) -> Bool {
    switch self {
    case .lstm: if case .lstm = cell { true } else { false }
    case .gru: if case .gru = cell { true } else { false }
    case .simpleRNN: if case .simpleRNN = cell { true } else { false }
    }
  }
}

extension Layer {
  /// The kinds of this layer's cells for which there are hypotheses.
  fileprivate var recurrentKinds: Set<HypothesisScope.CellFamily> {
    let cells = recurrents.flatMap(\.cell.cells)
    return Set(HypothesisScope.CellFamily.allCases.filter { cells.contains(where: $0.has) })
  }
}

extension Diagnostic.Location {
  /// The location without its byte range, because the finding is about a whole tensor and not one
  /// gate.
  var whole: Diagnostic.Location { .init(file: file, object: object) }
}
