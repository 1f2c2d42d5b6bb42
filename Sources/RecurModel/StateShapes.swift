import RecurTensors

/// The state shapes of one recurrent layer, or of all layers of one module, in two forms.
///
/// The plain form has an array `[batch, units]` per state, layer and direction. The stacked form
/// has one array per state for a whole module, `[layers·directions, batch, units]`. The batch
/// extent is that of the input: each sequence has its own state.
public struct StateShapes: Sendable {
  /// One state of a cell.
  public struct State: Sendable {
    /// `h` or `c`.
    public let name: String
    /// The width of the state: the unit count, or for h the width of the projection.
    public let size: Int
  }

  /// The name of the layer or module.
  public let layer: String
  /// The states of one cell, in order.
  public let states: [State]
  /// The number of layers whose states share one array of the stacked form.
  public let layers: Int
  /// 1, or 2 when the sequence is read from both ends.
  public let directions: Int
  /// Whether the states can be stacked.
  ///
  /// The states of stacked cells differ in width and don't fit in one array.
  public let hasStackedForm: Bool
  /// Whether this is a single cell, which takes one timestep and whose states are never stacked.
  public let isCell: Bool
  /// The batch extent of the input.
  public let batch: Dimension

  /// The shape of a state in the plain form: `[batch, units]`.
  public func plain(_ state: State) -> [Dimension] { [batch, .fixed(state.size)] }

  /// The shape of a state in the stacked form; for a cell the plain form; nil where states can't be
  /// stacked.
  public func stacked(_ state: State) -> [Dimension]? {
    guard hasStackedForm else { return nil }
    return isCell
      ? plain(state) : [.fixed(layers * directions), batch, .fixed(state.size)]
  }
}

extension Model {
  /// The states of every recurrent layer, in order, for the inputs from which `shapes` were
  /// inferred.
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
          layers: group?.count ?? 1, directions: isPair ? 2 : 1, hasStackedForm: !isStacked,
          isCell: isCell, batch: batch))
    }
    return result
  }
}
