extension Model {
  /// Whether the model can be run: it has no opaque layers, and its nodes are connected as in the
  /// original.
  package var canRun: Bool {
    isConnected
      && !nodes.contains { node in
        if case .opaque = node.layer { true } else { false }
      }
  }

  /// Whether any layer steps through time.
  package var hasRecurrentLayer: Bool { nodes.contains { !$0.layer.recurrents.isEmpty } }
}
