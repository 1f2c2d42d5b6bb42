import RecurContainers
import RecurStateDicts
import RecurTensors

/// Keys that are tuples, whose elements make the names of tensors.
enum TupleKeys {
  /// A note that says which key became which name; nil where no tensor has a name of a tuple.
  static func note(_ pickle: TorchPickle, _ stateDict: StateDict) -> Diagnostic? {
    var keys: [String] = []
    var seen: Set<Name> = []
    let names = stateDict.tensors.names.map { ".\($0)." }
    for reference in pickle.graph.nodes.indices {
      for item in pickle.graph.items(reference) ?? [] where isTuple(item.key, pickle) {
        let name = pickle.name(ofKey: item.key)
        guard seen.count < 100, seen.insert(Name(name)).inserted else { continue }
        guard names.contains(where: { $0.contains(".\(name).") }) else { continue }
        keys.append("\(text(item.key, pickle)) is '\(name)'")
      }
    }
    guard !keys.isEmpty else { return nil }
    return Diagnostic(
      .pytorchKeyJoined, .note,
      "\(counted(keys.count, "key is a tuple", "keys are tuples")), which no name of a tensor can be: "
        + "the elements are joined by '_'",
      notes: Array(keys.prefix(20)) + (keys.count > 20 ? ["and \(keys.count - 20) more"] : []))
  }

  private static func isTuple(_ reference: PickleGraph.Reference, _ pickle: TorchPickle) -> Bool {
    if case .tuple = pickle.graph[reference] { return true }
    return false
  }

  /// The tuple as Python writes it.
  private static func text(_ reference: PickleGraph.Reference, _ pickle: TorchPickle) -> String {
    let elements = (pickle.graph.elements(reference) ?? []).prefix(8).map { element in
      pickle.graph.string(element).map { "'\($0)'" } ?? PlainValue.text(element, pickle)
    }
    return "(" + elements.joined(separator: ", ") + (elements.count == 1 ? ",)" : ")")
  }
}

extension Diagnostic.Code {
  static let pytorchKeyJoined = Self(rawValue: "pytorch.key.joined")
}
