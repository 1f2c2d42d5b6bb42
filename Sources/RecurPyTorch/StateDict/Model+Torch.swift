import RecurModel

extension Model.Node {
  /// Whether the weights were read from a module of torch.nn, so that torch.nn can hold them again.
  var isOfTorch: Bool { place != nil }
}

extension Model {
  /// Whether all weights were read from modules of torch.nn.
  var isOfTorch: Bool {
    let weighted = weightedNodes
    return !weighted.isEmpty && weighted.allSatisfy(\.isOfTorch)
  }
}
