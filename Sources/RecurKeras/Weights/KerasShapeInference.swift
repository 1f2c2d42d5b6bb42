import RecurModel
import RecurTensors

/// The kind, the units and the input size of a layer, inferred from its arrays without an
/// architecture.
///
/// Shapes can't tell activations, directions, masks or the connections of layers. So the resulting
/// model can't be run, but its layers are known gate by gate.
struct KerasShapeInference {
  /// Warnings, and one note that lists the inferred kind of every layer.
  var diagnostics: [Diagnostic] {
    guard !told.isEmpty else { return findings }
    return findings + [
      Diagnostic(
        .kerasLayerInferred, .note,
        "the file has weights and no architecture; its layers are told by the shapes of their arrays",
        notes: told
      ).advising(
        "shapes can't tell activations, directions, masks and the order of layers; give the model "
          + "these weights belong to with \(.architecture)")
    ]
  }

  private var findings: [Diagnostic] = []
  private var told: [String] = []

  /// A model of the layers of a file, in file order.
  ///
  /// - Throws: what unpacking the gates throws.
  mutating func model(
    of layers: [KerasH5Weights.LayerArrays], producer: String
  ) throws(CheckpointError) -> Model {
    var nodes: [Model.Node] = []
    for layer in layers where !layer.arrays.isEmpty {
      let place = layer.arrays[0].tensor.location
      nodes.append(
        Model.Node(
          name: layer.name, layerName: layer.name, layer: try read(layer), inputs: [],
          location: place))
    }
    var model = Model(name: "weights", producer: producer, nodes: nodes, inputs: [], outputs: [])
    model.isConnected = false
    return try model.validated()
  }

  private mutating func read(_ layer: KerasH5Weights.LayerArrays) throws(CheckpointError) -> Layer {
    let tensors = layer.arrays.map(\.tensor)
    if let config = layer.config, !config.isOpaque {
      var reader = KerasLayerReader(
        config, arrays: tensors, inputShapes: [], version: layer.version ?? .newest)
      if let read = reader.layer() {
        findings += reader.findings
        note(layer, "\(config.className), by its own options")
        return read
      }
    }
    let isFloating = tensors.allSatisfy(\.elementType.isFloatingPoint)
    if isFloating, let kind = KerasCellKind(tensors.map(\.shape)) {
      let recurrent = try cell(kind, tensors, layer)
      note(layer, kind.title(tensors.map(\.shape)))
      return .recurrent(recurrent)
    }
    let half = tensors.count / 2
    if isFloating, tensors.count % 2 == 0, half > 0,
      let forward = KerasCellKind(tensors[..<half].map(\.shape)),
      let backward = KerasCellKind(tensors[half...].map(\.shape)),
      // The cells of a stack have as many arrays as two directions, but only directions read the
      // same input.
      forward.className == backward.className, forward.inputSize == backward.inputSize,
      !layer.arrays.contains(where: { $0.name.contains("cells/") })
    {
      let one = try cell(forward, Array(tensors[..<half]), layer)
      var other = try cell(backward, Array(tensors[half...]), layer)
      other.direction = .backward
      note(layer, "two directions of " + forward.title(tensors[..<half].map(\.shape)))
      return .bidirectional(Bidirectional(forward: one, backward: other, mergeMode: .concatenate))
    }
    if isFloating, tensors.count == 2, tensors[0].rank == 2,
      tensors[1].shape == [tensors[0].shape[1]]
    {
      note(layer, "Dense, \(tensors[0].shape[1]) units, input size \(tensors[0].shape[0])")
      return .dense(
        Dense(kernel: tensors[0].transposed(), bias: tensors[1], activation: .linear))
    }
    if isFloating, tensors.count == 1, tensors[0].rank == 2,
      layer.arrays[0].name.split(separator: "/").last?.hasPrefix("embeddings") == true
    {
      note(layer, "Embedding of \(tensors[0].shape[0]) tokens")
      return .embedding(Embedding(table: tensors[0], masksZero: false, cutsFractions: true))
    }
    note(
      layer,
      "no known layer, carried as it is: "
        + tensors.map { tuple($0.shape) }.joined(separator: ", "))
    return .opaque(
      OpaqueLayer(
        className: "unknown", tensors: layer.arrays.map { ($0.name, $0.tensor) }, outputCount: 1))
  }

  private mutating func note(_ layer: KerasH5Weights.LayerArrays, _ what: String) {
    told.append("'\(layer.name)': \(what)")
  }

  /// The layer with these arrays.
  ///
  /// Options that shapes can't tell have their usual values. Nothing is computed with these
  /// options, because the model is not connected.
  private mutating func cell(
    _ kind: KerasCellKind, _ tensors: [Tensor], _ layer: KerasH5Weights.LayerArrays
  ) throws(CheckpointError) -> Recurrent {
    var reader = kind.reader(of: tensors, name: layer.name)
    let recurrent = reader.read()?.recurrents.first
    if let error = CheckpointError(findings: reader.findings) { throw error }
    findings += reader.findings.filter { $0.severity != .error }
    guard let recurrent else {
      throw CheckpointError(
        .tensorShapeMismatch, "the arrays of '\(layer.name)' do not fit each other",
        at: tensors[0].location)
    }
    return recurrent
  }
}

extension Diagnostic.Code {
  static let kerasLayerInferred = Self(rawValue: "keras.layer.inferred")
}
