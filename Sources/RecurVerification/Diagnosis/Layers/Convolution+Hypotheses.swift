import RecurModel
import RecurTensors

extension Convolution: DiagnosedLayer {
  /// Mistake: the kernel of a convolution lies the other way round.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
    let sizes = kernelSizes
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
}
