import RecurModel
import RecurTensors

extension MinimalGatedUnit: KerasCell {
  /// Keras has no class for this kind of cell.
  static let classes: [KerasCellClass] = []

  /// Written as the GRU that computes the same.
  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    try asGRU.form(&writer)
  }
}
