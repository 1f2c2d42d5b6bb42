import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// Pickles by themselves; what is in them is told by the names of classes.
  static let pickles: [ForeignFormat] =
    compressed + [
      ForeignFormat(
        "a pickle of arrays of jax",
        hint: "arrays of NumPy in a pickle are read, if they are {module: {name: array}}",
        recognizes: { $0.isPickle && $0.mentions("jax._src.array") }
      ) { path in
        [
          "import jax, pickle; pickle.dump(jax.device_get(\(loaded(path))), open('model.pkl', 'wb'))"
        ]
      },
      ForeignFormat(
        "an estimator of scikit-learn that joblib saved", comesFirst: true,
        recognizes: { isOfJoblib($0) && $0.mentions("sklearn.") && !$0.mentions("torch._utils") }
      ) { path in
        ["import joblib, numpy as np; " + attributes("joblib.load(\(pythonString(path)))")]
      },
      ForeignFormat(
        "an object with a network of torch that joblib saved", comesFirst: true,
        hint:
          "put the name of its network in place of NETWORK, or leave '.NETWORK' out for a network",
        recognizes: { isOfJoblib($0) && isNetwork($0) }
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
      ForeignFormat("an object that joblib saved", comesFirst: true, recognizes: isOfJoblib) {
        path in
        ["import joblib, numpy as np; " + arrays("joblib.load(\(pythonString(path)))")]
      },
      ForeignFormat(
        "a pickled network of torch",
        hint: "the code of its classes has to be at hand, as for torch.load",
        recognizes: { $0.isPickle && isNetwork($0) }
      ) { path in
        [
          "import pickle, torch; m = pickle.load(open(\(pythonString(path)), 'rb')); "
            + "torch.save(m.state_dict(), 'model.pt')"
        ]
      },
      ForeignFormat(
        "a state dict in a pickle by itself",
        recognizes: {
          $0.isPickle && $0.mentions("torch._utils") && $0.mentions("_load_from_bytes")
        }
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
        "a pickled object of a class of somebody's own with NumPy arrays in it",
        hint: "the line takes the arrays out of its attributes, and needs no code of its class",
        recognizes: { isOfNumPy($0) && ownClass($0) != nil }
      ) { path in
        let name = (try? FileProbe(path: path)).flatMap(ownClass)
        return [
          "import pickle, numpy as np; \(standIns); "
            + arrays("U(open(\(pythonString(path)), 'rb')).load()")
            + (name.map { "  # \($0)" } ?? "")
        ]
      },
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
    "d = \(loaded); d = vars(d) if hasattr(d, '__dict__') else d; "
      + "h = lambda v: isinstance(v, (list, tuple)) and any("
      + "isinstance(w, (np.ndarray, dict)) or hasattr(w, '__dict__') or h(w) for w in v); "
      + "f = lambda v, k: f(vars(v), k) if hasattr(v, '__dict__') else {a: b for n, w in (v.items() if isinstance(v, dict) else enumerate(v)) "
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

  /// Whether a pickle holds a module of torch: one of torch's own, or one with the attributes of all.
  private static func isNetwork(_ probe: FileProbe) -> Bool {
    probe.mentions("torch.nn.modules")
      || probe.mentions("_parameters") && probe.mentions("_modules")
  }

  /// Python in which an unpickler makes empty objects of classes that are not NumPy's or Python's own.
  private static let standIns =
    "U = type('U', (pickle.Unpickler,), {'find_class': lambda s, m, n: "
    + "pickle.Unpickler.find_class(s, m, n) if m.split('.')[0] in ('numpy', 'builtins', '_codecs', "
    + "'collections', 'copyreg') else type(n, (), {'__new__': lambda c, *a, **k: object.__new__(c), "
    + "'__init__': lambda s, *a, **k: None})})"

  /// The first class in a pickle that is neither NumPy's nor Python's own.
  private static func ownClass(_ probe: FileProbe) -> String? {
    guard let (graph, _) = try? PickleMachine.read(probe.bytes) else { return nil }
    let known: Set = [
      "numpy", "builtins", "__builtin__", "collections", "_codecs", "copyreg", "copy_reg",
      "datetime",
      "pathlib", "array", "torch",
    ]
    for case .global(let module, let name) in graph.nodes {
      let package = module.split(separator: ".").first.map(String.init) ?? ""
      if !known.contains(package) { return "\(module).\(name)" }
    }
    return nil
  }

  /// What a pickle holds, as far as its outermost value tells.
  private enum Root {
    case collection

    init?(_ probe: FileProbe) {
      guard let (graph, _) = try? PickleMachine.read(probe.bytes) else { return nil }
      switch graph[graph.root] {
      case .tuple, .list, .dictionary: self = .collection
      case .none, .bool, .integer, .bigInteger, .float, .string, .bytes, .set, .global, .persistent,
        .call:
        return nil
      }
    }
  }
}
