import RecurContainers
import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

/// The most likely architecture of a state dict, and the assumptions behind it.
struct PyTorchInference {
  /// Every recognised module in file order, as a declaration to begin with.
  let declaration: PyTorchDeclaration
  /// Whether each module fits the one before it.
  private let follows: Bool
  /// The same, and every tensor belongs to one of them, so that the declaration can be used.
  let isChain: Bool
  /// What the tensors do not say and what changes the numbers, in words.
  let assumptions: [String]
  /// What the tensors do not say of the arrays that a caller gives, in words.
  let remarks: [String]
  /// The questions behind some of both.
  let open: [OpenReading]
  /// The places between modules where something without tensors is likely applied.
  let between: PyTorchBetween
  /// The modules with tensors in the order of calls, as far as it is known.
  let modules: [PyTorchDeclaration.DeclaredModule]
  /// The recurrent module of which some timestep is read by the modules behind it, if there is one.
  let head: PyTorchHead?
  /// Keys of tensors that belong to no known module.
  let others: [String]

  /// Infers the architecture of `stateDict`, with `readings` as the answers to what is open.
  init(_ stateDict: StateDict, _ readings: Readings = Readings()) {
    let found = StateDictModules(stateDict).modules
    var layers: [PyTorchDeclaration.DeclaredModule] = []
    var assumptions = found.flatMap(\.doubts)
    var remarks: [String] = []
    var open: [OpenReading] = []
    let isScript = stateDict.modules.contains(where: \.isScript)
    let saysAll = !stateDict.modules.isEmpty && !isScript
    for var layer in Self.ordered(found, stateDict.modules) {
      if let reading = layer.answerBatchFirst(readings) {
        remarks.append("'\(layer.title)' has batch_first=\(readings.batchFirstText)")
        if readings.isBatchFirst == nil { open.append(reading) }
      }
      if let (word, reading) = layer.answerNonlinearity(readings), readings.nonlinearity == nil {
        assumptions.append("'\(layer.title)' has nonlinearity=\"\(word)\"")
        open.append(reading)
      }
      layers.append(layer)
    }
    if isScript, layers.contains(where: { $0.recurrentKind == nil }) {
      assumptions.append(
        "what TorchScript keeps in its code only is as torch has it by default: slopes, strides, eps"
      )
    } else if !saysAll {
      let norms = layers.filter { $0.torchClass?.words["eps"] != nil }
      assumptions += Set(norms.map { $0.options["eps"]?.text ?? "1e-05" }).sorted().map {
        "normalizations have eps=\($0)"
      }
    }
    let order = PyTorchOrder(layers, stateDict.modules, readings)
    layers = order.layers
    let gaps = PyTorchBetween(layers, stateDict)
    let said = readings.between.flatMap(gaps.functions)
    let filled = Set(said == nil ? [] : gaps.places.map { Name($0.before) })
    let bare = layers.filter {
      $0.torchClass?.mayBeActivated == true && !filled.contains(Name($0.title))
    }
    if stateDict.modules.isEmpty, layers.count > 1, !bare.isEmpty {
      assumptions.append(
        "nothing is applied after "
          + bare.map { "'\($0.title)'" }.joined(separator: ", ") + ", no activation or dropout")
    }
    if said == nil, let reading = gaps.open {
      open.append(reading)
      let missing = gaps.places.compactMap(\.missing).map { "'\($0)'" }
      if !missing.isEmpty {
        assumptions.append("\(missing.joined(separator: ", ")), without tensors, changes no number")
      }
    }
    assumptions += order.assumptions
    if let reading = order.open { open.append(reading) }
    head = PyTorchHead(&layers, readings)
    if let head, readings.timesteps == nil { assumptions.append(head.assumption) }
    self.modules = layers
    declaration = PyTorchDeclaration(layers: said.map { gaps.filling(layers, $0) } ?? layers)
    between = gaps
    self.assumptions = assumptions
    self.remarks = remarks
    self.open = open
    others = found.filter { $0.layer == nil }.flatMap { module in
      module.parameters.map { StateDictKeys.joined(module.key, $0) }
    }
    follows = !layers.isEmpty && PyTorchOrder.follow(layers)
    isChain = others.isEmpty && follows
  }

  /// Tensors that alone keep a model with a recurrent module from being run: without them each module
  /// fits the one before it.
  var strays: [String] {
    follows && declaration.layers.contains { $0.recurrentKind != nil } ? others : []
  }

  /// Why the modules can't be run one behind the other, in words; nil when they can, or there are none.
  var gap: String? {
    guard !isChain, !declaration.layers.isEmpty else { return nil }
    guard !others.isEmpty else {
      if let pair = PyTorchOrder.channels(declaration.layers) {
        return
          "'\(pair.after)' takes its channels on axis 1, and '\(pair.before)' puts them out last: what "
          + "stands between them, one timestep or an exchange of axes, is not in the file"
      }
      return "by their sizes, no module takes what the one before it puts out"
    }
    let isOne = others.count == 1
    return others.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      + (others.count > 8 ? ", … (\(others.count))" : "")
      + " \(isOne ? "belongs" : "belong") to no known module, and what is done with "
      + "\(isOne ? "it" : "them") is not in the file"
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
}

extension PyTorchDeclaration.DeclaredModule {
  /// The key, or the class for a module that was saved by itself.
  var title: String { key.flatMap { $0.isEmpty ? nil : $0 } ?? typeName }
}
