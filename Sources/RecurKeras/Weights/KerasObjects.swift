package import RecurContainers

/// The objects of a model, which keep each other under the names of attributes, as TensorFlow tracks
/// them: models, layers, cells, lists and variables
/// (tensorflow/python/trackable/base.py, `_trackable_children`).
package struct KerasObjects: Sendable {
  /// One object.
  package struct Object: Sendable {
    /// The objects that it keeps, each under a name, in the file's order.
    package var children: [(name: String, object: Int)]
    /// Its numbers, if it is a variable: under the name of the tensor in the file.
    package var variable: KerasArray?
    /// The name that the variable had in the program: `lstm/lstm_cell/kernel`.
    package var fullName: String
    /// The class and the options, of a layer of which the file says them.
    package var config: JSONValue?

    package init(
      children: [(name: String, object: Int)], variable: KerasArray? = nil, fullName: String = "",
      config: JSONValue? = nil
    ) {
      self.children = children
      self.variable = variable
      self.fullName = fullName
      self.config = config
    }
  }

  /// All objects; children are positions here.
  let objects: [Object]
  /// The version of Keras that the configs of layers are of.
  let version: KerasVersion?

  /// Objects, of which the first one is the root; every child is one of them.
  ///
  /// - Precondition: every child is a position in `objects`.
  package init(_ objects: [Object], version: KerasVersion? = nil) {
    self.objects = objects
    self.version = version
  }

  /// The child of an object under a name; nil for none.
  func child(_ name: String, of object: Int) -> Int? {
    objects[object].children.first { $0.name == name }?.object
  }

  /// What objects keep besides their layers and variables: the same variables once more, and what
  /// trains a model (keras/engine/base_layer.py, `_trackable_saved_model_saver`).
  static func isBookkeeping(_ name: String) -> Bool {
    name.hasPrefix("__") || name.hasPrefix("call_and_return") || bookkeeping.contains(name)
  }

  private static let bookkeeping: Set<String> = [
    "variables", "trainable_variables", "non_trainable_variables", "_all_variables",
    "regularization_losses", "keras_api", "signatures", "optimizer", "metrics", "layer_metrics",
    "states", "state_spec", "_random_generator", "train_function", "train_tf_function", "root",
    "_default_save_signature", "_misc_assets", "loss", "compiled_loss", "compiled_metrics",
    "loss_tracker", "save_counter", "_save_counter", "_losses", "_inbound_nodes", "_outbound_nodes",
    "_trainable_variables",
    "_non_trainable_variables", "_metrics", "seed_generator", "_seed_generators",
  ]

  /// The layers of a model, in order, or those that have weights alone; nil for an object that is none
  /// of Keras' models.
  func layers(of model: Int, haveWeights: Bool) -> [Int]? {
    let object = child("_functional", of: model) ?? model
    if let list = child("_operations", of: object) ?? child("_layers", of: object) {
      let all = numbered(list, prefix: "")
      return haveWeights ? all.filter(hasNumbers) : all
    }
    let all = numbered(object, prefix: haveWeights ? "layer_with_weights-" : "layer-")
    let isModel = objects[object].children.contains { $0.name.hasPrefix("layer-") }
    // What is looked up in tables has no numbers.
    return isModel ? (haveWeights ? all.filter(hasNumbers) : all) : nil
  }

  /// The children whose names are a prefix and a number, by their numbers.
  func numbered(_ object: Int, prefix: String) -> [Int] {
    var found: [(number: Int, object: Int)] = []
    for child in objects[object].children where child.name.hasPrefix(prefix) {
      guard let number = Int(child.name.dropFirst(prefix.count)) else { continue }
      found.append((number, child.object))
    }
    return found.sorted { $0.number < $1.number }.map(\.object)
  }

  /// Whether an object, or one that it keeps, is a variable.
  func hasNumbers(_ object: Int) -> Bool { !variables(below: object).isEmpty }

  /// The variables of a layer and of what is in it: its own first, then those of each layer that it
  /// keeps, forward before backward.
  func variables(below object: Int) -> [Int] {
    var found: [Int] = []
    var visited: Set<Int> = []
    var waiting = [object]
    while let next = waiting.popLast() {
      guard visited.insert(next).inserted else { continue }
      if objects[next].variable != nil { found.append(next) }
      let children = ordered(objects[next].children)
      waiting += children.reversed().map(\.object)
    }
    return found
  }

  /// Children in the order of `get_weights()`: variables before what holds some.
  func ordered(
    _ children: [(name: String, object: Int)]
  ) -> [(name: String, object: Int)] {
    let kept = children.filter { !Self.isBookkeeping($0.name) }
    let own = kept.filter { objects[$0.object].variable != nil }
      .sorted { Self.rank($0.name) < Self.rank($1.name) }
    let others = kept.filter { objects[$0.object].variable == nil }
      .sorted { Self.rank($0.name) < Self.rank($1.name) }
    return own + others
  }

  /// The place of an attribute among those of a layer; others keep the file's order behind them.
  private static func rank(_ name: String) -> Int {
    let order = [
      "embeddings", "kernel", "recurrent_kernel", "bias", "gamma", "beta", "moving_mean",
      "moving_variance", "forward_layer", "backward_layer",
    ]
    let plain = name.hasPrefix("_") ? String(name.dropFirst()) : name
    return order.firstIndex(of: plain) ?? Int(name) ?? order.count
  }
}
