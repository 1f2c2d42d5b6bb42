import RecurModel
import RecurTensors

extension Scaling: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer {
    PackedAffine(scale: scale.map { Float($0) }, shift: offset.map { Float($0) })
  }
}
