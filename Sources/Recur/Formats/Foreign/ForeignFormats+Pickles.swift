import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// Pickles by themselves; what is in them is told by the names of classes.
  static let pickles: [ForeignFormat] = [
    ForeignFormat(
      "an object that joblib saved", comesFirst: true,
      recognizes: {
        $0.isPickle && $0.mentions("joblib.numpy_pickle") && !$0.mentions("keras")
      }
    ) { path in
      [
        "import joblib, torch; e = joblib.load(\(pythonString(path))); "
          + "torch.save(e.NETWORK.state_dict(), 'model.pt')"
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
      [
        "import pickle, numpy as np; e = pickle.load(open(\(pythonString(path)), 'rb')); "
          + "np.savez('model.npz', **{k: v for k, v in vars(e).items() if isinstance(v, np.ndarray)})"
      ]
    },
    ForeignFormat(
      "a pickle of NumPy arrays",
      recognizes: { $0.isPickle && ($0.mentions("numpy.core") || $0.mentions("numpy._core")) }
    ) { path in
      [
        "import pickle, numpy as np; d = pickle.load(open(\(pythonString(path)), 'rb')); "
          + "np.savez('model.npz', **(d if isinstance(d, dict) "
          + "else {str(i): a for i, a in enumerate(d)}))"
      ]
    },
  ]
}
