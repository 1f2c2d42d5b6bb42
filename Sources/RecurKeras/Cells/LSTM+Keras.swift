import RecurContainers
import RecurModel
import RecurTensors

extension LSTM: KerasCell {
  static let classes = [
    KerasCellClass(
      cell: "LSTMCell", layer: "LSTM",
      shapes: [KerasCellShapes(gates: 4, bias: .single, mayBePerGate: true)],
      read: { reader in read(&reader, isCuDNN: false) },
      arrays: { _, options in .cell(&options, gates: 4) }),
    KerasCellClass(
      layer: "CuDNNLSTM", shapes: [KerasCellShapes(gates: 4, bias: .joined)],
      read: { reader in read(&reader, isCuDNN: true) }, arrays: { _, _ in .cuDNN }),
  ]

  private static func read(
    _ reader: inout KerasLayerReader, isCuDNN: Bool
  ) -> RecurrentCell? {
    let units = reader.units()
    let activation = isCuDNN ? .tanh : reader.cellActivation("activation")
    let recurrentActivation =
      isCuDNN ? .sigmoid : reader.cellActivation("recurrent_activation")
    guard let units,
      let weights = reader.weights(
        KerasLayouts.lstm, units, perGate: KerasLayouts.perGateLSTM, isCuDNN: isCuDNN)
    else { return nil }
    return .lstm(
      LSTM(
        inputSize: weights.inputSize, units: units, weights: weights.value, activation: activation,
        recurrentActivation: recurrentActivation))
  }

  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    let name = writer.node.layerName
    if projection != nil {
      writer.fail(
        "LSTM '\(name)' projects its output from \(units) to \(outputSize) "
          + "numbers before it is fed back (proj_size), and no layer of Keras does",
        hint: "write .pt, .safetensors or a PyTorch module")
      return nil
    }
    if peepholes != nil {
      writer.fail(
        "the gates of LSTM '\(name)' see the cell (peepholes), and those of no layer of Keras do")
      return nil
    }
    if isLimited {
      writer.fail(
        "LSTM '\(name)' keeps its cell or its projection within a limit, and no layer of Keras does"
      )
      return nil
    }
    if let outputActivation {
      writer.fail(
        "LSTM '\(name)' applies \(activation.name) to its candidate and \(outputActivation.name) to "
          + "its cell, and those of Keras have one function for both")
      return nil
    }
    guard let applied = writer.activation(activation),
      let recurrent = writer.activation(recurrentActivation)
    else { return nil }
    // The activation is also applied to the cell state, which has no weights to scale.
    guard applied.inputScale == 1 else {
      writer.fail(
        "LSTM '\(name)' applies \(activation.name) to its cell; hard_sigmoid is another function "
          + "in \(writer.target.reader), and no change of weights makes up for it there",
        hint: writer.target.isKeras3
          ? "exact: \(.format("keras2-h5")), or a PyTorch module"
          : "exact: .keras, or a PyTorch module")
      return nil
    }
    let scale = recurrent.inputScale
    if scale != 1 { writer.noteRescaling("the weights of gates i, f and o", by: scale) }
    let scales = GateMap<LSTMGate, Double> { $0 == .cell ? 1 : scale }
    let arrays = try writer.arrays(weights, KerasLayouts.lstm, scales, splitsBias: false)
    return KerasLayerForm(
      className: "LSTMCell", name: "lstm_cell",
      options: [
        ("units", .integer(units)), ("activation", applied.value),
        ("recurrent_activation", recurrent.value), ("use_bias", .bool(arrays.count == 3)),
      ], arrays: arrays)
  }
}
