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
    ForeignFormat(
      "a msgpack file of Flax parameters", hint: "keys are joined with dots",
      recognizes: isMessagePack
    ) { path in
      [
        "import numpy as np; from flax import serialization, traverse_util as t; "
          + "np.savez('model.npz', **t.flatten_dict(serialization.msgpack_restore("
          + "open(\(pythonString(path)), 'rb').read()), sep='.'))"
      ]
    },
    ForeignFormat(
      "a file of Equinox leaves", hint: "arrays stand one behind the other, without names",
      recognizes: { probe in
        probe.path.hasSuffix(".eqx")
          && (probe.bytes.holds(NPYFile.magic) || probe.bytes.holds(Array("{".utf8)))
      }
    ) { path in
      [
        "import numpy as np; f = open(\(pythonString(path)), 'rb'); "
          + "f.peek(1)[:1] == b'{' and f.readline(); "
          + "np.savez('model.npz', *[np.load(f) for _ in iter(lambda: f.peek(1)[:1], b'')])"
      ]
    },
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

  /// A map whose first key is a text (msgpack's specification: fixmap, map 16; fixstr, str 8).
  @Sendable private static func isMessagePack(_ probe: FileProbe) -> Bool {
    guard let first = try? probe.bytes.byte(at: 0) else { return false }
    let start: Int
    switch first {
    case 0x81...0x8F: start = 1
    case 0xDE: start = 3
    default: return false
    }
    guard let key = try? probe.bytes.byte(at: start) else { return false }
    let length =
      key == 0xD9 ? (try? probe.bytes.byte(at: start + 1)).map(Int.init) : Int(key) - 0xA0
    guard (0xA1...0xBF).contains(key) || key == 0xD9, let length,
      let text = try? probe.bytes.slice(at: start + (key == 0xD9 ? 2 : 1), length: length).text()
    else { return false }
    return text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}
