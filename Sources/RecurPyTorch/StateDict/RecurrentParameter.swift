/// The tensors of a recurrent module of torch.nn, by their names there.
enum RecurrentParameter: String, CaseIterable {
  case kernel = "weight_ih"
  case recurrentKernel = "weight_hh"
  case bias = "bias_ih"
  case recurrentBias = "bias_hh"
  case projection = "weight_hr"

  /// The ending of the names in one direction of one layer: `_l0`, `_l1_reverse`; empty for
  /// torch.nn.LSTMCell and the other cells, which have no layers.
  static func suffix(layer: Int?, isReverse: Bool = false) -> String {
    (layer.map { "_l\($0)" } ?? "") + (isReverse ? reverse : "")
  }

  /// The ending of the names in the second direction.
  static let reverse = "_reverse"

  /// The name of the tensor in a module: `weight_ih_l0`.
  func name(_ suffix: String) -> String { rawValue + suffix }

  /// Whether a recurrent module of torch.nn may have a tensor of this name: `weight_ih_l1_reverse`.
  static func names(_ parameter: String) -> Bool {
    allCases.contains { known in
      guard parameter.hasPrefix(known.rawValue) else { return false }
      var rest = parameter.dropFirst(known.rawValue.count)
      if rest.isEmpty { return true }
      guard rest.hasPrefix("_l") else { return false }
      rest = rest.dropFirst(2)
      if rest.hasSuffix(reverse) { rest = rest.dropLast(reverse.count) }
      return Int(rest) != nil
    }
  }
}
