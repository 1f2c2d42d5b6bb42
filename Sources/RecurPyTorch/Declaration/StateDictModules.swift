import RecurContainers
import RecurModel
import RecurStateDicts
import RecurTensors

/// The modules of torch.nn, recognised by the keys and shapes of a state dict.
///
/// Keys with the same beginning belong to one module. The rest of the keys and the shapes tell its
/// class.
struct StateDictModules {
  /// One module, or a group of tensors that is no known module.
  struct Module {
    /// The prefix of its keys without the last dot.
    var key: String
    /// The rest of every key, in file order.
    var parameters: [String]
    /// The declaration of the module; nil for an unknown class.
    var layer: PyTorchDeclaration.DeclaredModule?
    /// Assumptions that names or shapes suggest but don't prove.
    var doubts: [String] = []
  }

  /// The tensors of one module, whose class is looked for.
  struct Candidate {
    /// The prefix of their keys, without the last dot.
    let key: String
    /// The rest of every key.
    let names: Set<String>
    fileprivate let tensors: TensorTable
    /// Whether a single matrix is the table of an Embedding.
    ///
    /// Only its name tells it from a Linear without a bias.
    var isTable: Bool
    /// Assumptions that names or shapes suggest but don't prove.
    var doubts: [String] = []

    fileprivate init(_ module: Module, _ tensors: TensorTable) {
      key = module.key
      names = Set(module.parameters)
      self.tensors = tensors
      let last = key.split(separator: ".").last.map { $0.lowercased() } ?? ""
      isTable =
        names.count == 1 && ["emb", "wte", "tok", "lookup"].contains { last.contains($0) }
    }

    /// Whether there is a tensor of this name.
    func has(_ parameter: String) -> Bool { names.contains(parameter) }

    /// The tensor of this name, or nil.
    func tensor(_ parameter: String) -> Tensor? {
      has(parameter) ? tensors[StateDictKeys.joined(key, parameter)] : nil
    }

    /// The weight of a module that has a weight and possibly a bias with one element per row; nil
    /// for a module with other tensors, or another rank.
    func weight(_ name: String, bias: String?, rank: Int) -> Tensor? {
      guard let weight = tensor(name), names.isSubset(of: [name] + (bias.map { [$0] } ?? [])),
        weight.elementType.isFloatingPoint, weight.rank == rank,
        bias.flatMap(tensor).map({ $0.shape == [weight.shape[0]] }) ?? true
      else { return nil }
      return weight
    }

    /// The option for a tensor that does not exist.
    func switchedOff(_ option: String, unless parameter: String) -> PyTorchClass.Options {
      has(parameter) ? [] : [(option, .bool(false))]
    }
  }

  /// The modules in the order of their first tensors.
  private(set) var modules: [Module] = []

  init(_ stateDict: StateDict) {
    var positions: [Name: Int] = [:]
    for name in stateDict.tensors.names {
      let end = name.lastIndex(of: ".")
      let key = end.map { String(name[..<$0]) } ?? ""
      let parameter = end.map { String(name[name.index(after: $0)...]) } ?? name
      if let position = positions[Name(key)] {
        modules[position].parameters.append(parameter)
      } else {
        positions[Name(key)] = modules.count
        modules.append(Module(key: key, parameters: [parameter]))
      }
    }
    let records = Dictionary(
      stateDict.modules.map { (Name($0.key), $0) }, uniquingKeysWith: { one, _ in one })
    for index in modules.indices {
      recognize(&modules[index], stateDict.tensors, records[Name(modules[index].key)])
      modules[index].layer?.take(stateDict.told)
    }
  }

  private func recognize(
    _ module: inout Module, _ tensors: TensorTable, _ record: PyTorchModuleRecord?
  ) {
    var candidate = Candidate(module, tensors)
    for known in PyTorchClass.all {
      guard let found = known.recognize(&candidate) else { continue }
      var options = JSONObject()
      for (name, value) in found { _ = options.append(name, value) }
      var layer = PyTorchDeclaration.DeclaredModule(
        type: known.name, key: module.key, options: options,
        location: module.parameters.first.flatMap { candidate.tensor($0)?.location } ?? .init())
      let isKnown = record?.complete(&layer, &candidate) ?? true
      module.doubts = candidate.doubts
      if isKnown { module.layer = layer }
      return
    }
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// Takes the options that the names of the tensors tell and that nothing says yet.
  mutating func take(_ told: [Name: [(name: String, value: JSONValue)]]) {
    guard let key, let own = told[Name(key)] else { return }
    let words = torchClass?.words ?? [:]
    for (name, value) in own where options[name] == nil && words[name] != nil {
      _ = options.append(name, value)
    }
  }
}
