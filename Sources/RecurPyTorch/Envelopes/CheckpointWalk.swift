import RecurContainers
import RecurTensors

/// Finds all candidates for a state dict in a checkpoint: dictionaries with tensors, and modules.
///
/// Every value is visited once, in file order, so circles end and shared values cost nothing.
struct CheckpointWalk {
  struct Candidate {
    enum Kind { case dictionary, module }

    /// The path of keys that leads to it, joined by dots; empty for the root.
    let path: String
    let kind: Kind
    let reference: PickleGraph.Reference
    /// The number of tensors directly in the dictionary; 0 for a module.
    let count: Int
  }

  private(set) var candidates: [Candidate] = []
  private(set) var optimizers: [(path: String, reference: PickleGraph.Reference)] = []
  /// Whether there is no candidate, and still tensors or arrays: in lists, under keys that are no text.
  private(set) var hasLooseNumbers = false
  private let pickle: TorchPickle
  private let limits: DecodeLimits
  private var seen: Set<PickleGraph.Reference> = []
  private var pending: [Step] = []
  private var work = 0

  private struct Step {
    let reference: PickleGraph.Reference
    let path: String
    let depth: Int
  }

  /// - Throws: `bytes.limit-exceeded` for values that are nested or shared too much.
  init(_ pickle: TorchPickle, _ limits: DecodeLimits) throws(CheckpointError) {
    self.pickle = pickle
    self.limits = limits
    pending = [Step(reference: pickle.graph.root, path: "", depth: 0)]
    while let step = pending.popLast() { try visit(step) }
    let root = pickle.unwrapped(pickle.graph.root)
    guard candidates.isEmpty, PickledCheckpoint.isCollection(root, pickle) else { return }
    let optimizers = Set(optimizers.map { pickle.unwrapped($0.reference) })
    hasLooseNumbers =
      !NumberScan(root, named: "", pickle, except: optimizers, most: 1).tensors.isEmpty
  }

  /// Parts of a Lightning checkpoint that hold single tensors but no model.
  private static let lightningParts: Set<String> = [
    "callbacks", "loops", "lr_schedulers", "hyper_parameters",
    "MixedPrecision", "native_amp_scaling_state",
  ]

  private mutating func visit(_ step: Step) throws(CheckpointError) {
    let reference = pickle.unwrapped(step.reference)
    guard seen.insert(reference).inserted, !pickle.isTensor(reference),
      !PickledArray.isArray(reference, pickle.graph),
      PackedParameters.object(reference, pickle) == nil
    else { return }
    let graph = pickle.graph
    if let items = graph.items(reference) {
      try spend(items.count, reference)
      try visit(items, step, reference)
    } else if let elements = graph.elements(reference) {
      try spend(elements.count, reference)
      try push(elements.enumerated().map { ("\($0.offset)", $0.element) }, below: step)
    } else if graph.call(reference) != nil {
      try visitObject(reference, step)
    }
  }

  private mutating func visit(
    _ items: [PickleGraph.Item], _ step: Step, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    var count = 0
    var names: Set<Name> = []
    var isNamed = true
    var children: [(String, PickleGraph.Reference)] = []
    for item in items {
      guard let name = pickle.graph.string(item.key) else {
        isNamed = false
        children.append((pickle.graph.integer(item.key).map(String.init) ?? "?", item.value))
        continue
      }
      names.insert(Name(name))
      if pickle.isTensor(item.value) || PackedParameters.object(item.value, pickle) != nil {
        count += 1
      } else if !name.contains("_extra_state") {
        children.append((name, item.value))
      }
    }
    if names.contains(Name("state")), names.contains(Name("param_groups")) {
      optimizers.append((step.path, reference))
      return
    }
    if isNamed, count > 0 {
      try add(Candidate(path: step.path, kind: .dictionary, reference: reference, count: count))
    }
    if names.contains(Name("pytorch-lightning_version")) {
      children.removeAll { Self.lightningParts.contains($0.0) }
    }
    try push(children, below: step)
  }

  private mutating func visitObject(
    _ reference: PickleGraph.Reference, _ step: Step
  ) throws(CheckpointError) {
    guard let call = pickle.graph.call(reference) else { return }
    let attributes = pickle.graph.attributes(reference)
    try spend(attributes.count + call.elements.count, reference)
    if PickledModule.isModule(reference, attributes, pickle) {
      try add(Candidate(path: step.path, kind: .module, reference: reference, count: 0))
      return
    }
    let names = Set(attributes.map { Name($0.name) })
    if names.contains(Name("state")), names.contains(Name("param_groups")) {
      optimizers.append((step.path, reference))
      return
    }
    let elements = call.elements.enumerated().map { ("\($0.offset)", $0.element) }
    try push(attributes.map { ($0.name, $0.value) } + elements, below: step)
  }

  private mutating func add(_ candidate: Candidate) throws(CheckpointError) {
    guard candidates.count < 1_000 else {
      throw CheckpointError(
        .limitExceeded, "the checkpoint holds more than 1000 dictionaries of tensors",
        at: pickle.place(candidate.reference))
    }
    candidates.append(candidate)
  }

  private mutating func push(
    _ children: [(String, PickleGraph.Reference)], below step: Step
  ) throws(CheckpointError) {
    for (name, reference) in children.reversed() {
      switch pickle.graph[reference] {
      case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .global, .set, .persistent:
        continue
      case .tuple, .list, .dictionary, .call: break
      }
      guard !seen.contains(reference) else { continue }
      guard step.depth < limits.nesting,
        step.path.utf8.count + name.utf8.count < 4 * limits.nameBytes
      else {
        throw CheckpointError(
          .limitExceeded, "the checkpoint's values are nested more than \(limits.nesting) deep",
          at: pickle.place(reference))
      }
      let path = StateDictKeys.joined(step.path, name)
      pending.append(Step(reference: reference, path: path, depth: step.depth + 1))
    }
  }

  /// A list shared by many dictionaries is visited once for each of them, so the work is limited.
  private mutating func spend(
    _ count: Int, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    work += count
    guard work <= 4 * limits.pickleValues else {
      throw CheckpointError(
        .limitExceeded, "the checkpoint's values share too many others",
        at: pickle.place(reference))
    }
  }
}
