import RecurContainers
import RecurTensors

/// The arrays of Keras' native weights, `x.weights.h5` and its shards.
///
/// The group of a layer follows from the place of the layer in its model, not from its name
/// (keras/src/saving/saving_lib.py, `_save_state`):
///
///     layers/<snake_case class>[_k]/<attributes>/vars/<index>
///
/// A model whose class is the user's own has its layers under the attributes that hold them:
///
///     <attribute>/<attributes>/vars/<index>
struct KerasNativeWeights: Sendable {
  /// One variable: its path and a view of its numbers.
  private struct Variable: Sendable {
    let index: Int
    let path: String
    let tensor: Tensor
  }

  /// The variables by the path of the group that holds their `vars` group.
  private var variables: [Name: [Variable]] = [:]
  /// The names of layers by the same path, if the file has them (from Keras 3.6 on).
  private var names: [Name: String] = [:]
  /// Whether Keras 3 wrote the groups: it names them (keras/src/saving/saving_lib.py).
  var isOfKeras3: Bool { !names.isEmpty }
  /// The group that holds the layers of every model.
  private let container: String
  /// Datasets that belong to no layer: the state of the optimizer and of metrics.
  private(set) var optimizer: [String] = []

  /// TensorFlow 2.12 and 2.13 used the second name.
  private static let containers = ["layers", KerasLayerNumbering.doublingContainer]

  /// The groups beside those of layers.
  private static let states: Set<String> = ["optimizer", "metrics", "_compile_metrics"]

  /// Whether a file holds native weights: groups of layers, or of variables.
  static func recognizes(_ file: HDF5File) -> Bool {
    container(of: file) != nil
      || file.objects.contains { object in
        let parts = components(object.path).suffix(2)
        return object.isDataset && parts.count == 2 && parts.first == "vars"
          && Int(parts.last ?? "") != nil
      }
  }

  private static func container(of file: HDF5File) -> String? {
    containers.first { name in file.objects.contains { components($0.path).first == name } }
  }

  /// The parts of a path.
  ///
  /// On Windows, Keras before 3 joined those above `vars` by backslashes (`os.path.join`).
  private static func components(_ path: String) -> [String] {
    path.split { $0 == "/" || $0 == "\\" }.map(String.init)
  }

  /// Collects the variables of `files`: one file, or all shards of one.
  ///
  /// - Throws: `keras.weights.missing`, `tensor.duplicate`, and what reading the files throws.
  init(_ files: [(name: String?, file: HDF5File)]) throws(CheckpointError) {
    container = files.lazy.compactMap { Self.container(of: $0.file) }.first ?? "layers"
    for (name, file) in files {
      var file = file
      try locating(file: name) { () throws(CheckpointError) in
        for object in file.objects { try add(object, in: &file) }
      }
    }
    for key in variables.keys { variables[key]?.sort { $0.index < $1.index } }
    dropMetrics()
    for (path, found) in variables {
      for (one, next) in zip(found, found.dropFirst()) where one.index == next.index {
        throw CheckpointError(
          .tensorDuplicate, "variable \(one.index) of '\(path)' is there twice",
          at: next.tensor.location)
      }
      for (position, variable) in found.enumerated() where variable.index != position {
        throw CheckpointError(
          .kerasWeightsMissing, "variable \(position) of '\(path)' is missing",
          at: variable.tensor.location,
          hint: "a shard of the weights may be missing")
      }
    }
  }

