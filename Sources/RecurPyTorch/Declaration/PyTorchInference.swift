import RecurContainers
import RecurModel
import RecurStateDicts
import RecurTensors

/// The most likely architecture of a state dict, and the assumptions behind it.
struct PyTorchInference {
  /// Every recognised module in file order, as a declaration to begin with.
  let declaration: PyTorchDeclaration
  /// Whether each module fits the one before it, so that the declaration can be used.
  let isChain: Bool
  /// The assumptions that tensors can't confirm, in words.
  let assumptions: [String]
  /// The keys of tensors that belong to no recognised module.
  let others: [String]

  init(_ stateDict: StateDict) {
    let modules = StateDictModules(stateDict).modules
    var layers: [PyTorchDeclaration.DeclaredModule] = []
    var assumptions = modules.flatMap(\.doubts)
    let isScript = stateDict.modules.contains(where: \.isScript)
    let saysAll = !stateDict.modules.isEmpty && !isScript
    for var layer in Self.ordered(modules, stateDict.modules) {
      if layer.recurrentKind != nil, !layer.isCell, layer.options["batch_first"] == nil {
        _ = layer.options.append("batch_first", true)
        assumptions.append("'\(layer.title)' has batch_first=True")
      }
      if let usual = layer.recurrentKind?.nonlinearities.first?.word,
        layer.options["nonlinearity"] == nil
      {
        _ = layer.options.append("nonlinearity", .string(usual))
        assumptions.append("'\(layer.title)' has nonlinearity=\"\(usual)\"")
      }
      layers.append(layer)
    }
    let bare = layers.filter { $0.torchClass?.mayBeActivated == true }
    if !stateDict.modules.isEmpty, layers.count > 1 {
      assumptions.append("modules are called in the order they were registered")
    } else if layers.count > 1, !bare.isEmpty {
      assumptions.append(
        "nothing is applied after "
          + bare.map { "'\($0.title)'" }.joined(separator: ", ") + ", no activation or dropout")
    }
    if isScript, layers.contains(where: { $0.recurrentKind == nil }) {
      assumptions.append(
        "what TorchScript keeps in its code only is as torch has it by default: slopes, strides, eps"
      )
    } else if !saysAll, layers.contains(where: { $0.torchClass?.words["eps"] != nil }) {
      assumptions.append("normalizations have eps=1e-05")
    }
    // Some containers sort their keys. The widths of modules then tell the order, if only one order
    // fits.
    if !Self.follow(layers), stateDict.modules.isEmpty, let order = Self.onlyOrder(of: layers) {
      layers = order
      assumptions.append(
        "modules follow each other as their widths fit: "
          + order.map { "'\($0.title)'" }.joined(separator: ", "))
    }
    for index in layers.indices.dropLast()
    where layers[index].recurrentKind != nil && !layers[index].isCell {
      _ = layers[index].options.append("select", "output")
      assumptions.append("'\(layers[index].title)' hands on every timestep (select \"output\")")
    }
    declaration = PyTorchDeclaration(layers: layers)
    self.assumptions = assumptions
    others = modules.filter { $0.layer == nil }.flatMap { module in
      module.parameters.map { StateDictKeys.joined(module.key, $0) }
    }
    isChain = others.isEmpty && !layers.isEmpty && Self.follow(layers)
  }

  /// The modules in the order of their registration if the file has it, including modules without
  /// tensors; else in the order of their tensors.
  private static func ordered(
    _ modules: [StateDictModules.Module], _ records: [PyTorchModuleRecord]
  ) -> [PyTorchDeclaration.DeclaredModule] {
    let byKey = Dictionary(
      modules.map { (Name($0.key), $0) }, uniquingKeysWith: { one, _ in one })
    var layers: [PyTorchDeclaration.DeclaredModule] = []
    var placed: Set<Name> = []
    for record in records {
      if let module = byKey[Name(record.key)] {
        placed.insert(Name(module.key))
        if let layer = module.layer { layers.append(layer) }
      } else if let layer = record.declaration {
        layers.append(layer)
      }
    }
    return layers + modules.filter { !placed.contains(Name($0.key)) }.compactMap(\.layer)
  }

  /// The only order in which the input width of each module is the output width of the one before
  /// it; nil when no order fits, or several do.
  private static func onlyOrder(
    of layers: [PyTorchDeclaration.DeclaredModule]
  ) -> [PyTorchDeclaration.DeclaredModule]? {
    guard (2...8).contains(layers.count) else { return nil }
    var found: [[PyTorchDeclaration.DeclaredModule]] = []
    func extend(
      _ chain: [PyTorchDeclaration.DeclaredModule], _ rest: [PyTorchDeclaration.DeclaredModule]
    ) {
      guard found.count < 2 else { return }
      if rest.isEmpty { found.append(chain) }
      for index in rest.indices {
        let next = chain + [rest[index]]
        guard follow(next) else { continue }
        var others = rest
        others.remove(at: index)
        extend(next, others)
      }
    }
    extend([], layers)
    return found.count == 1 ? found[0] : nil
  }

  /// Whether the input width of each module is the output width of the one before it.
  private static func follow(_ layers: [PyTorchDeclaration.DeclaredModule]) -> Bool {
    var width: Int?
    var isSequence = false
    for (index, layer) in layers.enumerated() {
      // A module without tensors keeps the width. Whether a Flatten or a GLU fits is checked when
      // the model is built.
      let outline = layer.outline
      if layer.key == nil, outline.effect != .joinsAxes { continue }
      guard let gives = outline.gives else { return false }
      // An embedding takes tokens, and only an input of the model can be tokens.
      if outline.effect == .addsAxis, index > 0 { return false }
      if let width, width != outline.takes { return false }
      // A cell takes a single timestep, and nothing tells which timestep of a sequence that would
      // be.
      if layer.isCell, isSequence { return false }
      isSequence = isSequence || layer.recurrentKind != nil && !layer.isCell
      width = gives
    }
    return true
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// The key, or the class for a module that was saved by itself.
  var title: String { key.flatMap { $0.isEmpty ? nil : $0 } ?? typeName }
}
