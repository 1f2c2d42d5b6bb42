// What is asked of every layer; the answers stand in the room of its kind.
extension Layer {
  /// A short name of the kind, for tables: `LSTM(4)`.
  public var title: String { definition.title }

  /// What a call takes and puts out.
  package var ports: LayerPorts { definition.ports }
  /// Facts about the kind.
  package var traits: LayerTraits { definition.traits }

  /// The number of values the layer puts out.
  package var outputCount: Int { ports.outputs }
  /// The number of values the layer takes besides its initial state and mask.
  package var inputCount: ClosedRange<Int> { ports.inputs }
  /// The widths of the states a call may begin with; empty for layers without a state.
  package var stateSizes: [Int] { ports.states.map(\.size) }
  /// What those states are called: `h`, `c`; with the direction before it where there are two:
  /// `backward.c`.
  package var stateNames: [String] { ports.states.map(\.name) }
  /// How wide the weights say that the last axis of the input is; nil where they don't.
  package var inputWidth: Int? { traits.inputWidth }

  /// The shapes of all outputs for inputs of these shapes; see ``LayerKind``.
  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    try definition.outputShapes(inputs, named: name)
  }

  // MARK: recurrent layers

  /// The recurrent layers of this layer: one, or that of each direction; empty for other kinds.
  package var recurrents: [Recurrent] {
    (definition as? any RecurrentLayerKind)?.recurrents ?? []
  }

  /// The cell of a recurrent layer, that of the first direction of two; nil for other layers.
  package var firstCell: RecurrentCell? { recurrents.first?.cell }

  /// Whether a call begins with the state the call before it ended with.
  package var isStateful: Bool { recurrents.contains(where: \.isStateful) }

  /// The same layer with every recurrent layer in it replaced, those of both directions too.
  ///
  /// - Throws: what `change` throws.
  package func mappingRecurrents<E: Error>(
    _ change: (Recurrent) throws(E) -> Recurrent
  ) throws(E) -> Layer {
    guard var kind = definition as? any RecurrentLayerKind else { return self }
    var changed: [Recurrent] = []
    for recurrent in kind.recurrents { changed.append(try change(recurrent)) }
    kind.recurrents = changed
    return kind.asLayer
  }
}
