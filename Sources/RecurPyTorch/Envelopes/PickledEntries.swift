import RecurContainers
import RecurStateDicts
package import RecurTensors

/// Takes what a pickle holds into a state dict, value by value.
///
/// Whatever holds numbers becomes a tensor under its key or is named in a finding; nothing is passed over.
struct PickledEntries {
  private(set) var pickle: TorchPickle
  var stateDict = StateDict()
  private let limits: DecodeLimits
  /// Whether tensors of kinds that are not read become warnings.
  private let isTolerant: Bool
  /// Whether someone else takes the tensors in objects of unknown classes.
  private let leavesObjects: Bool
  /// The tensors, arrays, storages and packed weights that were come upon.
  private(set) var taken: Set<PickleGraph.Reference> = []
  private var work = 0
  /// The values that the one at hand is in.
  private var open: Set<PickleGraph.Reference> = []
  /// Plain numbers, with their values in words.
  private var numbers: [String] = []
  private var dequantized: [String] = []
  private var cells = PackedCells()
  /// Prefixes of modules whose matrices are packed.
  private var rounded: Set<Name> = []

  init(
    _ pickle: TorchPickle, _ limits: DecodeLimits, isTolerant: Bool, leavesObjects: Bool = false
  ) {
    self.pickle = pickle
    self.limits = limits
    self.leavesObjects = leavesObjects
    self.isTolerant = isTolerant
  }

  // MARK: tensors

  /// Adds the tensor at `reference`.
  ///
  /// - Throws: what reading it throws; with `isTolerant` kinds that are not read become warnings.
  mutating func tensor(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    try room(reference)
    taken.insert(pickle.unwrapped(reference))
    let name = PackedKeys.key(key)
    do throws(CheckpointError) {
      let tensor = try pickle.tensor(reference, name)
      try stateDict.tensors.append(name, tensor)
      if let how = pickle.quantization(reference) {
        dequantized.append("'\(name)' \(shapeText(tensor.shape)): \(how)")
      }
    } catch {
      try note(error.located(object: name))
    }
  }

  /// A tensor of a kind that is not read stops a conversion; an inspection lists it.
  private mutating func note(_ error: CheckpointError) throws(CheckpointError) {
    guard isTolerant, let warning = error.asUnreadTensor else { throw error }
    stateDict.diagnostics.append(warning)
  }

  private func room(_ reference: PickleGraph.Reference) throws(CheckpointError) {
    let count = stateDict.tensors.names.count + stateDict.tensors.unreadable.count
    guard count < limits.objects else {
      throw CheckpointError(
        .limitExceeded, "more than \(limits.objects) tensors", at: pickle.place(reference))
    }
  }

  // MARK: any value

  /// Adds the entries of a dictionary, or the elements of a list, of which a state dict consists.
  mutating func entries(
    _ parts: [PackedParameters.Part], of reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    open.insert(reference)
    defer { open.remove(reference) }
    for part in parts {
      if let prefix = PackedKeys.rounded(part.name), isPackedPair(part.reference) {
        rounded.insert(Name(prefix))
      }
    }
    let modules = Set(
      parts.filter { pickle.isTensor($0.reference) }.map { Name(Self.module(of: $0.name)) })
    for part in parts { try value(part.name, part.reference, modules, depth: 0) }
  }

  /// Adds what a single value holds, under names that begin with `key`.
  ///
  /// - Throws: what reading tensors and arrays throws, `bytes.limit-exceeded`.
  mutating func entry(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    try value(key, reference, [], depth: 0)
  }

  private static func module(of key: String) -> String {
    key.lastIndex(of: ".").map { String(key[..<$0]) } ?? ""
  }

  private func isPackedPair(_ reference: PickleGraph.Reference) -> Bool {
    if case .packed(.linear) = pickle.kind(reference) { return true }
    return PackedParameters.linear(reference, pickle) != nil
  }

