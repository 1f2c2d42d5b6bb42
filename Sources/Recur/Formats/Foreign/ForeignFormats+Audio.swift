import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What audio plug-ins load: weights as numbers in JSON.
  static let audio: [ForeignFormat] = [
    ForeignFormat(
      "a model of Neural Amp Modeler",
      recognizes: { probe in
        has(["architecture", "config", "weights"], probe)
      }
    ) { path in
      [
        "import json, numpy as np; np.savez('model.npz', "
          + "weights=np.array(json.load(open(\(pythonString(path))))['weights'], 'float32'))"
      ]
    },
    ForeignFormat(
      "a model of RTNeural", recognizes: { has(["in_shape", "layers"], $0) }
    ) { path in
      [
        "import json, numpy as np; np.savez('model.npz', **{f\"{i}.{l['type']}.{j}\": "
          + "np.array(w, 'float32') for i, l in enumerate(json.load(open(\(pythonString(path))))"
          + "['layers']) for j, w in enumerate(l['weights'])})"
      ]
    },
    ForeignFormat(
      "a model of GuitarML", recognizes: { has(["model_data", "state_dict"], $0) }
    ) { path in
      [
        "import json, torch; torch.save({k.removeprefix('rec.'): torch.tensor(v) for k, v in "
          + "json.load(open(\(pythonString(path))))['state_dict'].items()}, 'model.pt')"
      ]
    },
  ]

  @Sendable private static func has(_ names: [String], _ probe: FileProbe) -> Bool {
    guard let json = probe.json(.init()) else { return false }
    return names.allSatisfy { json[$0] != nil }
  }
}
