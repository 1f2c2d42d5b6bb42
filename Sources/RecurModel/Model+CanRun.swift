extension Model {
  /// Whether everything the model computes is known: no opaque layers, and nodes that follow each
  /// other as in the original.
  package var canRun: Bool {
    isConnected
      && !nodes.contains { node in
        if case .opaque = node.layer { true } else { false }
      }
  }

  /// Whether any layer steps through time.
  package var hasRecurrentLayer: Bool { nodes.contains { !$0.layer.recurrents.isEmpty } }
}