  /// Adds one value, and what it holds under names that begin with its key; `modules` are the prefixes of
  /// the tensors beside it.
  ///
  /// - Throws: what reading tensors and arrays throws, `bytes.limit-exceeded`.
  private mutating func value(
    _ key: String, _ reference: PickleGraph.Reference, _ modules: Set<Name>, depth: Int
  ) throws(CheckpointError) {
    let reference = pickle.unwrapped(reference)
    work += 1
    guard work <= limits.pickleValues, depth <= limits.nesting,
      key.utf8.count <= 4 * limits.nameBytes
    else {
      throw CheckpointError(
        .limitExceeded, "the checkpoint's values are nested or shared beyond all measure",
        at: pickle.place(reference))
    }
    let kind = pickle.kind(reference)
    switch kind {
    case .tensor, .array, .storage, .packed(.linear), .packed(.cell): taken.insert(reference)
    case .packed(.other), .dictionary, .list, .number, .integer, .bytes, .object, .plain: break
    }
    switch kind {
    case .tensor:
      if try !isRounding(key, reference) { try tensor(key, reference) }
    case .array: try array(key, reference, modules, depth)
    case .packed(let content): try packed(key, content, reference)
    case .storage: try storage(key, reference)
    case .number:
      skip(key, reference, "the number \(PlainValue.text(reference, pickle))")
      fact(key, reference)
    case .integer:
      numbers.append("'\(key)' = \(PlainValue.text(reference, pickle))")
      fact(key, reference)
    case .bytes:
      numbers.append("'\(key)': \(pickle.graph.bytes(reference)?.count ?? 0) bytes")
      fact(key, reference)
    case .dictionary, .list: try collection(key, kind, reference, modules, depth)
    case .object(let name): object(key, name, reference)
    case .plain: fact(key, reference)
    }
  }

  private mutating func fact(_ key: String, _ reference: PickleGraph.Reference) {
    stateDict.facts.append((key, PlainValue.text(reference, pickle)))
  }

  private mutating func skip(_ key: String, _ reference: PickleGraph.Reference, _ what: String) {
    stateDict.diagnostics.append(
      Diagnostic(
        .pytorchEntrySkipped, .warning, "'\(key)' is \(what) and no tensor: it is left out",
        at: located(key, reference)))
  }

  private func located(
    _ key: String, _ reference: PickleGraph.Reference
  ) -> Diagnostic.Location {
    var place = pickle.place(reference)
    place.object = key
    return place
  }

  private mutating func collection(
    _ key: String, _ kind: TorchPickle.Kind, _ reference: PickleGraph.Reference,
    _ modules: Set<Name>, _ depth: Int
  ) throws(CheckpointError) {
    // A value inside itself was begun further up.
    guard !open.contains(reference) else { return }
    if PackedKeys.rounded(key) != nil, let parts = PackedParameters.linear(reference, pickle) {
      for part in parts { try tensor(PackedKeys.key(key, part.name), part.reference) }
      return
    }
    if pickle.isOptimizer(reference) {
      stateDict.facts.append((key, CheckpointFacts.state(of: reference, pickle)))
      stateDict.diagnostics.append(
        .optimizerLeftOut([(key, CheckpointFacts.state(of: reference, pickle))]))
      return
    }
    let found = NumberScan(reference, named: key, pickle)
    // What a module saves of itself besides its parameters (torch.nn.Module.get_extra_state).
    if !leavesObjects, key == "_extra_state" || key.hasSuffix("._extra_state"),
      !found.tensors.isEmpty
    {
      numbers.append(
        "'\(key)': \(counted(found.tensors.count, "tensor")) ("
          + found.tensors.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
          + (found.tensors.count > 8 ? ", …)" : ")"))
      return fact(key, reference)
    }
    guard found.tensors.isEmpty else {
      open.insert(reference)
      defer { open.remove(reference) }
      for part in pickle.parts(kind, reference) {
        try value(
          StateDictKeys.joined(key, part.name), part.reference, modules, depth: depth + 1)
      }
      return
    }
    if isParameter(key, modules), let tensor = try pickle.numbers(reference, key) {
      try room(reference)
      try stateDict.tensors.append(key, tensor)
      return
    }
    fact(key, reference)
    let text = PlainValue.text(reference, pickle)
    guard found.numberCount > 0 else { return }
    if case .list = kind, try pickle.numbers(reference, key) != nil {
      skip(key, reference, "a list of \(counted(found.numberCount, "number")), \(text),")
    } else {
      numbers.append("'\(key)': \(text), with \(counted(found.numberCount, "number"))")
    }
  }

  /// Whether a list under this key is a weight: beside tensors of its module, or named like one.
  private func isParameter(_ key: String, _ modules: Set<Name>) -> Bool {
    let module = Self.module(of: key)
    let last = module.isEmpty ? key : String(key.dropFirst(module.count + 1))
    return !module.isEmpty && modules.contains(Name(module)) || last.hasPrefix("weight")
      || last.hasPrefix("bias") || last.hasPrefix("running_")
  }

  private mutating func array(
    _ key: String, _ reference: PickleGraph.Reference, _ modules: Set<Name>, _ depth: Int
  ) throws(CheckpointError) {
    guard !open.contains(reference) else { return }
    switch try pickle.array(reference, key) {
    case .numbers(let tensor):
      try room(reference)
      try stateDict.tensors.append(key, tensor)
    case .unreadable(let tensor):
      try room(reference)
      try stateDict.tensors.append(tensor)
    case .objects(let objects):
      open.insert(reference)
      defer { open.remove(reference) }
      for (index, object) in objects.enumerated() {
        try value("\(key).\(index)", object, modules, depth: depth + 1)
      }
    }
  }

