import RecurContainers
import RecurModel
import RecurTensors

extension GRU: KerasCell {
  static let classes = [
    KerasCellClass(
      cell: "GRUCell", layer: "GRU",
      shapes: [
        KerasCellShapes(
          gates: 3, bias: .single, mayBePerGate: true, option: ("reset_after", false),
          openWithoutBias: "reset gate before or after the product"),
        KerasCellShapes(gates: 3, bias: .rows, option: ("reset_after", true)),
      ],
      read: { reader in read(&reader, isCuDNN: false) },
      arrays: { _, options in .cell(&options, gates: 3) }),
    KerasCellClass(
      layer: "CuDNNGRU", shapes: [KerasCellShapes(gates: 3, bias: .joined)],
      read: { reader in read(&reader, isCuDNN: true) }, arrays: { _, _ in .cuDNN }),
  ]

  private static func read(
    _ reader: inout KerasLayerReader, isCuDNN: Bool
  ) -> RecurrentCell? {
    let units = reader.units()
    let activation = isCuDNN ? .tanh : reader.cellActivation("activation")
    let recurrentActivation =
      isCuDNN ? .sigmoid : reader.cellActivation("recurrent_activation")
    let resetsAfter =
      isCuDNN
      || reader.options.bool("reset_after", default: reader.version.resetsAfterByDefault)
    guard let units,
      let weights = reader.weights(
        KerasLayouts.gru, units, perGate: KerasLayouts.perGateGRU, isCuDNN: isCuDNN,
        splitsBias: resetsAfter)
    else { return nil }
    return .gru(
      GRU(
        inputSize: weights.inputSize, units: units, weights: weights.value, activation: activation,
        recurrentActivation: recurrentActivation,
        resetPlacement: resetsAfter ? .afterProduct : .beforeProduct))
  }

  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    guard let applied = writer.activation(activation),
      let recurrent = writer.activation(recurrentActivation)
    else { return nil }
    if recurrent.inputScale != 1 {
      writer.noteRescaling("the weights of gates z and r", by: recurrent.inputScale)
    }
    if applied.inputScale != 1 {
      writer.noteRescaling("the weights of the candidate", by: applied.inputScale)
    }
    let scales = GateMap<GRUGate, Double> {
      $0 == .candidate ? applied.inputScale : recurrent.inputScale
    }
    let isAfter = resetPlacement == .afterProduct
    let arrays = try writer.arrays(weights, KerasLayouts.gru, scales, splitsBias: isAfter)
    return KerasLayerForm(
      className: "GRUCell", name: "gru_cell",
      options: [
        ("units", .integer(units)), ("activation", applied.value),
        ("recurrent_activation", recurrent.value), ("use_bias", .bool(arrays.count == 3)),
        ("reset_after", .bool(isAfter)),
      ], arrays: arrays)
  }
}
