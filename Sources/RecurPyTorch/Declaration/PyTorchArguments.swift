import RecurContainers
import RecurModel
import RecurTensors

/// The arguments of the declared model, and the names of its modules.
struct PyTorchArguments {
  /// The name of every module, in order: its key, or the name of its class.
  private(set) var layerNames: [String] = []
  /// Every argument, in the order of the call.
  private(set) var names: [String] = []
  /// The argument for the first module.
  private(set) var sequence = "x"
  /// The other arguments that modules are given.
  private(set) var others: [String] = []
  /// The argument with the lengths of the sequences.
  private(set) var lengths: String?
  /// The arguments with initial states, by module: `h_0`, and `c_0` for an LSTM.
  private(set) var states: [String: [String]] = [:]
  /// Whether a call may leave out the states.
  private(set) var hasOptionalStates = false
  /// Whether the only module is recurrent, so that the model is called like this module.
  private(set) var isSole = false
  private(set) var findings: [Diagnostic] = []
  /// The declared results of a call, and those that modules are given; empty if none are declared.
  private let outputs: Set<Name>
  private var modules: Set<Name> = []
  /// The mask made of the lengths; nil before it is needed.
  var mask: Model.Value?

  init(_ declaration: PyTorchDeclaration) {
    let given = declaration.layers.flatMap { $0.inputs ?? [] }.compactMap(\.string)
    outputs = Set(((declaration.outputs ?? []) + given).map { Name($0) })
    var taken: Set<Name> = []
    // Each module of a class gets the next number, so that naming many modules stays fast.
    var counts: [Name: Int] = [:]
    for layer in declaration.layers {
      let type = layer.typeName
      let word = type.hasPrefix("nn.") ? String(type.dropFirst("nn.".count)) : type
      let own = word.split(separator: ".").last.map(String.init) ?? word
      let base = layer.name ?? layer.key.flatMap { $0.isEmpty ? nil : $0 } ?? own.lowercased()
      if layer.name != nil, taken.contains(Name(base)) {
        findings.append(
          Diagnostic(
            .pytorchDeclarationInvalid, .error, "two modules are named '\(base)'",
            at: layer.location))
      }
      var name = base
      var number = counts[Name(base)] ?? 1
      while !taken.insert(Name(name)).inserted {
        number += 1
        name = "\(base)_\(number)"
      }
      counts[Name(base)] = number
      layerNames.append(name)
    }
    modules = taken
    let recurrent = declaration.layers.indices.filter {
      declaration.layers[$0].recurrentKind != nil
    }
    isSole = declaration.layers.count == 1 && recurrent.count == 1
    if let inputs = declaration.inputs {
      read(inputs, declaration)
    } else {
      names = ["x"]
      if isSole, let kind = declaration.layers[0].recurrentKind {
        states[layerNames[0]] = kind.stateArguments
        names += kind.stateArguments
        hasOptionalStates = true
      }
    }
  }

  /// Whether one result of a module, such as `lstm.h_n`, is a result of the model.
  func isReturned(_ module: String, _ part: String) -> Bool {
    outputs.contains(Name("\(module).\(part)"))
  }

  /// The module in the name of an output, which may be followed by `.h_n` or another result.
  func layer(of name: String) -> String? {
    guard !modules.contains(Name(name)) else { return name }
    guard let dot = name.lastIndex(of: "."), modules.contains(Name(String(name[..<dot]))) else {
      return nil
    }
    return String(name[..<dot])
  }

  /// Sorts the declared arguments by name: lengths, states, and the sequence as the remaining one.
  private mutating func read(_ inputs: [String], _ declaration: PyTorchDeclaration) {
    let place = declaration.layers[0].location
    func report(_ message: String) {
      findings.append(Diagnostic(.pytorchDeclarationInvalid, .error, message, at: place))
    }
    let recurrent = zip(layerNames, declaration.layers).filter { $0.1.recurrentKind != nil }
    var names: [Name: String] = [:]
    for (name, _) in recurrent { names[Name(name)] = name }
    var given: [Name: [String: String]] = [:]
    var sequences: [String] = []
    // What a module names as its input is no state and no length.
    let named = Set(
      declaration.layers.flatMap { layer in
        (layer.inputs ?? []).compactMap(\.string) + (layer.mask.map { [$0] } ?? [])
      })
    for name in inputs {
      if declaration.isGraph, named.contains(name) {
        sequences.append(name)
        continue
      }
      let last = name.split(separator: ".").last.map(String.init) ?? name
      if name == "lengths" {
        lengths = name
      } else if last == "h_0" || last == "c_0" {
        let owner = name == last ? nil : String(name.dropLast(last.count + 1))
        guard
          let module = owner.map({ names[Name($0)] }) ?? recurrent.first?.0
        else {
          report("the input '\(name)' is a state of no recurrent module")
          continue
        }
        given[Name(module), default: [:]][last] = name
      } else {
        sequences.append(name)
      }
    }
    if Set(inputs.map { Name($0) }).count < inputs.count { report("an input is named twice") }
    if sequences.isEmpty || sequences.count > 1 && !declaration.isGraph {
      report(
        "'inputs' needs one name for what the first module is given, besides 'lengths', 'h_0' and "
          + "'c_0'; it has \(sequences.count)")
    }
    if lengths != nil, recurrent.allSatisfy({ $0.1.isCell }) {
      report("'lengths' are declared, and no module takes a packed sequence")
    }
    for (name, layer) in recurrent {
      guard let parts = given[Name(name)], let kind = layer.recurrentKind else { continue }
      let wanted = kind.stateArguments
      guard Set(parts.keys) == Set(wanted) else {
        report("'\(name)' takes its states together: \(wanted.joined(separator: ", "))")
        continue
      }
      states[name] = wanted.compactMap { parts[$0] }
    }
    sequence = sequences.first ?? "x"
    others = Array(sequences.dropFirst())
    self.names = inputs
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// The class in its short form, `nn.LSTM`.
  var typeName: String {
    let last = type.split(separator: ".").last.map(String.init) ?? type
    let isTorch =
      !type.contains(".") || type.hasPrefix("nn.") || type.hasPrefix("torch.nn.")
    return isTorch && last.first?.isUppercase == true ? "nn.\(last)" : type
  }
}
