import RecurContainers
import RecurTensors

/// The arrays of a Keras HDF5 file, by layer and in Keras' order.
///
/// Order and shape are all that counts: `layer_names` and `weight_names` give the order, while the
/// paths of the datasets differ between versions.
struct KerasH5Weights {
  struct LayerArrays {
    let name: String
    let tensors: [Tensor]
  }

  /// The layers in the file's order, those without arrays included.
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
          at: .init(object: "\(root)@layer_names"))
      }
      var tensors: [Tensor] = []
      for weight in try Self.names("weight_names", of: layer, in: &file) {
        guard let dataset = file["\(path)/\(weight)"], dataset.isDataset else {
          throw CheckpointError(
            .kerasWeightsMissing,
            "'weight_names' of '\(name)' lists '\(weight)', and there is no such dataset",
            at: .init(object: "\(path)@weight_names"))
        }
        guard used.insert(Name(dataset.path)).inserted else {
          throw CheckpointError(
            .tensorDuplicate, "the dataset is listed twice", at: .init(object: dataset.path))
        }
        tensors.append(try file.tensor(dataset))
      }
      layers.append(LayerArrays(name: name, tensors: tensors))
    }
    for object in file.objects where object.isDataset && !used.contains(Name(object.path)) {
      if object.path.hasPrefix("/optimizer_weights/") {
        optimizer.append(object)
      } else {
        unused.append(object)
      }
    }
  }

  /// A list of names, which Keras splits into `name0`, `name1`, … when it is too long for HDF5.
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
}

extension Diagnostic.Code {
  static let kerasWeightsMissing = Self(rawValue: "keras.weights.missing")
}
