import RecurContainers
import RecurModel
import RecurTensors

extension SimpleRNN: KerasCell {
  static let classes = [
    KerasCellClass(
      cell: "SimpleRNNCell", layer: "SimpleRNN",
      shapes: [KerasCellShapes(gates: 1, bias: .single)], read: read,
      arrays: { _, options in .cell(&options) })
  ]

  private static func read(_ reader: inout KerasLayerReader) -> RecurrentCell? {
    let units = reader.units()
    let activation = reader.options.activation("activation", reader.version)
    guard let units, let weights = reader.weights(KerasLayouts.simpleRNN, units) else {
      return nil
    }
    return .simpleRNN(
      SimpleRNN(
        inputSize: weights.inputSize, units: units, weights: weights.value,
        activation: activation))
  }

  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    guard let applied = writer.activation(activation) else { return nil }
    if applied.inputScale != 1 { writer.noteRescaling("the weights", by: applied.inputScale) }
    let scales = GateMap<SimpleRNNGate, Double> { _ in applied.inputScale }
    let arrays = try writer.arrays(weights, KerasLayouts.simpleRNN, scales, splitsBias: false)
    return KerasLayerForm(
      className: "SimpleRNNCell", name: "simple_rnn_cell",
      options: [
        ("units", .integer(units)), ("activation", applied.value),
        ("use_bias", .bool(arrays.count == 3)),
      ], arrays: arrays)
  }
}
