import RecurContainers
import RecurFormats
import RecurStateDicts
import RecurTensors

/// The places between the modules of a state dict where something without tensors is likely applied.
///
/// A number that is left out, `head.0` and `head.3`, proves that modules without tensors stand there.
/// Two matrices with nothing between them would be one, so something is likely applied between them.
struct PyTorchBetween {
  /// One place.
  struct Place {
    /// The position of the module behind it.
    let index: Int
    /// The modules before and behind it.
    let (before, behind): (String, String)
    /// The key of a module without tensors, if numbers prove that there is one.
    let missing: String?
  }

  let places: [Place]

  /// Finds the places among `layers`, which stand in the order of calls.
  init(_ layers: [PyTorchDeclaration.DeclaredModule], _ stateDict: StateDict) {
    // A pickle says which modules there are.
    guard stateDict.modules.isEmpty else {
      places = []
      return
    }
    var numbered: Set<Name> = []
    for name in stateDict.tensors.names { numbered.formUnion(Self.numbered(name)) }
    var passed: Set<Name> = []
    places = layers.indices.compactMap { index in
      let own = layers[index].key.map { $0.isEmpty ? "" : $0 + "." } ?? ""
      let groups = Self.groups(own)
      let missing = groups.first { group in
        group.number > 0 && !passed.contains(Name(group.key))
          && !numbered.contains(Name("\(group.parent)\(group.number - 1)"))
      }.map { "\($0.parent)\($0.number - 1)" }
      passed.formUnion(groups.map { Name($0.key) })
      guard index > 0 else { return nil }
      let pair = [layers[index - 1], layers[index]]
      let isBare = pair.allSatisfy { $0.torchClass?.mayBeActivated == true }
      guard missing != nil || isBare else { return nil }
      return Place(
        index: index, before: pair[0].title, behind: pair[1].title, missing: missing)
    }
  }

  /// The numbered modules that a key is in: `net.3` and its number, of `net.3.weight`.
  private static func groups(_ key: String) -> [(parent: String, number: Int, key: String)] {
    var parent = ""
    var found: [(parent: String, number: Int, key: String)] = []
    for part in key.split(separator: ".", omittingEmptySubsequences: false).dropLast() {
      if let number = Int(part), part.allSatisfy(\.isNumber) {
        found.append((parent, number, "\(parent)\(part)"))
      }
      parent += "\(part)."
    }
    return found
  }

  private static func numbered(_ name: String) -> [Name] { groups(name).map { Name($0.key) } }

  /// The question, if there is a place.
  var open: OpenReading? {
    guard !places.isEmpty else { return nil }
    let all = places.map { "'\($0.before)' and '\($0.behind)'" }.joined(separator: ", between ")
    let gaps = places.compactMap(\.missing).map { "'\($0)'" }
    return OpenReading(
      "what is applied between \(all)"
        + (gaps.isEmpty
          ? ""
          : " (\(gaps.joined(separator: ", ")) \(gaps.count == 1 ? "has" : "have") no tensors)"),
      answers: ([[.relu], [.none]] + mixed).map { Readings(between: $0) })
  }

  /// Answers that differ from place to place, as far as a recording can try them all.
  private var mixed: [[Readings.Between]] {
    guard 2...3 ~= places.count else { return [] }
    return (1..<(1 << places.count) - 1).map { bits in
      places.indices.map { bits >> $0 & 1 == 0 ? .none : .relu }
    }
  }

  /// The function at each place; nil when `answer` has neither one for all nor one for each.
  func functions(_ answer: [Readings.Between]) -> [Readings.Between]? {
    if answer.count == 1 { return places.map { _ in answer[0] } }
    return answer.count == places.count ? answer : nil
  }

  /// The modules with what `answer` says between them.
  func filling(
    _ layers: [PyTorchDeclaration.DeclaredModule], _ answer: [Readings.Between]
  ) -> [PyTorchDeclaration.DeclaredModule] {
    guard let functions = functions(answer) else { return layers }
    var filled = layers
    for (place, function) in zip(places, functions).reversed() {
      guard let module = PyTorchDeclaration.DeclaredModule(function) else { continue }
      filled.insert(module, at: place.index)
    }
    return filled
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// The module that applies a function; nil where nothing is applied.
  init?(_ function: Readings.Between) {
    let type: String? =
      switch function {
      case .none: nil
      case .relu: "nn.ReLU"
      case .tanh: "nn.Tanh"
      case .sigmoid: "nn.Sigmoid"
      case .gelu: "nn.GELU"
      case .elu: "nn.ELU"
      case .leakyReLU: "nn.LeakyReLU"
      case .silu: "nn.SiLU"
      }
    guard let type else { return nil }
    self.init(type: type, key: nil, options: .init(), location: .init())
  }
}
