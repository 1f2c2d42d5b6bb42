import RecurContainers
import RecurTensors

/// The layers among the objects of a model, without an architecture that says which they are.
struct KerasObjectLayers {
  private let objects: KerasObjects
  private let root: Int

  init(_ objects: KerasObjects, _ root: Int) {
    self.objects = objects
    self.root = root
  }

  /// What only layers have.
  private static let parts: Set<String> = [
    "cell", "forward_layer", "kernel", "_kernel", "embeddings", "_embeddings", "gamma", "beta",
  ]

  /// Every layer with weights, in the order of its model, each variable once.
  var layers: [KerasH5Weights.LayerArrays] {
    var found: [(path: [String], object: Int)] = []
    var visited: Set<Int> = []
    // Names are kept as a chain, because paths of objects that lie deep are long.
    var waiting: [(object: Int, path: [String])] = [(root, [])]
    while let (object, path) = waiting.popLast() {
      guard visited.insert(object).inserted else { continue }
      let children = objects.objects[object].children
      let isLayer = children.contains { child in
        Self.parts.contains(child.name)
          || objects.objects[child.object].variable != nil
            && !KerasObjects.isBookkeeping(child.name)
      }
      if isLayer, object != root || !hasLayers(object) {
        found.append((path, object))
        // A model may hold variables beside its layers; so may a layer of the user's own.
        guard isOpen(object) else { continue }
      }
      let kept = objects.layers(of: object, haveWeights: true).map { layers in
        layers.enumerated().map { (name: "\($0)", object: $1) }
      }
      for child in (kept ?? objects.ordered(children)).reversed() {
        // Deeper than any model is.
        guard path.count < 64 else { continue }
        waiting.append((child.object, path + [child.name]))
      }
    }
    return arrays(found)
  }

  private func hasLayers(_ object: Int) -> Bool {
    objects.layers(of: object, haveWeights: false) != nil
  }

  /// Whether layers in an object are layers of their own: it is the model, or of an unknown class.
  private func isOpen(_ object: Int) -> Bool {
    guard let config = objects.objects[object].config else { return object == root }
    return KerasArchitecture.LayerConfig(alone: config, at: .init())?.isOpaque != false
  }

  private func arrays(
    _ found: [(path: [String], object: Int)]
  ) -> [KerasH5Weights.LayerArrays] {
    var used: Set<Int> = []
    var layers: [KerasH5Weights.LayerArrays] = []
    var names: [String: Int] = [:]
    let owners = Set(found.map(\.object))
    for (path, object) in found {
      let config = objects.objects[object].config
      let all = isOpen(object) ? ownVariables(object, owners) : objects.variables(below: object)
      let variables = all.filter { used.insert($0).inserted }
      guard !variables.isEmpty else { continue }
      let place = path.joined(separator: "/")
      let full = objects.objects[variables[0]].fullName.split(separator: "/").map(String.init)
      let counted = path.allSatisfy { Int($0) != nil }
      var name = counted ? full.first ?? place : place
      if name.isEmpty { name = full.first ?? "layer" }
      names[name, default: 0] += 1
      if let count = names[name], count > 1 { name += "_\(count - 1)" }
      var layer = KerasH5Weights.LayerArrays(
        name: name, arrays: variables.compactMap { objects.objects[$0].variable }, place: place)
      layer.config = config.flatMap {
        KerasArchitecture.LayerConfig(
          alone: $0, at: layer.arrays.first?.tensor.location ?? .init())
      }
      layer.version = objects.version
      layers.append(layer)
    }
    return layers
  }

  /// The variables of a layer without those of other layers in it.
  private func ownVariables(_ object: Int, _ owners: Set<Int>) -> [Int] {
    objects.ordered(objects.objects[object].children).map(\.object).filter { child in
      objects.objects[child].variable != nil && !owners.contains(child)
    }
  }

  /// Layers of variables that are only listed: each begins with a kernel or with rows of an Embedding.
  static func listed(_ variables: [KerasObjects.Object]) -> [KerasH5Weights.LayerArrays] {
    var layers: [KerasH5Weights.LayerArrays] = []
    let firsts: Set<String> = ["kernel", "embeddings", "gamma", "beta", "alpha"]
    var last = ""
    var isDirection = false
    for variable in variables {
      guard let array = variable.variable else { continue }
      let parts = variable.fullName.split(separator: "/").map(String.init)
      let role = parts.last ?? ""
      let directions = parts.filter { $0.hasPrefix("forward_") || $0.hasPrefix("backward_") }
      let begins =
        layers.isEmpty
        || firsts.contains(role) && !(role == "beta" && last == "gamma")
          && !(isDirection && directions.contains { $0.hasPrefix("backward_") })
      let named = KerasArray(name: parts.suffix(2).joined(separator: "/"), tensor: array.tensor)
      if begins {
        // A whole model has its name in front.
        let owner = parts.dropLast().filter { !$0.hasSuffix("_cell") && !directions.contains($0) }
        let name = owner.last ?? "layer"
        let count = layers.count { $0.name == name || $0.name.hasPrefix(name + "_#") }
        layers.append(
          .init(name: count == 0 ? name : "\(name)_#\(count)", arrays: [named], place: array.name))
      } else if let index = layers.indices.last {
        let layer = layers[index]
        layers[index] = .init(
          name: layer.name, arrays: layer.arrays + [named], place: layer.place)
      }
      last = role
      isDirection = !directions.isEmpty
    }
    return layers
  }
}