  private mutating func storage(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    try room(reference)
    do throws(CheckpointError) {
      let (bytes, type) = try pickle.storage(reference)
      try stateDict.tensors.append(
        key, Tensor(bytes, type, shape: [bytes.count / type.byteCount], at: .init(object: key)))
    } catch {
      try note(error.located(object: key))
    }
  }

  /// An object of an unknown class among the tensors may have been a tensor of a kind of its own.
  private mutating func object(
    _ key: String, _ name: String, _ reference: PickleGraph.Reference
  ) {
    let found = NumberScan(reference, named: key, pickle, most: 50)
    if leavesObjects, !found.tensors.isEmpty { return fact(key, reference) }
    let names = found.tensors.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    let more = found.tensors.count > 8 ? ", …" : ""
    stateDict.diagnostics.append(
      Diagnostic(
        .pytorchEntrySkipped, .warning,
        "'\(key)' is an object of '\(name)', which is kept as a name and is no tensor",
        at: located(key, reference),
        notes: found.tensors.isEmpty ? [] : ["it holds \(names)\(more), which are left out"]))
    fact(key, reference)
  }

  // MARK: packed weights

  /// Adds what a packed object holds, under the keys that its module had before it was quantized.
  mutating func packed(
    _ key: String, _ content: PackedParameters.Content, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) {
    switch content {
    case .linear(let parts):
      for part in parts { try tensor(PackedKeys.key(key, part.name), part.reference) }
    case .cell(let parts):
      cells.append(key, parts)
    case .other(let className, _):
      let found = NumberScan(reference, named: key, pickle, most: 50)
      try note(
        pickle.unsupported(
          "'\(key)' holds packed weights ('\(className)')"
            + (found.tensors.isEmpty ? "" : ", \(counted(found.tensors.count, "tensor"))"),
          reference, hint: "save the model before it is quantized"
        ).located(object: key))
    }
  }

  /// Whether this is the scale or the zero point of the outputs of a module whose matrix is packed: no
  /// weight, and said where outputs are rounded with them.
  private mutating func isRounding(
    _ key: String, _ reference: PickleGraph.Reference
  ) throws(CheckpointError) -> Bool {
    guard !rounded.isEmpty else { return false }
    let module = Self.module(of: key)
    let prefix = module.isEmpty ? "" : module + "."
    let name = String(key.dropFirst(prefix.count))
    guard name == "scale" || name == "zero_point", rounded.contains(Name(prefix)) else {
      return false
    }
    let tensor = try pickle.tensor(reference, key)
    guard tensor.count == 1, let value = tensor.doubles().first else { return false }
    stateDict.facts.append((key, "\(value)"))
    if value != (name == "scale" ? 1 : 0) {
      stateDict.diagnostics.append(
        Diagnostic(
          .pytorchOutputsRounded, .warning,
          "'\(key)' is \(value): the original rounds what '\(module)' puts out to 8 bits, which is not "
            + "computed", at: located(key, reference)))
    }
    return true
  }

  // MARK: the end

  /// The state dict, with what is said once for all entries.
  mutating func finished() throws(CheckpointError) -> StateDict {
    for (key, reference) in try cells.named(stateDict.modules, &pickle, &stateDict.diagnostics) {
      try tensor(key, reference)
    }
    if !dequantized.isEmpty {
      stateDict.diagnostics.append(
        Diagnostic(
          .pytorchTensorDequantized, .note,
          "\(counted(dequantized.count, "tensor")) of integers with a scale and a zero point "
            + "\(dequantized.count == 1 ? "was" : "were") dequantized; the original also rounds what its "
            + "layers take in, so what was recorded from it differs by that", notes: dequantized))
    }
    if !numbers.isEmpty {
      stateDict.diagnostics.append(
        Diagnostic(
          .pytorchEntryPlain, .note,
          "\(counted(numbers.count, "entry", "entries")) beside the tensors "
            + "\(numbers.count == 1 ? "is" : "are") plain data and no "
            + "\(numbers.count == 1 ? "weight" : "weights")",
          notes: numbers))
    }
    return stateDict
  }
}

extension Diagnostic.Code {
  package static let pytorchEntrySkipped = Self(rawValue: "pytorch.entry.skipped")
  package static let pytorchEntryPlain = Self(rawValue: "pytorch.entry.plain")
  package static let pytorchTensorDequantized = Self(rawValue: "pytorch.tensor.dequantized")
  package static let pytorchOutputsRounded = Self(rawValue: "pytorch.outputs.rounded")
}
