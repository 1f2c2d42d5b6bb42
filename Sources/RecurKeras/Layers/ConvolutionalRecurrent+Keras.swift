import RecurContainers
import RecurModel
import RecurTensors

extension ConvolutionalRecurrent: KerasLayer, KerasCallReading {
  static let classes = (1...3).map { axes in
    KerasClass(
      "ConvLSTM\(axes)D", generation1: .init(options: ["dim_ordering": "data_format"]),
      arrays: { _, options in
        KerasArrayPlan(
          ["kernel", "recurrent_kernel"]
            + (options.bool("use_bias", default: true) ? ["bias"] : []))
      }, groups: { _ in ["/cell"] }, read: { read(&$0, axes: axes) })
  }

  private static func read(_ reader: inout KerasLayerReader, axes: Int) -> Layer? {
    guard !reader.version.isKeras1 else {
      return reader.fail("'\(reader.config.name)' is a ConvLSTM of Keras 1, which is not read")
    }
    reader.options.ignore("dropout", "recurrent_dropout")
    for option in ["stateful", "time_major", "zero_output_for_mask", "unroll"] {
      reader.options.only(option, false)
    }
    let returnsSequence = reader.options.bool("return_sequences", default: false)
    let returnsState = reader.options.bool("return_state", default: false)
    let goesBackwards = reader.options.bool("go_backwards", default: false)
    reader.readDataFormat(
      axis: 2, outputs: [returnsSequence ? 2 : 1] + (returnsState ? [1, 1] : []))
    let filters = reader.options.size("filters")
    let activation = reader.options.activation("activation", reader.version)
    let recurrentActivation = reader.options.activation("recurrent_activation", reader.version)
    let geometry = reader.readWindows(axes, sizes: "kernel_size")
    let hasBias = reader.plan().has("bias")
    guard let units = filters, let windows = geometry else { return nil }
    guard let kernel = reader.takeKernel("kernel", windows.sizes + [reader.inputSize, 4 * units]),
      let recurrent = reader.takeKernel("recurrent_kernel", windows.sizes + [units, 4 * units])
    else { return nil }
    let bias = hasBias ? reader.take("bias", [4 * units]) : nil
    guard bias != nil || !hasBias else { return nil }
    return .convolutionalRecurrent(
      ConvolutionalRecurrent(
        kernel: kernel.gates(units).mapped(\.withOutputsFirst),
        recurrentKernel: recurrent.gates(units).mapped(\.withOutputsFirst),
        bias: bias?.gates(units), activation: activation,
        recurrentActivation: recurrentActivation, strides: windows.strides,
        dilations: windows.dilations, paddings: windows.sizes.map { _ in windows.padding },
        returnsSequence: returnsSequence, returnsState: returnsState,
        direction: goesBackwards ? .backward : .forward))
  }

  func read(_ call: inout KerasNodeReader) {
    if call.masks.first ?? nil != nil || call.node.mask != nil {
      call.refuse("'\(call.config.name)' is called with a mask, which is not supported")
    }
    if !call.node.initialState.isEmpty {
      call.refuse("'\(call.config.name)' is called with an initial state, which is not supported")
    }
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    let windows = inputConvolution(.input).windows
    guard let geometry = writer.windowOptions(windows, size: "kernel_size", hasDilation: true),
      let applied = writer.activation(activation),
      let recurrent = writer.activation(recurrentActivation)
    else { return nil }
    // The activation is also applied to the cell state, which has no weights to scale.
    guard applied.inputScale == 1 else {
      writer.failForActivation(activation)
      return nil
    }
    let scale = recurrent.inputScale
    if scale != 1 { writer.noteRescaling("the weights of gates i, f and o", by: scale) }
    func packed(
      _ name: String, _ gates: GateMap<LSTMGate, Tensor>
    ) throws(CheckpointError) -> KerasArrayForm {
      var parts: [Tensor] = []
      for gate in KerasLayouts.lstm.gateOrder {
        let own = try gates[gate].scaled(by: gate == .cell ? 1 : scale)
        parts.append(own.rank == 1 ? own : own.withOutputsLast)
      }
      return KerasArrayForm(
        name: name, tensor: try .concatenated(parts, axis: parts[0].rank - 1),
        parts: KerasLayouts.lstm.gateOrder.map { gates[$0] },
        details: ["gates input, forget, cell, output"])
    }
    var arrays = [try packed("kernel", kernel), try packed("recurrent_kernel", recurrentKernel)]
    if let bias { arrays.append(try packed("bias", bias)) }
    return KerasLayerForm(
      className: "ConvLSTM\(strides.count)D", name: name,
      options: [("filters", .integer(units))] + geometry + [
        ("activation", applied.value), ("recurrent_activation", recurrent.value),
        ("use_bias", .bool(bias != nil)), ("return_sequences", .bool(returnsSequence)),
        ("return_state", .bool(returnsState)),
        ("go_backwards", .bool(direction == .backward)), ("stateful", false),
      ], arrays: arrays, cellName: "conv_lstm_cell")
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .harmful, outcome: returnsSequence ? .passed : .none)
  }
}

extension Tensor {
  /// The parts of the last axis that belong to each gate.
  fileprivate func gates(_ units: Int) -> GateMap<LSTMGate, Tensor> {
    GateMap { gate in
      let place = KerasLayouts.lstm.gateOrder.firstIndex(of: gate) ?? 0
      return slice(axis: rank - 1, place * units..<(place + 1) * units)
    }
  }
}

extension GateMap {
  /// The same gates with changed values.
  fileprivate func mapped(_ change: (Value) -> Value) -> GateMap {
    GateMap { change(self[$0]) }
  }
}
