/// Where a state dict keeps the weights of a layer.
///
/// One module of several layers is several nodes of a ``Model``; its keys are `lstm.weight_ih_l0`,
/// `lstm.weight_ih_l1`, … (torch/nn/modules/rnn.py, `RNNBase`).
public struct StateDictPlace: Hashable, Sendable {
  /// The prefix of its keys without the last dot; empty for a module that was saved by itself.
  public var key: String
  /// Which layer of its module this is, from 0; nil for modules that have no layers, and for cells,
  /// whose keys are not numbered.
  public var layer: Int?

  /// Names a place.
  public init(key: String, layer: Int? = nil) {
    self.key = key
    self.layer = layer
  }
}
