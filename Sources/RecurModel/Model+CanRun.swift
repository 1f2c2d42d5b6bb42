extension Model {
  /// Whether the model can be run: it has no opaque layers, and its nodes are connected as in the
  /// original.
  package var canRun: Bool {
    isConnected
      && !nodes.contains { node in
        if case .opaque = node.layer { true } else { false }
      }
  }
}