  private mutating func add(
    _ object: HDF5Object, in file: inout HDF5File
  ) throws(CheckpointError) {
    var components = Self.components(object.path)
    guard let first = components.first, !Self.states.contains(first) else {
      if object.isDataset { optimizer.append(object.path) }
      return
    }
    if !object.isDataset {
      guard components.last == "vars" else { return }
      let path = components.dropLast().joined(separator: "/")
      if let name = try file.strings("name", of: object)?.first?.text() {
        names[Name(path)] = name
      }
      return
    }
    let last = components.removeLast()
    // States of random number generators are no weights.
    guard !components.contains(where: { $0.hasPrefix("seed_generator") }) else {
      optimizer.append(object.path)
      return
    }
    guard components.last == "vars", let index = Int(last) else {
      optimizer.append(object.path)
      return
    }
    var tensor = try file.tensor(object)
    if try file.strings("dtype", of: object)?.first?.text() == "bfloat16",
      tensor.elementType.byteCount == 2
    {
      tensor = tensor.reinterpreted(as: .bfloat16)
    }
    let path = components.dropLast().joined(separator: "/")
    variables[Name(path), default: []].append(
      Variable(index: index, path: object.path, tensor: tensor))
  }

  /// Takes the state of metrics for what it is: a sum and a count, outside the layers.
  private mutating func dropMetrics() {
    for (path, found) in variables
    where found.count == 2 && found.allSatisfy({ $0.tensor.rank == 0 }) && !path.text.isEmpty
      && Self.components(path.text).first != container
    {
      optimizer += found.map(\.path)
      variables[path] = nil
    }
    optimizer.sort()
  }

  // MARK: assignment

  /// How the variables of a file were assigned to layers.
  struct Assignment {
    /// The arrays of every layer, by path.
    var arrays: [Name: [KerasArray]] = [:]
    /// The variables that no layer uses.
    var unused: [(path: String, place: Diagnostic.Location)] = []
    /// The layers without variables where some are needed, with the group that was expected.
    var missing: [(group: String, layer: Diagnostic.Location)] = []
    /// The groups of the unused variables.
    var unusedGroups: [String] = []
    /// How layers were found, where their places did not say it.
    var notes: [Diagnostic] = []

    /// How much does not fit.
    fileprivate var distance: Int { missing.count + unusedGroups.count }
    /// Whether every layer has its variables, and no variable is left.
    var isComplete: Bool { distance == 0 }
  }

  /// Whether layers stand under attributes: the model's class is the user's own.
  var hasAttributes: Bool {
    variables.keys.contains { Self.components($0.text).first != container }
  }

  /// The arrays of every layer of `architecture`, and the variables that no layer uses.
  func assigned(to architecture: KerasArchitecture) -> Assignment {
    let counted = assigned(to: architecture, .each)
    guard !counted.isComplete else { return counted }
    if container == KerasLayerNumbering.doublingContainer {
      let doubled = assigned(to: architecture, .doubled)
      if doubled.distance < counted.distance { return doubled }
    }
    return counted
  }

  /// The same for a model whose layers may each be in one of several groups.
  func assigned(to architecture: KerasArchitecture, in groups: [Name: [String]]) -> Assignment {
    assigned(to: architecture, .each, groups)
  }

  private func assigned(
    to architecture: KerasArchitecture, _ numbering: KerasLayerNumbering,
    _ groups: [Name: [String]] = [:]
  ) -> Assignment {
    var assignment = Assignment()
    var used: Set<Name> = []
    collect(architecture, group: "", path: "", numbering, &assignment, &used, groups)
    let unused = variables.filter { !used.contains($0.key) }
    assignment.unused = unused.flatMap { $0.value }.sorted { $0.path < $1.path }.map {
      ($0.path, $0.tensor.location)
    }
    let groups = Set(unused.keys.map { Name(Self.owner(of: $0.text, container)) })
    assignment.unusedGroups = groups.sorted().map(\.text)
    return assignment
  }

