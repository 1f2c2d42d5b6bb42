import RecurModel
import RecurTensors

extension BatchNormalization: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    let (mean, variance) = (movingMean.doubles(), movingVariance.doubles())
    let (gamma, beta) = (gamma?.doubles(), beta?.doubles())
    let scale = variance.indices.map {
      (gamma?[$0] ?? 1) / (variance[$0] + epsilon).squareRoot()
    }
    return PackedAffine(
      scale: scale.map { Float($0) },
      shift: mean.indices.map { Float((beta?[$0] ?? 0) - mean[$0] * scale[$0]) })
  }
}
