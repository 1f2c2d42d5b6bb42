import RecurContainers
import RecurFormats
import RecurKeras
import RecurTensors

/// A model of TensorFlow.js: `model.json` with the topology and a list of the weights, and files that
/// hold the weights one behind the other (tfjs-core/src/io/types.ts, `ModelJSON`).
struct WebModel {
  let json: JSONValue
  let location: Diagnostic.Location
  /// The files with weights, in the order of the manifest.
  let shards: [String]
  private let groups: [WebWeightGroup]

  /// Reads `model.json`; no weights are read.
  ///
  /// - Throws: `tensorflow.web.invalid`, `json.invalid`.
  init(_ probe: FileProbe, limits: DecodeLimits) throws(CheckpointError) {
    json = try JSONParser.parse(probe.bytes, allowsPythonNumbers: true, limits: limits)
    location = probe.bytes.location
    var groups: [WebWeightGroup] = []
    for group in json["weightsManifest"]?.array ?? [] {
      groups.append(try WebWeightGroup(group, at: location, limits))
    }
    self.groups = groups
    shards = groups.flatMap(\.paths)
    guard Set(shards.map { Name($0) }).count == shards.count else {
      throw CheckpointError(
        .webModelInvalid, "the manifest lists a file of weights twice", at: location)
    }
  }

  /// Whether a JSON is that of such a model.
  static func recognizes(_ json: JSONValue) -> Bool {
    json["weightsManifest"]?.array != nil || json["modelTopology"] != nil
  }

  /// The topology of Keras' layers and the version whose rules hold for it.
  ///
  /// Layers that JavaScript saved follow the rules of Keras 2.2 (tfjs-layers/src/layers/recurrent.ts).
  ///
  /// - Throws: `tensorflow.unsupported` for a graph of operators, `keras.config.invalid`.
  func architecture() throws(CheckpointError) -> KerasArchitecture {
    guard let topology = json["modelTopology"] else {
      throw CheckpointError(
        .webModelInvalid, "the file lists weights and no topology", at: location,
        hint: "give the model.json that the model was saved with")
    }
    let config = topology["model_config"] ?? topology
    guard json["format"]?.string != "graph-model", config["class_name"] != nil else {
      throw CheckpointError(
        .tensorFlowUnsupported,
        "this is a graph model of TensorFlow.js: it holds operators and no layers", at: location,
        expected: "a layers model",
        hint: "convert the model that it was made from, or make a layers model of that one with "
          + "tensorflowjs.converters.save_keras_model(model, 'folder')")
    }
    let text = topology["keras_version"]?.string ?? ""
    let isJavaScript = text.hasPrefix("tfjs-layers") || text.isEmpty
    return try KerasArchitecture(
      config, version: try KerasVersion(isJavaScript ? "2.2.4" : text, at: location),
      at: location.inside(.init(object: "modelTopology")))
  }

  /// The weights by their names, and the names of those that were quantized.
  ///
  /// - Throws: `tensorflow.web.invalid`, `folder.file-outside`, `file.unreadable`.
  func weights(
    _ folder: FolderFiles, limits: DecodeLimits
  ) throws(CheckpointError) -> (table: TensorTable, quantized: [String]) {
    var table = TensorTable()
    var quantized: [String] = []
    for group in groups {
      for (weight, tensor) in try group.tensors(folder) {
        guard let tensor else {
          try table.append(
            UnreadableTensor(
              name: weight.name, type: weight.type, shape: weight.shape, byteCount: 0,
              location: location))
          continue
        }
        try table.append(weight.name, tensor)
        if weight.quantization != nil { quantized.append(weight.name) }
      }
    }
    return (table, quantized)
  }
}

extension Diagnostic.Code {
  /// A `model.json` or its files with weights that contradict each other.
  static let webModelInvalid = Self(rawValue: "tensorflow.web.invalid")
}
