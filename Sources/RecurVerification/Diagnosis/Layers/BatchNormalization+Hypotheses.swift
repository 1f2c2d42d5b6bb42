import RecurModel
import RecurTensors

extension BatchNormalization: DiagnosedLayer {
  /// Mistake: the tensors of a BatchNormalization are exchanged, or its epsilon is another.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis] {
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
    var unsaved = hypothesis(
      "the recording was made without the statistics of \(name)",
      "the moving mean and variance", "mean 0, variance 1",
      "they are buffers and no parameters, and were left out when weights were loaded"
    ) { (layer: inout BatchNormalization) throws(CheckpointError) -> Bool in
      let count = layer.movingMean.count
      layer.movingMean = try layer.movingMean.replacingNumbers(.init(repeating: 0, count: count))
      layer.movingVariance = try layer.movingVariance.replacingNumbers(
        .init(repeating: 1, count: count))
      return true
    }
    unsaved.repairsModel = false
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
      unsaved,
    ]
      + Hypothesis.epsilons(node, epsilon) { layer, epsilon in
        guard case .batchNormalization(var layer) = layer else { return nil }
        layer.epsilon = epsilon
        return .batchNormalization(layer)
      }
  }
}
