/// The place of a layer's weights in a state dict.
///
/// A module with several layers becomes several nodes of a ``Model``; its keys are
/// `lstm.weight_ih_l0`, `lstm.weight_ih_l1`, … (torch/nn/modules/rnn.py, `RNNBase`).
public struct StateDictPlace: Hashable, Sendable {
  /// The common prefix of the keys without the last dot; empty for a module saved by itself.
  public var key: String
  /// The layer number in its module, from 0; nil for modules without numbered keys, such as cells.
  public var layer: Int?

  /// Makes a place from a prefix and a layer number.
  public init(key: String, layer: Int? = nil) {
    self.key = key
    self.layer = layer
  }
}
