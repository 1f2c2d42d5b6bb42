import RecurFormats
import RecurModel
import RecurTensors

/// Finds the layers of an architecture among those of a model whose class is the user's own.
///
/// Such a model keeps its layers under the attributes that hold them, and no file says which attribute
/// is which layer of a model that was built again. Shapes tell most of them apart, names the rest.
struct KerasAttributePairing {
  private struct Taker {
    let path: String
    let config: KerasArchitecture.LayerConfig
    let shapes: [[Int]]
  }

  private let layers: [KerasH5Weights.LayerArrays]
  private var takers: [Taker] = []

  /// Prepares to find the layers of `architecture` among `layers`.
  ///
  /// - Throws: what is wrong with the architecture.
  init(
    _ layers: [KerasH5Weights.LayerArrays], _ architecture: KerasArchitecture
  ) throws(CheckpointError) {
    self.layers = layers
    var reader = KerasGraphReader(architecture, arrays: nil)
    _ = try reader.model()
    for (path, config) in architecture.leaves where !(reader.placeholders[Name(path)] ?? []).isEmpty
    {
      takers.append(
        Taker(path: path, config: config, shapes: reader.placeholders[Name(path)] ?? []))
    }
  }

  /// The arrays of every layer.
  ///
  /// - Throws: `tensor.missing`, `keras.layers.ambiguous`.
  func assignment() throws(CheckpointError) -> KerasNativeWeights.Assignment {
    var open = takers.indices.map { $0 }
    var free = layers.indices.filter { !layers[$0].arrays.isEmpty }
    var pairs: [(taker: Int, layer: Int)] = []
    func fits(_ taker: Int, _ layer: Int) -> Bool {
      takers[taker].shapes == layers[layer].arrays.map(\.tensor.shape)
    }
    // A name that a person gave says more than shapes, which may be those of several layers.
    for byName in [true, false] {
      var changed = true
      while changed {
        changed = false
        for taker in open {
          let candidates = free.filter { layer in
            fits(taker, layer) && (!byName || isNamed(takers[taker], layers[layer]))
          }
          guard candidates.count == 1 else { continue }
          let rivals = open.filter { other in
            other != taker && fits(other, candidates[0])
              && (!byName || isNamed(takers[other], layers[candidates[0]]))
          }
          guard rivals.isEmpty else { continue }
          pairs.append((taker, candidates[0]))
          open.removeAll { $0 == taker }
          free.removeAll { $0 == candidates[0] }
          changed = true
        }
      }
    }
    if let error = CheckpointError(findings: open.map { finding($0, free, fits) }) { throw error }
    var assignment = KerasNativeWeights.Assignment()
    pairs.sort { $0.taker < $1.taker }
    for (taker, layer) in pairs {
      assignment.arrays[Name(takers[taker].path)] = layers[layer].arrays
    }
    assignment.unused = free.flatMap { layer in
      layers[layer].arrays.map { ($0.tensor.location.object ?? $0.name, $0.tensor.location) }
    }
    assignment.notes = [
      Diagnostic(
        .kerasPairedByShape, .note,
        "the model's class is its user's own; its layers were found by their shapes and names",
        notes: pairs.map { "'\(layers[$0.layer].place ?? "")' → '\(takers[$0.taker].path)'" })
    ]
    return assignment
  }

  /// Whether a person named the layer like that of the file, or like its place: `encoder`,
  /// `blocks_dense_1` for `blocks/dense_1`.
  private func isNamed(_ taker: Taker, _ layer: KerasH5Weights.LayerArrays) -> Bool {
    let name = taker.config.name
    guard !name.isCounted(from: taker.config.className.snakeCased) else { return false }
    return name == layer.name
      || name == layer.place?.split(separator: "/").joined(separator: "_")
  }

  /// Why a layer was not found.
  private func finding(
    _ taker: Int, _ free: [Int], _ fits: (Int, Int) -> Bool
  ) -> Diagnostic {
    let candidates = free.filter { fits(taker, $0) }.map { candidate in
      let (place, name) = (layers[candidate].place ?? "", layers[candidate].name)
      return "'\(place)'" + (place.hasSuffix(name) ? "" : " (named '\(name)')")
    }
    let layer = takers[taker]
    let shapes = layer.shapes.map(tuple).joined(separator: ", ")
    guard !candidates.isEmpty else {
      return Diagnostic(
        .tensorMissing, .error, "no layer of the file has the arrays of '\(layer.path)'",
        at: layer.config.location, expected: shapes,
        found: layers.map { "'\($0.place ?? "")': \(Self.shapes($0))" }.joined(separator: "; "),
        hint: "give the architecture these weights were saved from")
    }
    return Diagnostic(
      .kerasLayersAmbiguous, .error,
      "several layers of the file have the arrays of '\(layer.path)': "
        + candidates.joined(separator: ", "),
      at: layer.config.location, expected: "one layer of \(shapes)",
      found: "\(candidates.count) layers",
      reason: "the model's class is its user's own, and shapes don't tell its layers apart",
      hint: "in the architecture, name the layer like the one that is meant, with _ for /")
  }

  private static func shapes(_ layer: KerasH5Weights.LayerArrays) -> String {
    layer.arrays.map { tuple($0.tensor.shape) }.joined(separator: ", ")
  }
}

extension KerasArchitecture {
  /// Every layer that is no model, by path, in Keras' order.
  var leaves: [(path: String, config: LayerConfig)] { leaves(at: "") }

  private func leaves(at path: String) -> [(path: String, config: LayerConfig)] {
    layers.flatMap { layer in
      layer.nested.map { $0.leaves(at: "\(path)\(layer.name)/") } ?? [(path + layer.name, layer)]
    }
  }
}

extension String {
  /// Whether this is a name that Keras makes by counting: `dense`, `dense_12`.
  fileprivate func isCounted(from base: String) -> Bool {
    guard hasPrefix(base) else { return false }
    let rest = dropFirst(base.count)
    return rest.isEmpty || rest.first == "_" && Int(rest.dropFirst()) != nil
  }
}

extension Diagnostic.Code {
  static let kerasPairedByShape = Self(rawValue: "keras.layers.paired-by-shape")
  static let kerasLayersAmbiguous = Self(rawValue: "keras.layers.ambiguous")
}
