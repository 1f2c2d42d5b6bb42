import RecurContainers
import RecurStateDicts
package import RecurTensors

/// The content of a checkpoint besides the model, in words, for `recur inspect`.
enum CheckpointFacts {
  private typealias Fact = (name: String, value: String)

  /// A dictionary with more entries is only counted, not listed.
  private static let longest = 24

  /// The entries beside the chosen state dict, the optimizers, and the objects by class.
  static func facts(
    _ pickle: TorchPickle, _ walk: CheckpointWalk, chosen: CheckpointWalk.Candidate,
    modules: [PyTorchModuleRecord]
  ) -> [(name: String, value: String)] {
    var facts: [Fact] = []
    if !chosen.path.isEmpty { facts.append(("state dict", "'\(chosen.path)'")) }
    let optimizers = Set(walk.optimizers.map(\.reference))
    let root = pickle.unwrapped(pickle.graph.root)
    if chosen.reference != root, let items = pickle.graph.items(root) {
      for item in items.prefix(200) {
        let value = pickle.unwrapped(item.value)
        guard value != chosen.reference, !optimizers.contains(value),
          !isListOfOptimizers(value, optimizers, pickle.graph)
        else { continue }
        let name = pickle.graph.string(item.key) ?? PlainValue.text(item.key, pickle)
        facts += described(name, value, pickle)
      }
    }
    facts += walk.optimizers.prefix(longest).map { optimizer in
      let text = state(of: optimizer.reference, pickle)
      return (name(ofOptimizer: optimizer.path), text)
    }
    return facts + objects(pickle, except: Set(modules.map { Name($0.className) }))
  }

  private static func isListOfOptimizers(
    _ reference: PickleGraph.Reference, _ optimizers: Set<PickleGraph.Reference>,
    _ graph: PickleGraph
  ) -> Bool {
    guard let elements = graph.elements(reference), let first = elements.first else { return false }
    return optimizers.contains(first)
  }

  /// One value; the plain entries of a dictionary or an object are listed one by one.
  private static func described(
    _ name: String, _ reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> [Fact] {
    var entries = pickle.graph.items(reference)?.map { item in
      (name: pickle.graph.string(item.key) ?? PlainValue.text(item.key, pickle), value: item.value)
    }
    if entries == nil {
      let attributes = pickle.graph.attributes(reference)
      entries = attributes.isEmpty ? nil : attributes
    }
    guard let entries, !entries.isEmpty, !pickle.isTensor(reference),
      !entries.contains(where: { pickle.isTensor($0.value) })
    else { return [(name, PlainValue.text(reference, pickle))] }
    var facts = entries.prefix(longest).map { entry in
      ("\(name).\(entry.name)", PlainValue.text(entry.value, pickle))
    }
    if entries.count > longest {
      facts.append((name, "and \(counted(entries.count - longest, "more entry", "more entries"))"))
    }
    return facts
  }

  /// What the state of an optimizer at `path` is called.
  static func name(ofOptimizer path: String) -> String {
    path.isEmpty ? "optimizer" : "optimizer '\(path)'"
  }

  /// A checkpoint that holds states of optimizers and nothing else with numbers.
  static func onlyOptimizers(
    _ states: [(path: String, state: String)], at place: Diagnostic.Location
  ) -> CheckpointError {
    CheckpointError(
      .pytorchOptimizerOnly,
      "the checkpoint holds the state of an optimizer, and no weights of a model", at: place,
      found: states.map { "\(name(ofOptimizer: $0.path)): \($0.state)" }.joined(separator: "; "),
      hint: "give the file with the model's weights; training writes it beside this one")
  }

  /// `Adam-like, 12 entries, not converted`.
  static func state(
    of reference: PickleGraph.Reference, _ pickle: TorchPickle
  ) -> String {
    let graph = pickle.graph
    let entries = graph.items(reference)?.map { (graph.string($0.key) ?? "", $0.value) }
    let parts = entries ?? graph.attributes(reference).map { ($0.name, $0.value) }
    let states =
      parts.first { $0.0 == "state" }.flatMap { graph.items($0.1) } ?? []
    let names = Set(
      (states.first.flatMap { graph.items($0.value) } ?? []).compactMap { graph.string($0.key) })
    let kind =
      if names.contains("exp_avg"), names.contains("exp_avg_sq") {
        "Adam-like"
      } else if names.contains("momentum_buffer") {
        "SGD-like"
      } else if names.contains("square_avg") {
        "RMSprop-like"
      } else if names.contains("sum") {
        "Adagrad-like"
      } else {
        states.isEmpty ? "without history" : "of an unknown kind"
      }
    return "\(kind), \(counted(states.count, "entry", "entries")), not converted"
  }

  /// The classes of objects that are not read, with counts, in the order of the file.
  private static func objects(_ pickle: TorchPickle, except classes: Set<Name>) -> [Fact] {
    var counts: [Name: Int] = [:]
    var order: [Name] = []
    for reference in pickle.graph.nodes.indices {
      guard case .call = pickle.graph[reference], let name = pickle.typeName(reference),
        !TorchCallables.isPlain(name), !name.hasPrefix("torch.nn.modules."),
        !(pickle.isScript && name.hasPrefix("__torch__")), !classes.contains(Name(name))
      else { continue }
      if counts.updateValue((counts[Name(name)] ?? 0) + 1, forKey: Name(name)) == nil {
        order.append(Name(name))
      }
    }
    var facts = order.prefix(longest).map { name in
      ("object '\(name)'", "\(counts[name] ?? 0) of it, kept as a name, not read")
    }
    if order.count > longest {
      facts.append(("objects", "of \(order.count - longest) more classes"))
    }
    return facts
  }
}

extension Diagnostic {
  /// States of optimizers, which are named and left out.
  static func optimizerLeftOut(_ states: [(path: String, state: String)]) -> Diagnostic {
    Diagnostic(
      .pytorchOptimizerOnly, .warning,
      "the state of an optimizer is no part of a model and is left out: "
        + states.map { "\(CheckpointFacts.name(ofOptimizer: $0.path)): \($0.state)" }
        .joined(separator: ", "))
  }
}

extension Diagnostic.Code {
  package static let pytorchOptimizerOnly = Self(rawValue: "pytorch.optimizer-state")
}
