import RecurContainers
import RecurFormats
import RecurTensors

/// An array of NumPy or a tensor beside the models in a pickle.
struct KerasPickleArray {
  /// The keys, attributes and positions that lead to it, with dots between them; empty for the object
  /// itself.
  let path: String
  /// Its numbers; nil when they are none that are read.
  let tensor: Tensor?

  /// Reads the array at `reference`.
  init(
    path: String, reference: PickleGraph.Reference, _ graph: PickleGraph, _ pickle: ByteRegion
  ) {
    self.path = path
    var place = pickle.location(at: graph.offsets[reference], length: 1)
    place.object = path
    tensor = try? Self.tensor(reference, graph, at: place)
  }

  /// Whether the value at `reference` is an array of NumPy or a tensor of torch.
  static func isArray(_ reference: PickleGraph.Reference, _ graph: PickleGraph) -> Bool {
    PickledArray.isArray(reference, graph)
      || graph.callee(reference)?.hasPrefix("torch._utils._rebuild_") == true
  }

  private static func tensor(
    _ reference: PickleGraph.Reference, _ graph: PickleGraph, at place: Diagnostic.Location
  ) throws(CheckpointError) -> Tensor? {
    guard PickledArray.isArray(reference, graph),
      let array = try PickledArray(reference, graph, at: place),
      case .numbers(let type, let isSwapped, let data) = array.elements,
      let bytes = graph.bytes(data)
    else { return nil }
    var content = ByteRegion(ByteStorage(copying: bytes))
    if isSwapped, type.byteCount > 1 {
      content = content.byteSwapped(width: type.isComplex ? type.byteCount / 2 : type.byteCount)
    }
    return array.isFortranOrder
      ? try Tensor(content, type, shape: array.shape.reversed(), at: place).transposed()
      : try Tensor(content, type, shape: array.shape, at: place)
  }
}

extension Diagnostic {
  /// A warning of what stands beside the models in a pickle, and that it is left out; nil when nothing
  /// does.
  static func besideKerasModel(_ pickle: KerasPickle?) -> Diagnostic? {
    guard let pickle, !pickle.hidesArrays else {
      return pickle.map { _ in
        Diagnostic(
          .kerasPickleBeside, .warning,
          "the arrays beside the model are kept as joblib writes them, and are left out",
          hint: "save them by themselves: np.savez('arrays.npz', scaler=scaler)")
      }
    }
    let arrays = pickle.others
    guard !arrays.isEmpty else { return nil }
    let isOne = arrays.count == 1
    return Diagnostic(
      .kerasPickleBeside, .warning,
      "\(counted(arrays.count, "array")) beside the model in the pickle \(isOne ? "is" : "are") left out",
      notes: arrays.prefix(100).map { array in
        "'\(array.path)'"
          + (array.tensor.map { ": \($0.elementType) \(shapeText($0.shape))" } ?? "")
      } + (arrays.count > 100 ? ["and \(arrays.count - 100) more"] : []))
  }
}

extension Diagnostic.Code {
  static let kerasPickleBeside = Self(rawValue: "keras.pickle.beside")
}
