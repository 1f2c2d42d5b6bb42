import RecurTensors

/// The states of one recurrent layer, or of all layers of one torch module, in both frameworks'
/// forms.
///
/// Keras keeps an array `[batch, units]` per state, layer and direction; torch.nn keeps one array
/// per state for the whole module, `[layers·directions, batch, units]`, and its cells keep
/// `[batch, units]`. The first axis of Keras, the second of torch, is as long as the batch of the
/// input: a state belongs to one sequence.
public struct StateShapes: Sendable {
  /// One state of a cell.
  public struct State: Sendable {
    /// `h` or `c`.
    public let name: String
    /// Its width: the units, or the width of the projection for h.
    public let size: Int
  }

  /// The name of the layer or module.
  public let layer: String
  /// The states of one cell, in order.
  public let states: [State]
  /// The number of layers that one array of torch holds the states of.
  public let layers: Int
  /// 1, or 2 when the sequence is read from both ends.
  public let directions: Int
  /// Whether torch has such a layer: stacked cells of several widths fit no module.
  public let hasPyTorchForm: Bool
  /// Whether it is a cell of torch, whose states are as those of Keras.
  public let isCell: Bool
  /// The batch of the input.
  public let batch: Dimension

  /// The shape of a state in Keras: `[batch, units]`.
  public func keras(_ state: State) -> [Dimension] { [batch, .fixed(state.size)] }

  /// The shape of a state in PyTorch, or nil where torch has no such layer.
  public func pytorch(_ state: State) -> [Dimension]? {
    guard hasPyTorchForm else { return nil }
    return isCell
      ? keras(state) : [.fixed(layers * directions), batch, .fixed(state.size)]
  }
}

extension Model {
  /// The states of every recurrent layer, in order, for inputs as `shapes` were inferred from.
  public func stateShapes(_ shapes: ModelShapes) -> [StateShapes] {
    var seen: Set<Name> = []
    var result: [StateShapes] = []
    for node in nodes {
      guard let cell = node.layer.firstCell, let batch = shapes[node.name].first?.first else {
        continue
      }
      let place = node.place?.layer == nil ? nil : node.place
      let group = place.map { place in
        nodes.filter { $0.layer.firstCell != nil && $0.place?.key == place.key }
      }
      let name = place.map { $0.key.isEmpty ? node.layerName : $0.key } ?? node.layerName
      guard seen.insert(Name(name)).inserted else { continue }
      let isPair = if case .bidirectional = node.layer { true } else { false }
      let isCell = node.place != nil && node.place?.layer == nil
      var isStacked = false
      if case .stacked = cell { isStacked = true }
      result.append(
        StateShapes(
          layer: name,
          states: cell.cells.flatMap(\.states).map {
            StateShapes.State(name: $0.name, size: $0.size)
          },
          layers: group?.count ?? 1, directions: isPair ? 2 : 1, hasPyTorchForm: !isStacked,
          isCell: isCell, batch: batch))
    }
    return result
  }
}
