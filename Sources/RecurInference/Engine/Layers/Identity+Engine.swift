import RecurModel

extension Identity: EngineLayer {
  func packed(_ packing: inout LayerPacking) -> any PlannedLayer { Alias() }
}
