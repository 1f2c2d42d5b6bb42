import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What TensorFlow writes.
  static let tensorFlow: [ForeignFormat] = [
    ForeignFormat(
      "a TensorFlow SavedModel", folder: "saved_model.pb",
      hint:
        "give the folder to TensorFlow; arrays go with the architecture of the model that has them",
      recognizes: isSavedModel
    ) { path in savedModel(path.hasSuffix(".pb") ? splitPath(path).folder : path) },
    ForeignFormat(
      "a part of a TensorFlow SavedModel",
      hint: "the model is in the folder that holds saved_model.pb",
      recognizes: { probe in
        let (folder, name) = splitPath(probe.path)
        return ["keras_metadata.pb", "fingerprint.pb"].contains(name)
          || splitPath(folder).name == "variables" && name.hasPrefix("variables.")
      }
    ) { path in
      let folder = splitPath(path).folder
      let isInside = splitPath(folder).name == "variables"
      return savedModel(isInside ? splitPath(folder).folder : folder)
    },
    ForeignFormat(
      "a TensorFlow checkpoint", folder: "checkpoint", fillsFolder: false,
      hint:
        "arrays of a model of Keras are written in the order of get_weights(), in which an architecture "
        + "of Keras takes them",
      recognizes: { probe in isTable(probe) || isPartOfCheckpoint(probe) }
    ) { path in
      let prefix = checkpointPrefix(path)
      return [
        "import numpy as np, tensorflow as tf; p = "
          + (prefix.map(pythonString) ?? "tf.train.latest_checkpoint(\(pythonString(latest(path))))")
          + "; \(variables); \(ordered)"
      ]
    },
    ForeignFormat("a frozen TensorFlow graph", recognizes: isGraph) { path in
      [
        "import numpy as np, tensorflow as tf; g = tf.compat.v1.GraphDef(); "
          + "g.ParseFromString(open(\(pythonString(path)), 'rb').read()); "
          + "np.savez('model.npz', **{n.name: tf.make_ndarray(n.attr['value'].tensor) "
          + "for n in g.node if n.op == 'Const'})"
      ]
    },
    ForeignFormat(
      "a TensorFlow Lite model", recognizes: { $0.bytes.holds(Array("TFL3".utf8), at: 4) }
    ) { path in
      [
        "import numpy as np, tensorflow as tf; "
          + "i = tf.lite.Interpreter(\(pythonString(path)), experimental_preserve_all_tensors=True); "
          + "i.allocate_tensors(); np.savez('model.npz', **{f\"{d['index']}:{d['name']}\": "
          + "i.get_tensor(d['index']) for d in i.get_tensor_details() if d['name']})"
      ]
    },
    ForeignFormat(
      "a TensorFlow.js model", folder: "model.json", fillsFolder: false,
      recognizes: { probe in
        let name = splitPath(probe.path).name
        if name.hasSuffix(".bin"), name.contains("-shard"), name.contains("of") { return true }
        guard let json = probe.json(.init()) else { return false }
        return json["weightsManifest"] != nil || json["modelTopology"] != nil
      }
    ) { path in
      let isShard = path.hasSuffix(".bin")
      let file =
        path.hasSuffix(".json") ? path : (isShard ? splitPath(path).folder : path) + "/model.json"
      return [
        "import tensorflowjs as tfjs; "
          + "tfjs.converters.load_keras_model(\(pythonString(file))).save('model.h5')"
      ]
    },
  ]

  /// The whole model where Keras wrote it, and the arrays by the names of variables; a module that lists
  /// no variables has them in a checkpoint.
  private static func savedModel(_ path: String) -> [String] {
    let folder = pythonString(path)
    let isOfKeras = (try? FileProbe(path: path + "/saved_model.pb"))?.mentions("_tf_keras_") == true
    let whole = "import tf_keras; tf_keras.models.load_model(\(folder)).save('model.keras')"
    let arrays =
      "import numpy as np, tensorflow as tf; w = getattr(tf.saved_model.load(\(folder)), "
      + "'variables', []); p = \(folder) + '/variables/variables'; \(variables); "
      + "np.savez('model.npz', **({v.name: v.numpy() for v in w} "
      + "if 0 < len(w) == len({v.name for v in w}) else a))"
    return (isOfKeras ? [whole] : []) + [arrays]
  }

  /// Python that reads the variables of the checkpoint `p` into the dictionary `a`.
  private static let variables =
    "a = {n.removesuffix('/.ATTRIBUTES/VARIABLE_VALUE'): tf.train.load_variable(p, n) "
    + "for n, _ in tf.train.list_variables(p) if n != '_CHECKPOINTABLE_OBJECT_GRAPH'}"

  /// Python that saves the variables in `a`: those of Keras' layers in the order of `get_weights()`, where
  /// they are numbered by layer, and others under their names
  /// (tf_keras/src/engine/functional.py, `_layer_checkpoint_dependencies`).
  private static let ordered =
    "r = ['forward_layer', 'backward_layer', '_query_dense', '_key_dense', '_value_dense', "
    + "'_output_dense', 'depthwise_kernel', 'embeddings', 'kernel', 'pointwise_kernel', "
    + "'recurrent_kernel', 'gamma', 'beta', 'moving_mean', 'moving_variance', 'bias']; "
    + "k = lambda n: [int(q.split('-')[-1]) if q.split('-')[-1].isdigit() else r.index(q) if q in r "
    + "else 0 for q in n.split('/')]; "
    + "l = sorted((n for n in a if 'layer_with_weights-' in n and 'OPTIMIZER' not in n), key=k); "
    + "np.savez('model.npz', *[a[n] for n in l]) if l else np.savez('model.npz', **a)"

  /// `SavedModel`: a version, which is 1, and graphs (tensorflow/core/protobuf/saved_model.proto).
  @Sendable private static func isSavedModel(_ probe: FileProbe) -> Bool {
    guard probe.bytes.holds([0x08, 0x01, 0x12]), let outline = ProtobufOutline(probe.bytes) else {
      return false
    }
    return outline.isWhole && outline.fields.allSatisfy { $0.number <= 2 } && outline.hasBytes(2)
  }

  /// `GraphDef`: nodes with a name and an operation (tensorflow/core/framework/graph.proto).
  @Sendable private static func isGraph(_ probe: FileProbe) -> Bool {
    guard probe.bytes.holds([0x0A]), let outline = ProtobufOutline(probe.bytes, bound: 8),
      case .bytes(let first) = outline.fields.first?.value, let node = ProtobufOutline(first)
    else { return false }
    guard node.text(1)?.isEmpty == false, let operation = node.text(2) else { return false }
    return operation.first?.isUppercase == true
      && operation.allSatisfy { $0.isLetter || $0.isNumber }
      && outline.fields.allSatisfy { $0.number <= 4 }
  }

  /// A table of LevelDB, in which both generations of checkpoints keep their names
  /// (tensorflow/core/lib/io/format.h, `kTableMagicNumber`).
  private static func isTable(_ probe: FileProbe) -> Bool {
    let magic: [UInt8] = [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB]
    return probe.bytes.count > 48 && probe.bytes.holds(magic, at: probe.bytes.count - 8)
  }

  private static func isPartOfCheckpoint(_ probe: FileProbe) -> Bool {
    let name = splitPath(probe.path).name
    if probe.bytes.holds(Array("model_checkpoint_path:".utf8)) { return true }
    if name.hasSuffix(".meta"), let outline = ProtobufOutline(probe.bytes) {
      return outline.isWhole && outline.hasBytes(2)
    }
    return shard(name) != nil
  }

  /// What stands before `.data-00000-of-00001` in a name; nil for other names.
  private static func shard(_ name: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = parts.last, last.hasPrefix("data-"), last.contains("-of-") else { return nil }
    return parts.dropLast().joined(separator: ".")
  }

  /// The path that TensorFlow calls a checkpoint by; nil for a folder of several.
  private static func checkpointPrefix(_ path: String) -> String? {
    for ending in [".index", ".meta"] where path.hasSuffix(ending) {
      return String(path.dropLast(ending.count))
    }
    if let prefix = shard(path) { return prefix }
    let isFolder = isRegularFile(path + "/checkpoint")
    return splitPath(path).name == "checkpoint" || isFolder ? nil : path
  }

  /// The folder whose list of checkpoints is at `path` or in it.
  private static func latest(_ path: String) -> String {
    splitPath(path).name == "checkpoint" ? splitPath(path).folder : path
  }
}
