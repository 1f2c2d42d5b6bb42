import RecurContainers
import RecurFormats
package import RecurTensors

/// One array of a Keras file, with its path below its layer.
package struct KerasArray: Sendable {
  package let name: String
  package let tensor: Tensor

  package init(name: String, tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}

/// The arrays of a legacy Keras HDF5 file, by layer and in Keras' order.
///
/// The attributes `layer_names` and `weight_names` give the order. Only order and shapes matter,
/// because the paths of the datasets differ between versions.
struct KerasH5Weights: Sendable {
  struct LayerArrays: Sendable {
    let name: String
    let arrays: [KerasArray]
    /// The group of native weights that it stands in; nil in the legacy layout.
    var place: String?
    /// Its class and options, where the file says those of single layers, and their version.
    var config: KerasArchitecture.LayerConfig?
    var version: KerasVersion?
  }

  /// All layers in the order of the file, including layers without arrays.
  private(set) var layers: [LayerArrays] = []
  /// Datasets that no layer lists.
  private(set) var unused: [HDF5Object] = []
  /// Datasets of the optimizer's state.
  private(set) var optimizer: [HDF5Object] = []

  /// Reads the lists below `root`: `/model_weights`, or `/` in a file of weights only.
  init(_ file: inout HDF5File, root: String) throws(CheckpointError) {
    guard let group = file[root] else {
      throw CheckpointError(
        .kerasWeightsMissing, "the file has no group '\(root)': it holds a config and no weights",
        at: .init(object: root))
    }
    var used: Set<Name> = []
    for name in try Self.names("layer_names", of: group, in: &file) {
      let path = (root == "/" ? "" : root) + "/" + name
      guard let layer = file[path] else {
        throw CheckpointError(
          .kerasWeightsMissing, "'layer_names' lists '\(name)', and there is no group '\(path)'",
          at: .init(object: "\(root)@layer_names"),
          reason: "the file was edited, or its saving was stopped",
          fixes: [.init(.keras, "model.save('model.h5')")])
      }
      var arrays: [KerasArray] = []
      for weight in try Self.names("weight_names", of: layer, in: &file) {
        guard let dataset = file["\(path)/\(weight)"], dataset.isDataset else {
          throw CheckpointError(
            .kerasWeightsMissing,
            "'weight_names' of '\(name)' lists '\(weight)', and there is no such dataset",
            at: .init(object: "\(path)@weight_names"),
            reason: "the file was edited, or its saving was stopped",
            fixes: [.init(.keras, "model.save('model.h5')")])
        }
        guard used.insert(Name(dataset.path)).inserted else {
          throw CheckpointError(
            .tensorDuplicate, "the dataset is listed twice", at: .init(object: dataset.path),
            reason: "'weight_names' was edited, or written by another tool",
            fixes: [.init(.keras, "model.save('model.h5')")])
        }
        arrays.append(KerasArray(name: weight, tensor: try file.tensor(dataset)))
      }
      layers.append(LayerArrays(name: name, arrays: arrays))
    }
    for object in file.objects where object.isDataset && !used.contains(Name(object.path)) {
      if object.path.hasPrefix("/optimizer_weights/") {
        optimizer.append(object)
      } else {
        unused.append(object)
      }
    }
  }

  /// A list of names; Keras splits a list that is too long for HDF5 into `name0`, `name1`, ….
  static func names(
    _ attribute: String, of object: HDF5Object, in file: inout HDF5File
  ) throws(CheckpointError) -> [String] {
    var regions = try file.strings(attribute, of: object)
    if regions == nil {
      var chunk = 0
      while let more = try file.strings("\(attribute)\(chunk)", of: object) {
        regions = (regions ?? []) + more
        chunk += 1
      }
    }
    guard let regions else {
      throw CheckpointError(
        .kerasWeightsMissing, "the group has no attribute '\(attribute)'",
        at: object.location.inside(.init(object: object.path)))
    }
    var names: [String] = []
    for region in regions {
      guard let text = region.text() else {
        throw CheckpointError(
          .hdf5AttributeInvalid, "a name in '\(attribute)' is not UTF-8", at: region.location)
      }
      names.append(text)
    }
    return names
  }

  // MARK: assignment

  /// The arrays of every layer of `architecture`, by path.
  ///
  /// Layers are paired by name, or else by position, as Keras does. The arrays of a nested model
  /// are one list: all trainable arrays, layer by layer, then all others.
  ///
  /// - Throws: `tensor.missing` when the layer count or an array count does not fit.
  func assigned(
    to architecture: KerasArchitecture, _ diagnostics: inout [Diagnostic], byPlace: Bool = false
  ) throws(CheckpointError) -> [Name: [KerasArray]] {
    let stored = layers.filter { !$0.arrays.isEmpty }
    let known = Set(architecture.layers.map { Name($0.name) })
    var pairs: [(KerasArchitecture.LayerConfig, LayerArrays)] = []
    if !byPlace, stored.allSatisfy({ known.contains(Name($0.name)) }) {
      for layer in stored {
        if let config = architecture.layers.first(where: { Name($0.name) == Name(layer.name) }) {
          pairs.append((config, layer))
        }
      }
    } else {
      let takers = architecture.layers.filter { $0.hasArrays ?? true }
      guard takers.count == stored.count else {
        let similar = SimilarNames(
          missing: takers.map(\.name).filter { name in
            !stored.contains { Name($0.name) == Name(name) }
          },
          unused: stored.map(\.name).filter { !known.contains(Name($0)) })
        throw CheckpointError(
          .tensorMissing,
          "the file has weights for \(stored.count) layers and the architecture needs them for "
            + "\(takers.count)",
          expected: takers.map(\.name).joined(separator: ", "),
          found: stored.map(\.name).joined(separator: ", "),
          hint: "give the architecture these weights were saved from",
          notes: takers.compactMap { taker in
            similar.unused(for: taker.name).map {
              "there are no weights for '\(taker.name)'; the file has '\($0)', which nothing uses"
            }
          })
      }
      pairs = Array(zip(takers, stored))
      if pairs.contains(where: { Name($0.name) != Name($1.name) }) {
        diagnostics.append(
          Diagnostic(
            .kerasPairedByPosition, .note,
            "the layers' names differ from the architecture's; they were paired by position",
            notes: pairs.map { "'\($1.name)' → '\($0.name)'" }))
      }
    }
    var arrays: [Name: [KerasArray]] = [:]
    for (config, layer) in pairs {
      guard config.nested != nil else {
        arrays[Name(config.name)] = layer.arrays
        continue
      }
      var distribution = KerasNestedArrays(layer.arrays)
      try distribution.distribute(to: config)
      arrays.merge(distribution.arrays) { $1 }
    }
    return arrays
  }
}

/// Deals out the one list of a nested model to its layers.
private struct KerasNestedArrays {
  private let given: [KerasArray]
  private var position = 0
  private(set) var arrays: [Name: [KerasArray]] = [:]

  init(_ given: [KerasArray]) { self.given = given }

  mutating func distribute(to model: KerasArchitecture.LayerConfig) throws(CheckpointError) {
    var leaves: [(path: String, plan: KerasArrayPlan)] = []
    try Self.collect(model, at: "\(model.name)/", into: &leaves)
    let needed = leaves.reduce(0) { $0 + $1.plan.arrays.count }
    guard needed == given.count else {
      throw CheckpointError(
        given.count < needed ? .tensorMissing : .tensorUnused,
        "the model '\(model.name)' inside the model has \(given.count) arrays in the file and its "
          + "layers need \(needed)", at: model.location,
        expected: leaves.map { "\($0.path): \($0.plan.arrays.count)" }.joined(separator: ", "),
        found: "\(given.count) arrays")
    }
    for isTrainable in [true, false] {
      for (path, plan) in leaves {
        for array in plan.arrays where array.isTrainable == isTrainable {
          arrays[Name(path), default: []].append(given[position])
          position += 1
        }
      }
    }
  }

  private static func collect(
    _ model: KerasArchitecture.LayerConfig, at path: String,
    into leaves: inout [(path: String, plan: KerasArrayPlan)]
  ) throws(CheckpointError) {
    for layer in model.nested?.layers ?? [] {
      if layer.nested != nil {
        try collect(layer, at: "\(path)\(layer.name)/", into: &leaves)
      } else if let plan = KerasArrayPlan(layer) {
        leaves.append((path + layer.name, plan))
      } else {
        throw CheckpointError(
          .kerasLayerUnsupported,
          "layer '\(path)\(layer.name)' is of class '\(layer.className)', which is unknown: which "
            + "of the arrays of '\(model.name)' are its own can't be told", at: layer.location)
      }
    }
  }
}

extension Diagnostic.Code {
  static let kerasWeightsMissing = Self(rawValue: "keras.weights.missing")
  static let kerasPairedByPosition = Self(rawValue: "keras.layers.paired-by-position")
}
