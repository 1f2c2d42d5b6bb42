import RecurModel

extension Model.Node {
  /// Whether its weights were read from a module of torch.nn, which can take them again.
  var isOfTorch: Bool { place != nil }
}

extension Model {
  /// Whether all weights were read from modules of torch.nn.
  var isOfTorch: Bool {
    let weighted = weightedNodes
    return !weighted.isEmpty && weighted.allSatisfy(\.isOfTorch)
  }
}
