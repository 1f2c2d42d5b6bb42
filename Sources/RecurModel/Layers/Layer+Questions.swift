// Questions to every layer; the struct of each kind gives the answers.
extension Layer {
  /// A short name of the kind, for tables: `LSTM(4)`.
  public var title: String { definition.title }

  /// The inputs and outputs of a call.
  package var ports: LayerPorts { definition.ports }
  /// Facts about the kind.
  package var traits: LayerTraits { definition.traits }

  /// The number of outputs.
  package var outputCount: Int { ports.outputs }
  /// The number of inputs besides the initial state and the mask.
  package var inputCount: ClosedRange<Int> { ports.inputs }
  /// The widths of the states; empty for layers without a state.
  package var stateSizes: [Int] { ports.states.map(\.size) }
  /// The names of the states: `h`, `c`; with two directions the direction is in front:
  /// `backward.c`.
  package var stateNames: [String] { ports.states.map(\.name) }
  /// The width of the input's last axis according to the weights; nil when the weights don't tell.
  package var inputWidth: Int? { traits.inputWidth }

  /// The shapes of all outputs for inputs of these shapes; see ``LayerKind``.
  package func outputShapes(
    _ inputs: [[Dimension]], named name: String
  ) throws(ShapeProblem) -> [[Dimension]] {
    try definition.outputShapes(inputs, named: name)
  }

  // MARK: recurrent layers

  /// The recurrent layers in this layer: one, or one per direction; empty for other kinds.
  package var recurrents: [Recurrent] {
    (definition as? any RecurrentLayerKind)?.recurrents ?? []
  }

  /// The cell of a recurrent layer, or of the first of two directions; nil for other layers.
  package var firstCell: RecurrentCell? { recurrents.first?.cell }

  /// Whether each call begins with the final state of the call before.
  package var isStateful: Bool { recurrents.contains(where: \.isStateful) }

  /// The same layer with every recurrent layer in it replaced, in both directions.
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
