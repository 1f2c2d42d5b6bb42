import RecurModel
public import RecurTensors

/// The type in which a program holds its weights, and the layers that keep theirs in float32.
package struct WeightStorage: Sendable, Hashable {
  package let type: WeightType
  /// Names of layers, or the keys under which a state dict keeps them.
  package let keptLayers: [String]

  package init(_ type: WeightType, keeping keptLayers: [String]) {
    (self.type, self.keptLayers) = (type, keptLayers)
  }

  /// Whether a node keeps its weights in float32.
  func keeps(_ node: Model.Node) -> Bool {
    keptLayers.contains { Name($0) == Name(node.layerName) || $0 == node.place?.key }
  }

  /// Refuses names that no layer with weights has, and a type that no layer has its weights in.
  ///
  /// - Throws: `engine.weights`.
  func check(_ model: Model, narrowLayers: [String]) throws(CheckpointError) {
    let layers = model.nodes.filter { $0.layer.parameterCount > 0 }
    for name in keptLayers where !layers.contains(where: { keeps($0, as: name) }) {
      throw CheckpointError(
        .engineWeights, "no layer with weights is called '\(name)'",
        at: model.nodes.first?.location ?? .init(),
        expected: layers.prefix(12).map { "'\($0.layerName)'" }.joined(separator: ", "),
        found: "'\(name)'")
    }
    guard type != .float32, narrowLayers.isEmpty else { return }
    throw CheckpointError(
      .engineWeights, "no layer holds weights in \(type.rawValue)",
      at: model.nodes.first?.location ?? .init(),
      expected: "a recurrent or dense layer, a product with a matrix or an embedding",
      found: keptLayers.isEmpty ? "none" : "only layers that are to keep float32")
  }

  private func keeps(_ node: Model.Node, as name: String) -> Bool {
    WeightStorage(type, keeping: [name]).keeps(node)
  }
}

extension Model.Node {
  /// The error for weights that a narrow type can't hold.
  func rangeRefusal(_ type: WeightType) -> CheckpointError {
    CheckpointError(
      .engineWeights,
      "a weight of '\(layerName)' is not finite, or beyond the range of \(type.rawValue)",
      at: location,
      expected: type == .float16 ? "numbers up to 65504" : "finite numbers in float32",
      remedies: [.keepWeights(layer: layerName, storing: type.elementType)])
  }
}

extension Diagnostic.Code {
  /// Weights can't be held in the type that was asked for.
  public static let engineWeights = Self(rawValue: "engine.weights")
}
