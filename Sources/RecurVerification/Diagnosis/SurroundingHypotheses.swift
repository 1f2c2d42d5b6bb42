import RecurModel
import RecurTensors

// Mistakes with the layers around recurrent layers: convolutions, normalizations, and a Dense layer
// behind a Flatten.

extension Hypothesis {
  /// Every mistake with the layers around the recurrent ones.
  static func surroundings(
    of model: Model, _ conventions: RecurrentConventions
  ) -> [Hypothesis] {
    let shapes = ModelShapes(model)
    return model.weightedNodes.flatMap { node -> [Hypothesis] in
      switch node.layer.inmost {
      case .convolution(let layer): kernels(node, layer)
      case .convolutionalRecurrent: convolutionalGateOrders(node, conventions.lstm)
      case .batchNormalization(let layer): normalizations(node, layer)
      case .layerNormalization(let layer): normalizations(node, layer)
      case .dense(let layer): flattenOrders(node, layer, in: model, shapes)
      default: []
      }
    }
  }

  /// A hypothesis that changes the layer of a node, also inside a TimeDistributed.
  init(
    _ kind: Kind, _ node: Model.Node, _ claim: String, expected: String, found: String,
    reason: String?,
    change: @escaping @Sendable (Layer) throws(CheckpointError) -> Layer?
  ) {
    let name = node.layerName
    let location = node.layer.tensors.first?.tensor.location ?? node.location
    self.init(
      kind: kind, claim: claim, expected: expected, found: found, reason: reason,
      location: Diagnostic.Location(file: location.file, object: location.object)
    ) { (trial: Trial) throws(CheckpointError) -> Trial? in
      let node = trial.model.weightedNodes.first { Name($0.layerName) == Name(name) }
      guard let node, let inner = try change(node.layer.inmost) else { return nil }
      return trial.mapping(name) { $0.replacingInmost(inner) }
    }
  }

  // MARK: convolutions

  /// Mistake: the kernel of a convolution lies the other way round.
  private static func kernels(_ node: Model.Node, _ layer: Convolution) -> [Hypothesis] {
    let sizes = layer.kernelSizes
    let count = sizes.reduce(1, *)
    var result: [Hypothesis] = []
    if count > 1 {
      result.append(
        Hypothesis(
          .kernelTurned, node, "the kernel of '\(node.layerName)' is turned around",
          expected: "the first position of a window first", found: "the last position first",
          reason: "Theano's convolutions read their kernels from the last position"
        ) { (layer: Layer) throws(CheckpointError) -> Layer? in
          guard case .convolution(var layer) = layer else { return nil }
          let numbers = layer.kernel.doubles()
          layer.kernel = try layer.kernel.replacingNumbers(
            numbers.indices.map { numbers[$0 / count * count + (count - 1 - $0 % count)] })
          return .convolution(layer)
        })
    }
    if sizes.count == 2, sizes[0] == sizes[1], sizes[0] > 1 {
      result.append(
        Hypothesis(
          .kernelTransposed, node,
          "the two axes of the windows of '\(node.layerName)' are exchanged in its kernel",
          expected: "rows, columns", found: "columns, rows",
          reason: "the windows are square, so no shape check can see it"
        ) { (layer: Layer) throws(CheckpointError) -> Layer? in
          guard case .convolution(var layer) = layer else { return nil }
          layer.kernel = layer.kernel.permuted([0, 1, 3, 2])
          return .convolution(layer)
        })
    }
    return result
  }

  // MARK: normalizations

  /// Mistake: the tensors of a BatchNormalization are exchanged, or its epsilon is another.
  private static func normalizations(
    _ node: Model.Node, _ layer: BatchNormalization
  ) -> [Hypothesis] {
    typealias Change = @Sendable (inout BatchNormalization) throws(CheckpointError) -> Bool
    func hypothesis(
      _ claim: String, _ expected: String, _ found: String, _ reason: String,
      _ change: @escaping Change
    ) -> Hypothesis {
      Hypothesis(
        .normalization, node, claim, expected: expected, found: found, reason: reason
      ) { (layer: Layer) throws(CheckpointError) -> Layer? in
        guard case .batchNormalization(var layer) = layer, try change(&layer) else { return nil }
        return .batchNormalization(layer)
      }
    }
    let name = "'\(node.layerName)'"
    return [
      hypothesis(
        "the mean and the variance of \(name) are exchanged", "mean, variance", "variance, mean",
        "both have one number per channel"
      ) { layer in
        // No variance is negative.
        guard layer.movingMean.doubles().allSatisfy({ $0 >= 0 }) else { return false }
        (layer.movingMean, layer.movingVariance) = (layer.movingVariance, layer.movingMean)
        return true
      },
      hypothesis(
        "the scale and the shift of \(name) are exchanged", "scale, shift", "shift, scale",
        "both have one number per channel"
      ) { layer in
        guard layer.gamma != nil, layer.beta != nil else { return false }
        (layer.gamma, layer.beta) = (layer.beta, layer.gamma)
        return true
      },
      hypothesis(
        "the variance of \(name) is a standard deviation", "a variance", "its square root",
        "other programs keep the deviation"
      ) { (layer: inout BatchNormalization) throws(CheckpointError) -> Bool in
        let numbers = layer.movingVariance.doubles()
        layer.movingVariance = try layer.movingVariance.replacingNumbers(numbers.map { $0 * $0 })
        return true
      },
    ]
      + epsilons(node, layer.epsilon) { layer, epsilon in
        guard case .batchNormalization(var layer) = layer else { return nil }
        layer.epsilon = epsilon
        return .batchNormalization(layer)
      }
  }

