import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// Pickles by themselves; what is in them is told by the names of classes.
  static let pickles: [ForeignFormat] = [
    ForeignFormat(
      "a file that joblib compressed",
      hint: "the line writes it as it is; what it holds is told then",
      recognizes: isCompressedByJoblib
    ) { path in
      ["import joblib; joblib.dump(joblib.load(\(pythonString(path))), 'model.joblib', compress=0)"]
    },
    ForeignFormat(
      "an estimator of scikit-learn that joblib saved", comesFirst: true,
      recognizes: { isOfJoblib($0) && $0.mentions("sklearn.") && !$0.mentions("torch._utils") }
    ) { path in ["import joblib, numpy as np; " + attributes("joblib.load(\(pythonString(path)))")]
    },
    ForeignFormat(
      "an object with a network of torch that joblib saved", comesFirst: true,
      hint:
        "put the name of its network in place of NETWORK, or leave '.NETWORK' out for a network",
      recognizes: { isOfJoblib($0) && $0.mentions("torch.nn.modules") }
    ) { path in
      [
        "import joblib, torch; e = joblib.load(\(pythonString(path))); "
          + "torch.save(e.NETWORK.state_dict(), 'model.pt')"
      ]
    },
    ForeignFormat(
      "a state dict that joblib saved", comesFirst: true,
      recognizes: { isOfJoblib($0) && $0.mentions("torch._utils") }
    ) { path in
      ["import joblib, torch; torch.save(joblib.load(\(pythonString(path))), 'model.pt')"]
    },
    ForeignFormat("an object that joblib saved", comesFirst: true, recognizes: isOfJoblib) { path in
      ["import joblib, numpy as np; " + arrays("joblib.load(\(pythonString(path)))")]
    },
    ForeignFormat(
      "a pickled network of torch",
      recognizes: { $0.isPickle && $0.mentions("torch.nn.modules") }
    ) { path in
      [
        "import pickle, torch; m = pickle.load(open(\(pythonString(path)), 'rb')); "
          + "torch.save(m.state_dict(), 'model.pt')"
      ]
    },
    ForeignFormat(
      "a state dict in a pickle by itself",
      recognizes: { $0.isPickle && $0.mentions("torch._utils") && $0.mentions("_load_from_bytes") }
    ) { path in
      [
        "import pickle, torch; torch.save(pickle.load(open(\(pythonString(path)), 'rb')), 'model.pt')"
      ]
    },
    ForeignFormat(
      "a pickled estimator of scikit-learn",
      recognizes: { $0.isPickle && $0.mentions("sklearn.") && !$0.mentions("torch._utils") }
    ) { path in
      ["import pickle, numpy as np; " + attributes(loaded(path))]
    },
    ForeignFormat(
      "a pickled object with NumPy arrays",
      recognizes: { probe in
        isOfNumPy(probe) && Root(probe) == .object
      }
    ) { path in ["import pickle, numpy as np; " + attributes(loaded(path))] },
    ForeignFormat("a pickle of NumPy arrays", recognizes: isOfNumPy) { path in
      ["import pickle, numpy as np; " + arrays(loaded(path))]
    },
    ForeignFormat(
      "a pickle of plain numbers", isOftenData: true,
      recognizes: { probe in
        (probe.isPickle || isText(probe)) && Root(probe) == .collection
      }
    ) { path in ["import pickle, numpy as np; " + arrays(loaded(path))] },
  ]

  private static func loaded(_ path: String) -> String {
    "pickle.load(open(\(pythonString(path)), 'rb'))"
  }

  /// Python that saves the arrays among the attributes of an object.
  private static func attributes(_ loaded: String) -> String {
    "e = \(loaded); "
      + "np.savez('model.npz', **{k: v for k, v in vars(e).items() if isinstance(v, np.ndarray)})"
  }

  /// Python that saves one array, a list of arrays in its order, or arrays and lists of numbers in
  /// dictionaries and lists, whose keys are joined with dots.
  private static func arrays(_ loaded: String) -> String {
    "d = \(loaded); "
      + "h = lambda v: isinstance(v, (list, tuple)) and any("
      + "isinstance(w, (np.ndarray, dict)) or h(w) for w in v); "
      + "f = lambda v, k: {a: b for n, w in (v.items() if isinstance(v, dict) else enumerate(v)) "
      + "for a, b in f(w, f'{k}.{n}' if k else str(n)).items()} if isinstance(v, dict) or h(v) "
      + "else {k: np.asarray(v)} if np.asarray(v).dtype.kind in 'biufc' else {}; "
      + "d = [d] if isinstance(d, np.ndarray) else d; "
      + "np.savez('model.npz', *d) if isinstance(d, (list, tuple)) "
      + "and all(isinstance(a, np.ndarray) for a in d) else np.savez('model.npz', **f(d, ''))"
  }

  @Sendable private static func isOfJoblib(_ probe: FileProbe) -> Bool {
    probe.isPickle && probe.mentions("joblib.numpy_pickle") && !probe.mentions("keras")
  }

  @Sendable private static func isOfNumPy(_ probe: FileProbe) -> Bool {
    (probe.isPickle || isText(probe))
      && (probe.mentions("numpy.core") || probe.mentions("numpy._core"))
  }

  /// Whether a file may be a pickle of protocol 0 or 1, which has no number of its protocol.
  private static func isText(_ probe: FileProbe) -> Bool {
    guard probe.bytes.count > 2, let last = try? probe.bytes.byte(at: probe.bytes.count - 1),
      last == UInt8(ascii: "."), let first = try? probe.bytes.byte(at: 0)
    else { return false }
    return Array("(]}c".utf8).contains(first)
  }

  /// The first bytes of what joblib compresses with: zlib, bz2, lzma, xz and lz4, and with gzip under a
  /// name of joblib (joblib/compressor.py).
  @Sendable private static func isCompressedByJoblib(_ probe: FileProbe) -> Bool {
    let beginnings: [[UInt8]] = [
      Array("BZh".utf8), [0x5D, 0x00, 0x00], [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00],
      [0x04, 0x22, 0x4D, 0x18],
    ]
    if beginnings.contains(where: { probe.bytes.holds($0) }) { return true }
    if probe.bytes.holds([0x1F, 0x8B]) {
      return ["joblib", ".pkl", ".pickle"].contains { splitPath(probe.path).name.contains($0) }
    }
    // The second byte of zlib makes a multiple of 31 of both; text is none.
    guard probe.bytes.holds([0x78]), let flags = try? probe.bytes.byte(at: 1),
      (0x7800 + Int(flags)) % 31 == 0,
      let start = try? probe.bytes.slice(at: 0, length: min(64, probe.bytes.count)).bytes()
    else { return false }
    return start.contains { $0 >= 0x7F || $0 < 0x09 }
  }

  /// What a pickle holds, as far as its outermost value tells.
  private enum Root {
    case object, collection

    init?(_ probe: FileProbe) {
      guard let (graph, _) = try? PickleMachine.read(probe.bytes) else { return nil }
      switch graph[graph.root] {
      case .tuple, .list, .dictionary: self = .collection
      case .call:
        guard !PickledArray.isArray(graph.root, graph), graph.items(graph.root) == nil else {
          return nil
        }
        self = .object
      case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .set, .global, .persistent:
        return nil
      }
    }
  }
}
