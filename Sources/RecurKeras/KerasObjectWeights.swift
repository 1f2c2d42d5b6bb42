import RecurContainers
import RecurFormats
import RecurTensors

/// The arrays of a model's layers, found by the attributes that hold them.
///
/// Layers are counted, as Keras does: their names play no role.
struct KerasObjectWeights: Sendable {
  let objects: KerasObjects
  /// The object that is the model.
  private let root: Int
  /// The names of several models among which the root is no one's.
  private let models: [String]

  /// Looks for the model among the objects: the root, or what the root keeps under any one name.
  init(_ objects: KerasObjects) {
    self.objects = objects
    func isModel(_ object: Int) -> Bool {
      objects.layers(of: object, haveWeights: false) != nil
    }
    let kept = (objects.objects.first?.children ?? []).filter { child in
      !KerasObjects.isBookkeeping(child.name) && child.object != 0
    }
    let found = kept.filter { isModel($0.object) }
    guard !objects.objects.isEmpty, !isModel(0) else {
      (root, models) = (0, [])
      return
    }
    if Set(found.map(\.object)).count > 1 {
      (root, models) = (0, found.map(\.name))
    } else {
      let named = kept.first { child in
        ["model", "net"].contains(child.name) && objects.hasNumbers(child.object)
      }
      (root, models) = ((found.first ?? named)?.object ?? 0, [])
    }
  }

  // MARK: assignment

  /// The arrays of every layer of `architecture`, and the variables of the model that no layer uses.
  ///
  /// - Throws: `keras.objects.ambiguous` for several models, `tensor.missing` and `tensor.unused`
  ///   when the layers are others.
  func assigned(
    to architecture: KerasArchitecture
  ) throws(CheckpointError) -> KerasNativeWeights.Assignment {
    guard models.isEmpty else {
      throw CheckpointError(
        .kerasObjectsAmbiguous,
        "the checkpoint holds several models: "
          + models.map { "'\($0)'" }.joined(separator: ", "),
        expected: "one model",
        hint: "save the one that is meant by itself: model.save_weights(path)")
    }
    var assignment = KerasNativeWeights.Assignment()
    var used: Set<Int> = []
    if let list = exported {
      let arrays = list.enumerated().compactMap { index, object in
        objects.objects[object].variable.map { (name: "arr_\(index)", tensor: $0.tensor) }
      }
      var table = TensorTable()
      for array in arrays { try table.append(array.name, array.tensor) }
      assignment.arrays = try KerasPlainArrays(table, architecture).assigned()?.arrays ?? [:]
      return assignment
    }
    guard objects.layers(of: root, haveWeights: false) != nil else {
      return try KerasAttributePairing(layers, architecture).assignment()
    }
    try collect(architecture, root, path: "", &assignment, &used)
    assignment.unused = modelVariables.filter { !used.contains($0) }.compactMap { object in
      objects.objects[object].variable.map { ($0.name, $0.tensor.location) }
    }
    return assignment
  }

  /// Every variable of the model.
  private var modelVariables: [Int] { objects.variables(below: root) }

  /// The variables of the file that belong to no layer: the state of the optimizer and of metrics.
  var others: [String] {
    let own = Set(exported ?? modelVariables)
    return objects.objects.indices.filter { !own.contains($0) }
      .compactMap { objects.objects[$0].variable?.name }
  }

  private func collect(
    _ model: KerasArchitecture, _ object: Int, path: String,
    _ assignment: inout KerasNativeWeights.Assignment, _ used: inout Set<Int>
  ) throws(CheckpointError) {
    for (layer, object) in try pairs(model, object, path) {
      let place = path + layer.name
      if let nested = layer.nested {
        let inner = layer.isDistributed ? objects.child("layer", of: object) ?? object : object
        try collect(nested, inner, path: "\(place)/", &assignment, &used)
        continue
      }
      let found = variables(of: layer, object)
      guard !found.isEmpty else { continue }
      used.formUnion(found)
      assignment.arrays[Name(place)] = found.compactMap { objects.objects[$0].variable }
    }
  }

