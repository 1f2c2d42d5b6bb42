import RecurFormats
import RecurStateDicts
import RecurTensors

/// The tensors of a Flax file by collection: parameters, moments of normalizations, and the rest.
struct FlaxPaths {
  typealias Entry = (path: [String], tensor: Tensor)

  /// The parameters, without the name of their collection.
  let parameters: NameTree
  /// The running moments of normalizations.
  let moments: NameTree
  /// A note for each collection that holds no parameters.
  let notes: [Diagnostic]

  init(_ stateDict: StateDict) {
    let entries = Self.withoutValueNames(Self.entries(stateDict.tensors))
    // Variables are collections by name (flax/core/scope.py); a train state has them beside its optimizer.
    let hasCollections = entries.contains { $0.path.count > 1 && $0.path[0] == "params" }
    var (parameters, moments) = ([Entry](), [Entry]())
    var others: [(name: String, count: Int, tensor: Tensor)] = []
    for (path, tensor) in entries {
      let collection = hasCollections ? path[0] : "params"
      let rest = hasCollections ? Array(path.dropFirst()) : path
      if rest.dropLast().contains("rngs") || rest.isEmpty {
        Self.count("rngs", tensor, &others)
      } else if collection == "params" {
        let isDouble = hasCollections && rest.count > 1 && rest[0] == "params"
        parameters.append((isDouble ? Array(rest.dropFirst()) : rest, tensor))
      } else if collection == "batch_stats" {
        moments.append((rest, tensor))
      } else {
        Self.count(collection, tensor, &others)
      }
    }
    self.parameters = NameTree(parameters)
    self.moments = NameTree(moments)
    notes = others.map { name, count, tensor in
      Diagnostic(
        .tensorUnused, .note,
        "\(count) \(count == 1 ? "tensor" : "tensors") of '\(name)' \(count == 1 ? "is" : "are") no "
          + "parameters, and not read", at: tensor.location)
    }
  }

  private static func count(
    _ name: String, _ tensor: Tensor, _ others: inout [(name: String, count: Int, tensor: Tensor)]
  ) {
    if let index = others.firstIndex(where: { $0.name == name }) {
      others[index].count += 1
    } else {
      others.append((name, 1, tensor))
    }
  }

  /// Names are joined by slashes (flax.traverse_util.flatten_dict) or by dots; both are in use.
  private static func entries(_ tensors: TensorTable) -> [Entry] {
    let separator: Character = tensors.names.contains { $0.contains("/") } ? "/" : "."
    return tensors.entries.map { name, tensor in
      (name.split(separator: separator, omittingEmptySubsequences: false).map(String.init), tensor)
    }
  }

  /// Variables of nnx may be stored as objects that hold their value.
  private static func withoutValueNames(_ entries: [Entry]) -> [Entry] {
    for name in ["value", "raw_value"]
    where !entries.isEmpty && entries.allSatisfy({ $0.path.count > 1 && $0.path.last == name }) {
      return entries.map { ($0.path.dropLast(), $0.tensor) }
    }
    return entries
  }
}
