import RecurModel

/// How the keys of one layer in a state dict are made.
struct StateDictKeys {
  /// The prefix of the keys, without the last dot; empty for a module that was saved by itself.
  var prefix: String
  /// The ending of recurrent keys: `_l0`, or empty for torch.nn.LSTMCell and the other cells.
  var suffix = RecurrentParameter.suffix(layer: 0)
  /// Whether the layer was read from torch modules, so that it must get no new keys.
  var isGiven = false

  init(prefix: String) { self.prefix = prefix }

  init(place: StateDictPlace?) {
    prefix = place?.key ?? ""
    suffix = RecurrentParameter.suffix(layer: place?.layer)
    isGiven = true
  }

  /// The key of a parameter.
  func key(_ parameter: String) -> String { Self.joined(prefix, parameter) }

  /// The key of a recurrent parameter.
  func key(_ parameter: RecurrentParameter) -> String { key(parameter.name(suffix)) }

  /// A name with a prefix, which is empty for a module that was saved by itself.
  static func joined(_ prefix: String, _ name: String) -> String {
    prefix.isEmpty ? name : "\(prefix).\(name)"
  }

  /// The keys of a part of the layer.
  func part(_ name: String, suffix: String) -> StateDictKeys {
    var part = self
    part.prefix = key(name)
    part.suffix = suffix
    return part
  }
}
