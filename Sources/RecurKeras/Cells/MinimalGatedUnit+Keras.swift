import RecurModel
import RecurTensors

extension MinimalGatedUnit: KerasCell {
  /// Keras has no class of the kind.
  static let classes: [KerasCellClass] = []

  /// As the GRU that computes the same.
  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    try asGRU.form(&writer)
  }
}
