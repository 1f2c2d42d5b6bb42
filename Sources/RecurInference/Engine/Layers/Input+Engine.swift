import RecurModel

extension Input: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { Alias() }
}
