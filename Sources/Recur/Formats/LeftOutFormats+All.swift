import RecurContainers
package import RecurFormats
import RecurTensors

// What tells the files of each trait from others without the target that reads them. A test holds these
// against the formats themselves.
extension LeftOutFormats {
  /// The formats of the trait `Keras`.
  package static let keras = LeftOutFormats(
    trait: "Keras",
    ids: ["keras", "keras-h5", "keras-weights", "keras-shards", "keras-json", "keras2-h5"],
    extensions: [".keras", ".h5", ".hdf5"]
  ) { probe in
    if let names = probe.zipEntryNames {
      return names.contains("config.json") && names.contains { $0.hasPrefix("model.weights.") }
    }
    if probe.isHDF5 {
      let attributes = ["model_config", "layer_names", "layer_names0"]
      let groups = ["/layers", "/_layer_checkpoint_dependencies"]
      return probe.hdf5RootAttributes.contains(where: attributes.contains)
        || (try? probe.hdf5File()).map { file in groups.contains { file[$0] != nil } } ?? false
    }
    guard let json = probe.json(.init()) else { return false }
    let models: [String?] = ["Sequential", "Functional", "Model"]
    return models.contains(json["class_name"]?.string) && json["config"] != nil
      || json["weight_map"] != nil && !namesSafetensors(json)
  }

  /// What of Keras' formats needs libhdf5: they are read without it.
  package static let hdf5Writing = LeftOutFormats(
    trait: "HDF5Writing", ids: ["keras", "keras-h5", "keras-weights", "keras2-h5"],
    extensions: [".keras", ".h5"]
  ) { _ in false }

  /// The formats of the trait `PyTorch`: its own, and those that are read as its state dicts.
  package static let pytorch = LeftOutFormats(
    trait: "PyTorch", ids: ["pytorch", "npz", "safetensors", "safetensors-shards"],
    extensions: [".pt", ".pth", ".npz", ".safetensors"]
  ) { probe in
    if let names = probe.zipEntryNames {
      return names.contains { name in
        name.hasSuffix("/data.pkl") || name.hasSuffix(".npy") || name.hasSuffix(".pt")
          || name.hasSuffix("/archive_format") || name.hasSuffix("_weights_config.json")
          || name.hasSuffix("serialized_exported_program.json")
          || name.contains("data/aotinductor/")
      }
    }
    if let json = probe.json(.init()) { return namesSafetensors(json) }
    // A broken archive, a pickle as torch saved before 1.6, and a tar archive as in 0.1.
    return probe.isZip || (2...5).contains { probe.bytes.holds([0x80, $0]) }
      || probe.bytes.holds(Array("ustar".utf8), at: 257)
      || SafetensorsFile.recognizes(probe.bytes)
  }

  /// Whether an index says that tensors are in safetensors files.
  private static func namesSafetensors(_ index: JSONValue) -> Bool {
    index["weight_map"]?.object?.members.contains {
      $0.value.string?.hasSuffix(".safetensors") ?? false
    } ?? false
  }
}