  /// The layers of a model, each with its object; those without weights may be left out.
  private func pairs(
    _ model: KerasArchitecture, _ object: Int, _ path: String
  ) throws(CheckpointError) -> [(KerasArchitecture.LayerConfig, Int)] {
    let stored = objects.layers(of: object, haveWeights: true) ?? []
    for countsUnknown in [true, false] {
      let takers = model.layers.filter { $0.hasArrays ?? countsUnknown }
      if takers.count == stored.count { return Array(zip(takers, stored)) }
    }
    let all = objects.layers(of: object, haveWeights: false) ?? []
    // Which inputs count as layers differs between versions.
    let plain = model.layers.filter { $0.kerasClass?.role != .input }
    for layers in [model.layers, plain] where layers.count == all.count {
      return Array(zip(layers, all))
    }
    let takers = model.layers.filter { $0.hasArrays ?? true }
    throw CheckpointError(
      takers.count > stored.count ? .tensorMissing : .tensorUnused,
      "the architecture has \(takers.count) layers with weights and the file has \(stored.count)"
        + (path.isEmpty ? "" : " in '\(path.dropLast())'"),
      at: takers.first?.location ?? .init(),
      expected: takers.map(\.name).joined(separator: ", "),
      found: stored.map(name).joined(separator: ", "),
      hint: "give the architecture these weights were saved from")
  }

  /// The variables of a layer in the order of its arrays.
  private func variables(of layer: KerasArchitecture.LayerConfig, _ object: Int) -> [Int] {
    guard let groups = layer.kerasClass?.groups(layer), let plan = KerasArrayPlan(layer) else {
      return objects.variables(below: object)
    }
    var counters = KerasListPositions()
    let holders = groups.map { counters.object(at: $0, below: object, in: objects) }
    var found: [Int] = []
    var group = 0
    for array in plan.arrays {
      let role = array.name.split(separator: "/").last.map(String.init) ?? array.name
      var taken: Int?
      while group < holders.count, taken == nil {
        if let holder = holders[group] {
          taken = [role, "_\(role)"].lazy.compactMap { objects.child($0, of: holder) }
            .first { objects.objects[$0].variable != nil && !found.contains($0) }
        }
        if taken == nil { group += 1 }
      }
      guard let taken else { break }
      found.append(taken)
    }
    // Attributes with other names than those of the plan.
    return found.count == plan.arrays.count ? found : objects.variables(below: object)
  }

  // MARK: without an architecture

  /// The variables that `model.export()` lists, in the order of `get_weights()`; nil for others.
  ///
  /// States of random number generators, which are whole numbers, stand among them.
  private var exported: [Int]? {
    guard let list = objects.child("variables", of: root),
      objects.child("_all_variables", of: root) != nil,
      objects.layers(of: root, haveWeights: false) == nil
    else { return nil }
    return objects.numbered(list, prefix: "").filter { object in
      objects.objects[object].variable?.tensor.elementType.isFloatingPoint == true
    }
  }

  /// The layers in the file alone, for a file without an architecture.
  var layers: [KerasH5Weights.LayerArrays] {
    if let exported {
      return KerasObjectLayers.listed(exported.map { objects.objects[$0] })
    }
    return KerasObjectLayers(objects, root).layers
  }

  /// The name of a layer in the program, as far as its variables say it.
  private func name(_ object: Int) -> String {
    let full = objects.variables(below: object).first.map { objects.objects[$0].fullName } ?? ""
    return full.split(separator: "/").first.map(String.init) ?? "?"
  }
}

/// Where the objects of a list are that native weights name by their classes.
private struct KerasListPositions {
  private var known: [String: [String]] = [:]

  /// The object that a group of native weights stands for; nil for none.
  mutating func object(at group: String, below object: Int, in objects: KerasObjects) -> Int? {
    var object = object
    var path = ""
    for component in group.split(separator: "/").map(String.init) {
      let plain = component.hasPrefix("_") ? String(component.dropFirst()) : component
      if let next = [component, plain, "_\(plain)"].lazy.compactMap({
        objects.child($0, of: object)
      }).first {
        object = next
      } else {
        let position: Int
        if let index = known[path]?.firstIndex(of: component) {
          position = index
        } else {
          position = known[path]?.count ?? 0
          known[path, default: []].append(component)
        }
        guard let next = objects.child("\(position)", of: object) else { return nil }
        object = next
      }
      path += "/" + component
    }
    return object
  }
}

extension Diagnostic.Code {
  static let kerasObjectsAmbiguous = Self(rawValue: "keras.objects.ambiguous")
}