  private func collect(
    _ model: KerasArchitecture, group: String, path: String, _ numbering: KerasLayerNumbering,
    _ assignment: inout Assignment, _ used: inout Set<Name>,
    _ known: [Name: [String]] = [:]
  ) {
    var numbering = numbering
    for layer in model.layers {
      let key = numbering.key(of: layer.storedClassName)
      let own = known[Name(layer.name)]
      let place =
        own.map { groups in groups.first { !everything(below: $0).isEmpty } ?? groups[0] }
        ?? "\(group)\(container)/\(key)"
      let hasWeights = layer.hasArrays ?? !everything(below: place).isEmpty
      if hasWeights { numbering.countAgain(layer.storedClassName) }
      if let nested = layer.nested {
        collect(
          nested, group: place + (layer.isDistributed ? "/layer/" : "/"),
          path: "\(path)\(layer.name)/", numbering.inside, &assignment, &used)
        continue
      }
      let stored = layer.isStoredBare ? layer.inner("layer") ?? layer : layer
      let groups = stored.kerasClass?.groups(stored)?.map { place + $0 } ?? everything(below: place)
      if hasWeights, !groups.contains(where: { variables[Name($0)] != nil }) {
        assignment.missing.append((place, layer.location))
      }
      for group in groups {
        let found = variables[Name(group)] ?? []
        guard !found.isEmpty else { continue }
        used.insert(Name(group))
        assignment.arrays[Name(path + layer.name), default: []] += arrays(found, below: place)
      }
    }
  }

  /// Variables under the names that they have below a layer.
  private func arrays(_ found: [Variable], below place: String) -> [KerasArray] {
    found.map { variable in
      let parts = Self.components(variable.path).dropFirst(Self.components(place).count)
      return KerasArray(name: parts.joined(separator: "/"), tensor: variable.tensor)
    }
  }

  /// Every group with variables below a path, forward before backward.
  private func everything(below place: String) -> [String] {
    variables.keys.map(\.text).filter { $0 == place || $0.hasPrefix(place + "/") }
      .sorted { Self.order($0) < Self.order($1) }
  }

  /// `forward_layer` before `backward_layer`, `x_2` before `x_10`, all else by name.
  private static func order(_ path: String) -> String {
    path.split(separator: "/").map { component in
      switch component {
      case "forward_layer": return "0"
      case "backward_layer": return "1"
      default:
        guard let underscore = component.lastIndex(of: "_"),
          let number = Int(component[component.index(after: underscore)...])
        else { return component + "_00000" }
        let digits = String(number)
        return component[..<underscore] + "_"
          + String(repeating: "0", count: max(0, 5 - digits.count))
          + digits
      }
    }.joined(separator: "/")
  }

  /// The layers in the file alone, for a file without an architecture.
  var layers: [KerasH5Weights.LayerArrays] {
    var owners: [String] = []
    var arrays: [String: [KerasArray]] = [:]
    for group in variables.keys.map(\.text).sorted(by: { Self.order($0) < Self.order($1) }) {
      let owner = Self.owner(of: group, container)
      if arrays[owner] == nil { owners.append(owner) }
      arrays[owner, default: []] += self.arrays(variables[Name(group)] ?? [], below: owner)
    }
    // If layers of different models have one name, their paths are used as names.
    let owned = owners.compactMap { names[Name($0)] }
    return owners.map { owner in
      let key = owner.split(separator: "/").filter { $0 != container }.joined(separator: "/")
      let name = names[Name(owner)].flatMap { name in
        owned.count { Name($0) == Name(name) } == 1 ? name : nil
      }
      return KerasH5Weights.LayerArrays(
        name: name ?? key, arrays: arrays[owner] ?? [], place: owner)
    }
  }

  /// The path of the layer a group of variables belongs to: up to the component after the last
  /// container, or else without the parts that layers have inside.
  private static func owner(of group: String, _ container: String) -> String {
    var components = components(group)
    if let position = components.lastIndex(of: container), position + 1 < components.count {
      return components[...(position + 1)].joined(separator: "/")
    }
    for (index, part) in components.enumerated().dropFirst()
    where ["cell", "forward_layer", "backward_layer", "layer"].contains(part) {
      components.removeSubrange(index...)
      break
    }
    return components.joined(separator: "/")
  }
}
