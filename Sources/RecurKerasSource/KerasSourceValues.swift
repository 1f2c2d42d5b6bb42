import RecurContainers
import RecurModel
import RecurPyTorch

// Values of a source as they stand in configs.
extension KerasSourceConfig {
  /// The value of an option or an argument; nil for one that is not known.
  func json(
    _ value: SourceValue, _ tensor: (KerasSourceTensor) -> JSONValue
  ) -> JSONValue? {
    switch value {
    case .plain(let plain):
      if plain.isNothing { return .null }
      if let flag = plain.flag { return .bool(flag) }
      if let number = plain.integer { return .integer(number) }
      if let number = plain.double { return .number(number) }
      return plain.text.map { .string($0) }
    case .list(let list): return json(all: list.elements, tensor)
    case .tuple(let values): return json(all: values, tensor)
    case .dictionary(let entries):
      guard entries.unknown == nil else { return nil }
      var object = JSONObject()
      for key in entries.keys {
        guard case .text(let name) = key, let own = entries[key].flatMap({ json($0, tensor) })
        else { return nil }
        object.set(name, own)
      }
      return .object(object)
    case .slice(let start, let stop, let step):
      guard let start = json(start, tensor), let stop = json(stop, tensor),
        let step = json(step, tensor)
      else { return nil }
      return ["class_name": "__slice__", "config": ["start": start, "stop": stop, "step": step]]
    case .ellipsis: return ["class_name": "__ellipsis__", "config": [:]]
    case .library(let name):
      // a function or a type by its name: `tf.nn.relu`, `tf.float32`
      guard name.contains(".") else { return nil }
      return name.split(separator: ".").last.map { .string(String($0)) }
    case .foreign(let own as KerasSourceTensor): return tensor(own)
    default: return nil
    }
  }

  private func json(
    all values: [SourceValue], _ tensor: (KerasSourceTensor) -> JSONValue
  ) -> JSONValue? {
    var result: [JSONValue] = []
    for value in values {
      guard let own = json(value, tensor) else { return nil }
      result.append(own)
    }
    return .array(result)
  }

  /// The extents of a shape, null for those that are free or not known; nil for no shape.
  static func extents(_ value: SourceValue) -> [JSONValue]? {
    let values: [SourceValue]
    switch value {
    case .list(let list): values = list.elements
    case .tuple(let own): values = own
    case .plain where value.integer != nil: values = [value]
    default: return nil
    }
    return values.map { value in value.integer.map { .integer($0) } ?? .null }
  }

  /// The shape of the input of a model, batch first, where its first layer says one.
  static func inputShape(of layer: KerasSourceLayer) -> [JSONValue]? {
    if let whole = layer["batch_input_shape"] ?? layer["batch_shape"] { return Self.extents(whole) }
    let batch: JSONValue = layer["batch_size"]?.integer.map { .integer($0) } ?? .null
    if let shape = layer["shape"] ?? layer["input_shape"] {
      return Self.extents(shape).map { [batch] + $0 }
    }
    let length = layer["input_length"]
    if layer.className == "Embedding" {
      return length.map { [batch, $0.integer.map { .integer($0) } ?? .null] }
    }
    guard let width = layer["input_dim"] else { return nil }
    let features: JSONValue = width.integer.map { .integer($0) } ?? .null
    let isSequence = ["LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "Conv1D", "RNN"]
      .contains(layer.className)
    guard isSequence else { return [batch, features] }
    return [batch, length?.integer.map { .integer($0) } ?? .null, features]
  }

  /// A value of a config as a value of a source.
  static func value(_ value: JSONValue) -> SourceValue? {
    switch value {
    case .null: SourceValue.none
    case .bool(let flag): .flag(flag)
    case .integer(let number): .integer(number)
    case .number(let number): .plain(.number(number))
    case .string(let text): .text(text)
    case .array, .object: nil
    }
  }
}