  private static func normalizations(
    _ node: Model.Node, _ layer: LayerNormalization
  ) -> [Hypothesis] {
    epsilons(node, layer.epsilon) { layer, epsilon in
      guard case .layerNormalization(var layer) = layer else { return nil }
      layer.epsilon = epsilon
      return .layerNormalization(layer)
    }
  }

  private static func epsilons(
    _ node: Model.Node, _ own: Double, _ change: @escaping @Sendable (Layer, Double) -> Layer?
  ) -> [Hypothesis] {
    // The defaults of the frameworks, the last one of code for transformers.
    [1e-3, 1e-5, 1e-6, 1e-12].filter { $0 != own }.map { epsilon in
      Hypothesis(
        .normalization, node, "the epsilon of '\(node.layerName)' is \(epsilon)",
        expected: "\(epsilon)", found: "\(own)",
        reason: "frameworks have different defaults, and weights don't say it"
      ) { change($0, epsilon) }
    }
  }

  // MARK: Flatten

  /// Mistake: a kernel behind a Flatten takes the channels at the other end.
  private static func flattenOrders(
    _ node: Model.Node, _ layer: Dense, in model: Model, _ shapes: ModelShapes
  ) -> [Hypothesis] {
    guard case .dense = node.layer, let extents = model.flattened(before: node, shapes),
      extents.count > 1, extents.reduce(1, *) == layer.inputSize
    else { return [] }
    let axes = Array(extents.indices)
    // The order in which the file has the axes: the last one first, or the first one last.
    let orders: Set<[Int]> = [
      [axes.count - 1] + Array(axes.dropLast()), Array(axes.dropFirst()) + [0],
    ]
    return orders.sorted { $0.lexicographicallyPrecedes($1) }.map { order in
      let stored = order.map { extents[$0] }
      return Hypothesis(
        .flattenOrder, node,
        "the kernel of '\(node.layerName)' takes \(text(stored)) flattened, not \(text(extents))",
        expected: text(extents), found: text(stored),
        reason:
          "one framework has channels last and another first, and behind a Flatten no shape says it"
      ) { (layer: Layer) throws(CheckpointError) -> Layer? in
        guard case .dense(var dense) = layer else { return nil }
        let columns = try dense.kernel.reshaped([dense.outputSize] + stored)
        let places = axes.map { axis in 1 + (order.firstIndex(of: axis) ?? 0) }
        dense.kernel = try dense.kernel.replacingNumbers(columns.permuted([0] + places).doubles())
        return .dense(dense)
      }
    }
  }

  private static func text(_ extents: [Int]) -> String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}

extension Layer {
  /// The layer itself, or the one inside a TimeDistributed.
  fileprivate var inmost: Layer {
    if case .timeDistributed(let distributed) = self { distributed.inner.inmost } else { self }
  }

  /// This layer with another one in place of the inmost.
  fileprivate func replacingInmost(_ inner: Layer) -> Layer {
    guard case .timeDistributed(var distributed) = self else { return inner }
    distributed.inner = distributed.inner.replacingInmost(inner)
    return .timeDistributed(distributed)
  }
}

extension Model {
  /// The extents behind the batch that a Flatten in front of `node` puts in one row; nil without.
  fileprivate func flattened(before node: Node, _ shapes: ModelShapes) -> [Int]? {
    var value = node.inputs.first
    while let source = value, let before = self.node(source.node) {
      switch before.layer {
      case .identity, .activation: value = before.inputs.first
      case .reshaping(.flatten):
        guard let shape = before.inputs.first.flatMap({ shapes[$0] }) else { return nil }
        let extents = shape.dropFirst().compactMap(\.value)
        return extents.count == shape.count - 1 ? extents : nil
      default: return nil
      }
    }
    return nil
  }
}
