public import RecurTensors

extension Model {
  /// The recurrent layers with their names, in order.
  ///
  /// The two directions of a bidirectional layer are layers of their own: `NAME.forward` and
  /// `NAME.backward`. A layer that is called several times is listed once.
  public var recurrentLayers: [(name: String, layer: Recurrent)] {
    weightedNodes.flatMap { node in
      let layers = node.layer.recurrents
      guard layers.count == 2 else { return layers.map { (node.layerName, $0) } }
      return zip(["forward", "backward"], layers).map { ("\(node.layerName).\($0)", $1) }
    }
  }

  /// A recurrent layer by its name.
  ///
  /// - Parameter name: a name in ``recurrentLayers``.
  /// - Returns: the layer.
  /// - Throws: `model.layer.unknown` with the names that there are.
  public func recurrentLayer(named name: String) throws(CheckpointError) -> Recurrent {
    let all = recurrentLayers
    guard let found = all.first(where: { Name($0.name) == Name(name) }) else {
      let names = all.map(\.name)
      throw CheckpointError(
        .modelLayerUnknown, "the model has no recurrent layer '\(name)'",
        at: nodes.first?.location ?? .init(),
        expected: names.isEmpty ? "no recurrent layers" : names.joined(separator: ", "),
        found: name,
        hint: suggestion(for: name, among: names).map { "'\($0)' is nearest" })
    }
    return found.layer
  }

  /// An LSTM by its name.
  ///
  /// - Parameter name: a name in ``recurrentLayers``.
  /// - Returns: the cell of the layer.
  /// - Throws: `model.layer.unknown` when no layer has the name, or when it is no LSTM.
  public func lstm(named name: String) throws(CheckpointError) -> LSTM {
    let cell = try recurrentLayer(named: name).cell
    guard case .lstm(let lstm) = cell else { throw otherCell(name, cell, expected: "LSTM") }
    return lstm
  }

  /// A GRU by its name.
  ///
  /// - Parameter name: a name in ``recurrentLayers``.
  /// - Returns: the cell of the layer.
  /// - Throws: `model.layer.unknown` when no layer has the name, or when it is no GRU.
  public func gru(named name: String) throws(CheckpointError) -> GRU {
    let cell = try recurrentLayer(named: name).cell
    guard case .gru(let gru) = cell else { throw otherCell(name, cell, expected: "GRU") }
    return gru
  }

  private func otherCell(
    _ name: String, _ cell: RecurrentCell, expected: String
  ) -> CheckpointError {
    CheckpointError(
      .modelLayerUnknown, "the layer '\(name)' is another cell",
      at: nodes.first?.location ?? .init(),
      expected: expected, found: cell.title)
  }
}

// Spellings of 0.1.
extension Model {
  /// The recurrent layer called `name`, or nil.
  @available(*, deprecated, message: "use recurrentLayer(named:), which lists the names")
  public func recurrent(_ name: String) -> Recurrent? { try? recurrentLayer(named: name) }

  /// The LSTM called `name`, or nil.
  @available(*, deprecated, renamed: "lstm(named:)")
  public func lstm(_ name: String) -> LSTM? { try? lstm(named: name) }

  /// The GRU called `name`, or nil.
  @available(*, deprecated, renamed: "gru(named:)")
  public func gru(_ name: String) -> GRU? { try? gru(named: name) }
}

extension Diagnostic.Code {
  /// An option names a layer that the model does not have.
  public static let modelLayerUnknown = Self(rawValue: "model.layer.unknown")
}
