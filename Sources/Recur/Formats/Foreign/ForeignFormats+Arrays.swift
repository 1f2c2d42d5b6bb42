import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// Arrays by name, as programs around JAX and others write them.
  static let arrays: [ForeignFormat] = [
    ForeignFormat(
      "a checkpoint of Orbax", folder: "_CHECKPOINT_METADATA",
      recognizes: { splitPath($0.path).name == "_CHECKPOINT_METADATA" }
    ) { path in orbax(path.hasSuffix("_CHECKPOINT_METADATA") ? splitPath(path).folder : path) },
    ForeignFormat("a GGUF file", recognizes: { $0.bytes.holds(Array("GGUF".utf8)) }) { path in
      [
        "import numpy as np; from gguf import GGUFReader; np.savez('model.npz', "
          + "**{t.name: t.data for t in GGUFReader(\(pythonString(path))).tensors})"
      ]
    },
  ]

  private static func orbax(_ folder: String) -> [String] {
    [
      "import os, numpy as np, orbax.checkpoint as o; from flax import traverse_util as t; "
        + "np.savez('model.npz', **t.flatten_dict(o.PyTreeCheckpointer().restore("
        + "os.path.abspath(\(pythonString(folder)))), sep='.'))"
    ]
  }
}
