import RecurContainers
import RecurTensors

/// The weights that torch's quantized modules keep in objects of C++ classes
/// (aten/src/ATen/native/quantized/library.cpp; torch/ao/nn/quantized).
enum PackedParameters {
  /// One tensor of a packed object: the end of its key, and where it is.
  typealias Part = (name: String, reference: PickleGraph.Reference)

  /// What a packed object holds.
  enum Content {
    /// A matrix with its bias: `weight`, `bias`.
    case linear([Part])
    /// One direction of one layer of an LSTM or a GRU: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`.
    case cell([Part])
    /// An object of another class: its tensors by their places.
    case other(className: String, [Part])
  }

  private static let prefix = "__torch__.torch.classes."

  /// The class of the packed object at `reference`, without its prefix, and its state; nil for anything
  /// else.
  static func object(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> (className: String, state: PickleGraph.Reference)? {
    guard let name = pickle.typeName(reference), let call = pickle.graph.call(reference) else {
      return nil
    }
    if TorchCallables.scriptObjects.contains(name) {
      guard let state = call.states.last, let pair = pickle.graph.elements(state), pair.count == 2,
        let className = pickle.graph.string(pair[1])
      else { return (name, call.states.last ?? call.arguments) }
      let isKnown = className.hasPrefix(prefix)
      return (isKnown ? String(className.dropFirst(prefix.count)) : className, pair[0])
    }
    guard name.hasPrefix(prefix) else { return nil }
    return (String(name.dropFirst(prefix.count)), call.states.last ?? call.arguments)
  }

  /// What the packed object at `reference` holds; nil for anything else.
  static func content(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> Content? {
    guard let (className, state) = object(reference, pickle) else { return nil }
    let graph = pickle.graph
    switch className {
    case "quantized.LinearPackedParamsBase":
      if let parts = linear(state, pickle) { return .linear(parts) }
    case "rnn.CellParamsBase":
      if let parts = cell(state, pickle) { return .cell(parts) }
    case "quantized.EmbeddingPackedParamsBase":
      // (version, tensors, doubles, integers)
      if let fields = graph.elements(state), fields.count > 1,
        let tensors = graph.elements(pickle.unwrapped(fields[1])), tensors.count == 1,
        pickle.isTensor(tensors[0])
      {
        return .linear([("weight", tensors[0])])
      }
    default: break
    }
    return .other(className: className, [])
  }

  /// `(weight, bias)`.
  static func linear(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> [Part]? {
    guard let pair = pickle.graph.elements(pickle.unwrapped(reference)), pair.count == 2,
      pickle.isTensor(pair[0])
    else { return nil }
    if case .none = pickle.graph[pair[1]] { return [("weight", pair[0])] }
    guard pickle.isTensor(pair[1]) else { return nil }
    return [("weight", pair[0]), ("bias", pair[1])]
  }

  /// `(kind, tensors, doubles, integers, packed matrices)` (aten/src/ATen/native/RNN.cpp,
  /// `PackedCellParams` and its like).
  private static func cell(
    _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> [Part]? {
    let graph = pickle.graph
    guard let fields = graph.elements(pickle.unwrapped(reference)), fields.count == 5,
      let kind = graph.string(fields[0]),
      ["quantized_dynamic", "quantized_fp16"].contains(kind),
      let tensors = graph.elements(pickle.unwrapped(fields[1])),
      let packed = graph.elements(pickle.unwrapped(fields[4])), packed.count == 2
    else { return nil }
    var parts: [Part] = []
    for (part, reference) in zip(["ih", "hh"], packed) {
      guard let (className, state) = object(reference, pickle),
        className == "quantized.LinearPackedParamsBase", let found = linear(state, pickle)
      else { return nil }
      parts += found.map { ("\($0.name)_\(part)", $0.reference) }
    }
    // The biases stand beside the matrices too; an integer says whether products are kept small.
    if !tensors.isEmpty {
      guard tensors.count == 2, tensors.allSatisfy(pickle.isTensor) else { return nil }
      parts.removeAll { $0.name.hasPrefix("bias") }
      parts += zip(["bias_ih", "bias_hh"], tensors).map { ($0, $1) }
    }
    return ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].compactMap { name in
      parts.first { $0.name == name }
    }
  }
}

/// The keys of a quantized module, and those that the module had before.
enum PackedKeys {
  /// The key of a part of the packed object at `key`: `head._packed_params._packed_params` and `bias`
  /// give `head.bias`.
  static func key(_ key: String, _ part: String) -> String {
    var components = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let last = components.popLast() else { return part }
    switch last {
    case "_packed_params", "_packed_weight":
      if components.last == "_packed_params" { components.removeLast() }
      components.append(part)
    case "_packed_weight_ih", "_packed_weight_hh":
      components.append(part + last.dropFirst("_packed_weight".count))
    default: components += [last, part]
    }
    return components.joined(separator: ".")
  }

  /// The key of a tensor that stands in a quantized module by itself: `head._packed_params.weight`.
  static func key(_ key: String) -> String {
    var components = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let last = components.popLast(), components.last == "_packed_params" else { return key }
    components.removeLast()
    components.append(last == "_packed_weight" ? "weight" : last)
    return components.joined(separator: ".")
  }

  /// The module and the number of a cell: `rnn._all_weight_values.3.param` is the fourth of `rnn`.
  static func cell(_ key: String) -> (module: String, index: Int)? {
    let components = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard components.count >= 3, components.last == "param",
      components[components.count - 3] == "_all_weight_values",
      let index = Int(components[components.count - 2]), index >= 0
    else { return nil }
    return (components.dropLast(3).joined(separator: "."), index)
  }

  /// The prefix of the module whose matrix is packed at `key`, which keeps a scale and a zero point for
  /// its outputs beside; nil for other keys.
  static func rounded(_ key: String) -> String? {
    let ending = "_packed_params._packed_params"
    guard key == ending || key.hasSuffix("." + ending) else { return nil }
    return String(key.dropLast(ending.count))
  }
}
