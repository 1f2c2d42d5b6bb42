import RecurContainers
package import RecurFormats
import RecurTensors

// Recognition of the files of each trait, without the target that reads these files. A test
// compares this recognition with that of the formats themselves.
extension LeftOutFormats {
  /// The formats of the trait `Keras`.
  package static let keras = LeftOutFormats(
    trait: "Keras",
    ids: [
      "keras-pickle", "keras", "keras-h5", "keras-weights", "keras-shards", "keras-json",
      "keras2-h5",
    ],
    extensions: [".keras", ".h5", ".hdf5"]
  ) { probe in
    if holdsKerasPickle(probe) { return true }
    if let names = probe.zipEntryNames {
      return names.contains("config.json") && names.contains { $0.hasPrefix("model.weights.") }
    }
    if probe.isHDF5 {
      let attributes = ["model_config", "layer_names", "layer_names0"]
      return probe.hdf5RootAttributes.contains(where: attributes.contains)
        || (try? probe.hdf5File()).map(holdsNativeWeights) ?? false
    }
    guard let json = probe.json(.init()) else { return false }
    let models: [String?] = ["Sequential", "Functional", "Model"]
    return models.contains(json["class_name"]?.string) && json["config"] != nil
      || json["weight_map"] != nil && !namesSafetensors(json)
  }

  /// Whether a pickle, or that of torch's archive, names Keras and has an archive inside.
  private static func holdsKerasPickle(_ probe: FileProbe) -> Bool {
    var pickle: ByteRegion?
    if let name = probe.zipEntryNames?.first(where: { $0.hasSuffix("/data.pkl") }) {
      let archive = try? ZipArchive(probe.bytes)
      pickle = archive.flatMap { archive in
        archive[name].flatMap { try? archive.content(of: $0) }
      }
    } else if (2...5).contains(where: { probe.bytes.holds([0x80, $0]) }) {
      pickle = probe.bytes
    }
    guard let pickle, pickle.position(of: Array("keras".utf8)) != nil else { return false }
    return [ZipArchive.magic, Array("ustar".utf8)].contains { pickle.position(of: $0) != nil }
  }

  /// Whether an HDF5 file has groups of layers, or of variables.
  private static func holdsNativeWeights(_ file: HDF5File) -> Bool {
    file.objects.contains { object in
      let parts = object.path.split { $0 == "/" || $0 == "\\" }
      return ["layers", "_layer_checkpoint_dependencies"].contains(parts.first)
        || object.isDataset && parts.dropLast().last == "vars" && Int(parts.last ?? "") != nil
    }
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
    guard !holdsKerasPickle(probe), !isNestedArrays(probe) else { return false }
    if let names = probe.zipEntryNames {
      return names.contains { name in
        name.hasSuffix("/data.pkl") || name.hasSuffix(".npy") || name.hasSuffix(".pt")
          || name == "policy.pth"
          || name.hasSuffix("/archive_format") || name.hasSuffix("_weights_config.json")
          || name.hasSuffix("serialized_exported_program.json")
          || name.contains("data/aotinductor/")
      }
    }
    if let json = probe.json(.init()) { return namesSafetensors(json) }
    // Also PyTorch: a broken archive, a pickle from before torch 1.6, and a tar archive of torch
    // 0.1.
    return probe.isZip || (2...5).contains { probe.bytes.holds([0x80, $0]) }
      || probe.bytes.holds(Array("ustar".utf8), at: 257)
      || SafetensorsFile.recognizes(probe.bytes)
  }

  /// The format of the trait `ONNX`.
  package static let onnx = LeftOutFormats(trait: "ONNX", ids: ["onnx"], extensions: [".onnx"]) {
    ProtobufOutline.beginsLikeModelWithGraph($0.bytes)
  }

  /// Whether an index says that tensors are in safetensors files.
  private static func namesSafetensors(_ index: JSONValue) -> Bool {
    index["weight_map"]?.object?.members.contains {
      $0.value.string?.hasSuffix(".safetensors") ?? false
    } ?? false
  }
}
