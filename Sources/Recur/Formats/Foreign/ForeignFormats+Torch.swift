import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What torch writes besides its checkpoints.
  static let torch: [ForeignFormat] = [
    ForeignFormat(
      "a distributed checkpoint of torch", comesFirst: true, folder: ".metadata", place: .shell,
      recognizes: { probe in
        probe.path.hasSuffix(".distcp") && probe.isZip
          || probe.isPickle && probe.mentions("torch.distributed.checkpoint.metadata")
      }
    ) { path in
      let isFile = path.hasSuffix(".distcp") || splitPath(path).name == ".metadata"
      let folder = isFile ? splitPath(path).folder : path
      return [
        "python -m torch.distributed.checkpoint.format_utils dcp_to_torch \(shellWord(folder)) model.pt"
      ]
    },
    ForeignFormat(
      "a package of torch.package", comesFirst: true,
      recognizes: { probe in
        probe.zipEntryNames?.contains { $0.hasSuffix("/.data/extern_modules") } ?? false
      }
    ) { path in
      let pickle = (try? FileProbe(path: path))?.zipEntryNames?
        .first { $0.hasSuffix(".pkl") && !$0.contains("/.data/") }?
        .split(separator: "/").dropFirst().map(String.init)
      let resource = pickle?.last ?? "model.pkl"
      let package = pickle?.dropLast().joined(separator: ".") ?? "model"
      return [
        "import torch; m = torch.package.PackageImporter(\(pythonString(path))).load_pickle("
          + "\(pythonString(package)), \(pythonString(resource))); "
          + "torch.save(m.state_dict(), 'model.pt')"
      ]
    },
    ForeignFormat("a file of Torch7", hint: "pip install torchfile", recognizes: isTorch7) { path in
      [
        "import numpy as np, torchfile; n = torchfile.load(\(pythonString(path))); "
          + "np.savez('model.npz', **{f'{i}.{k.decode()}': v for i, m in enumerate(n.modules) "
          + "for k, v in m._obj.items() if isinstance(v, np.ndarray)})"
      ]
    },
  ]

  /// A table, or an object with its version: binary with integers of 4 bytes, or ASCII.
  @Sendable private static func isTorch7(_ probe: FileProbe) -> Bool {
    let bytes = probe.bytes
    if bytes.holds([3, 0, 0, 0, 1, 0, 0, 0]) { return true }
    if bytes.holds([4, 0, 0, 0]) { return bytes.holds(Array("V 1".utf8), at: 12) }
    return bytes.holds(Array("4\n1\n3\nV 1\n".utf8)) || bytes.holds(Array("3\n1\n".utf8))
  }
}
