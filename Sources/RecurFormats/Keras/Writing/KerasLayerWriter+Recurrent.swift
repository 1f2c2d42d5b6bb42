import RecurContainers
import RecurModel
import RecurTensors

extension KerasLayerWriter {
  mutating func form(
    of recurrent: Recurrent, named name: String, inPair: Bool = false
  ) throws(CheckpointError) -> KerasLayerForm? {
    checkOptions(recurrent, inPair: inPair)
    guard let cell = try form(of: recurrent.cell) else { return nil }
    var options: [(name: String, value: JSONValue)] = [
      ("return_sequences", .bool(recurrent.returnsSequence)),
      ("return_state", .bool(recurrent.returnsState)),
      ("go_backwards", .bool(recurrent.direction == .backward)),
      ("stateful", .bool(recurrent.isStateful)), ("unroll", false),
    ]
    if target.isKeras3 || recurrent.maskedOutput == .zero {
      options.append(("zero_output_for_mask", .bool(recurrent.maskedOutput == .zero)))
    }
    if !target.isKeras3 { options.append(("time_major", false)) }
    if isStack(recurrent.cell) || isWrapped(recurrent.cell) {
      return KerasLayerForm(
        className: "RNN", name: name, options: options,
        children: [.init(option: "cell", form: cell)])
    }
    // LSTMCell → LSTM: the layer has its cell's options and arrays.
    return KerasLayerForm(
      className: String(cell.className.dropLast(4)), name: name, options: options + cell.options,
      arrays: cell.arrays, cellName: cell.name)
  }

  private func isStack(_ cell: RecurrentCell) -> Bool {
    if case .stacked = cell { true } else { false }
  }

  /// Whether the layer was an RNN around a single cell, as its arrays' paths say.
  ///
  /// RNN(LSTMCell) and LSTM are one layer in a model. Native weights are found by class, so the
  /// class is kept where it can be told: by that of native weights, or the name Keras gives an RNN.
  private func isWrapped(_ cell: RecurrentCell) -> Bool {
    guard let path = cell.tensors.first?.tensor.location.object else { return false }
    return path.split(separator: "/").contains { $0 == "rnn" || $0.hasPrefix("rnn_") }
  }

  /// Refuses what a mask or a kept state would do differently in the target.
  private mutating func checkOptions(_ recurrent: Recurrent, inPair: Bool) {
    guard target.holdsArchitecture else { return }
    let hasOwnState = !node.initialState.isEmpty || recurrent.isStateful
    if node.mask != nil, recurrent.maskedOutput == .state, hasOwnState {
      fail(
        "'\(node.layerName)' puts out its initial state before the first timestep that counts, as "
          + "Keras before 2.3 did; \(target.reader) puts out zeros",
        hint: "write a PyTorch module: \(.moduleConversion)")
    }
    let forced: Recurrent.MaskedOutput = recurrent.returnsSequence ? .zero : .previous
    if inPair, node.mask != nil, (recurrent.maskedOutput == .zero) != (forced == .zero) {
      fail(
        "'\(node.layerName)' repeats the output before a masked timestep, as Bidirectional did "
          + "before tf.keras; \(target.reader) puts out \(forced == .zero ? "zeros" : "the last")",
        hint: "write a PyTorch module: \(.moduleConversion)")
    }
    if recurrent.isStateful, !node.initialState.isEmpty,
      recurrent.keptStateWins == target.isKeras3
    {
      fail(
        "'\(node.layerName)' is stateful and called with an initial state: "
          + (recurrent.keptStateWins
            ? "the model prefers the state it kept, Keras 3 the one it is given"
            : "the model prefers the state it is given, Keras 2 the one it kept"))
    }
    if !target.isKeras3, !node.initialState.isEmpty, case .stacked(let cells) = recurrent.cell,
      cells.contains(where: { $0.stateSizes.count > 1 })
    {
      fail(
        "'\(node.layerName)' is a stack of cells called with an initial state, which Keras 2 can't "
          + "store when a cell has several states", hint: "write .keras for Keras 3")
    }
    if recurrent.isStateful, inputShapes.first?.first?.value == nil {
      fail(
        "'\(node.layerName)' is stateful, for which Keras needs a fixed batch size",
        expected: "a number", found: "a free batch")
    }
  }

  mutating func form(
    of pair: Bidirectional, named name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard var forward = try form(of: pair.forward, named: "", inPair: true),
      var backward = try form(of: pair.backward, named: "", inPair: true)
    else { return nil }
    // tf_keras/src/saving/legacy/hdf5_format.py, `convert_nested_bidirectional`: the first half of the
    // arrays is the forward layer's.
    if target == .keras2, forward.allArrays.count != backward.allArrays.count {
      fail(
        "the directions of '\(node.layerName)' have \(forward.allArrays.count) and "
          + "\(backward.allArrays.count) arrays; Keras 2 gives half of them to each",
        hint: "write .keras for Keras 3")
    }
    let forwardKind = KerasNativeWeights.snakeCase(forward.className)
    let backwardKind = KerasNativeWeights.snakeCase(backward.className)
    forward.name = "forward_\(forwardKind)"
    backward.name = "backward_\(backwardKind)"
    return KerasLayerForm(
      className: "Bidirectional", name: name,
      options: [("merge_mode", pair.mergeMode.map { .string($0.rawValue) } ?? .null)],
      children: [
        .init(option: "layer", form: forward), .init(option: "backward_layer", form: backward),
      ])
  }

  // MARK: cells

  private mutating func form(
    of cell: RecurrentCell
  ) throws(CheckpointError) -> KerasLayerForm? {
    switch cell {
    case .lstm(let lstm): return try form(of: lstm)
    case .gru(let gru): return try form(of: gru)
    case .simpleRNN(let rnn): return try form(of: rnn)
    case .stacked(let cells):
      var children: [KerasLayerForm.Child] = []
      var counts: [String: Int] = [:]
      for cell in cells {
        guard var form = try form(of: cell) else { return nil }
        let count = counts[form.name, default: 0]
        counts[form.name] = count + 1
        if count > 0 { form.name += "_\(count)" }
        children.append(.init(option: "cells", form: form))
      }
      return KerasLayerForm(
        className: "StackedRNNCells", name: "stacked_rnn_cells", children: children, isList: true)
    }
  }

  private mutating func form(of lstm: LSTM) throws(CheckpointError) -> KerasLayerForm? {
    if lstm.projection != nil {
      fail(
        "LSTM '\(node.layerName)' projects its output from \(lstm.units) to \(lstm.outputSize) "
          + "numbers before it is fed back (proj_size), and no layer of Keras does",
        hint: "write .pt, .safetensors or a PyTorch module")
      return nil
    }
    if lstm.peepholes != nil {
      fail(
        "the gates of LSTM '\(node.layerName)' see the cell (peepholes), and those of no layer of "
          + "Keras do")
      return nil
    }
    guard let activation = activation(lstm.activation),
      let recurrent = self.activation(lstm.recurrentActivation)
    else { return nil }
    // φ is applied to the cell as well, which no weight multiplies.
    guard activation.inputScale == 1 else {
      fail(
        "LSTM '\(node.layerName)' applies \(lstm.activation.name) to its cell; hard_sigmoid is "
          + "another function in \(target.reader), and no change of weights makes up for it there",
        hint: target.isKeras3
          ? "exact: \(.format("keras2-h5")), or a PyTorch module"
          : "exact: .keras, or a PyTorch module")
      return nil
    }
    let scale = recurrent.inputScale
    if scale != 1 { noteRescaling("the weights of gates i, f and o", by: scale) }
    let scales = GateMap<LSTMGate, Double> { $0 == .cell ? 1 : scale }
    let arrays = try arrays(lstm.weights, KerasLayouts.lstm, scales, splitsBias: false)
    return KerasLayerForm(
      className: "LSTMCell", name: "lstm_cell",
      options: [
        ("units", .integer(lstm.units)), ("activation", activation.value),
        ("recurrent_activation", recurrent.value), ("use_bias", .bool(arrays.count == 3)),
      ], arrays: arrays)
  }

  private mutating func form(of gru: GRU) throws(CheckpointError) -> KerasLayerForm? {
    guard let activation = activation(gru.activation),
      let recurrent = self.activation(gru.recurrentActivation)
    else { return nil }
    if recurrent.inputScale != 1 {
      noteRescaling("the weights of gates z and r", by: recurrent.inputScale)
    }
    if activation.inputScale != 1 {
      noteRescaling("the weights of the candidate", by: activation.inputScale)
    }
    let scales = GateMap<GRUGate, Double> {
      $0 == .candidate ? activation.inputScale : recurrent.inputScale
    }
    let isAfter = gru.resetPlacement == .afterProduct
    let arrays = try arrays(gru.weights, KerasLayouts.gru, scales, splitsBias: isAfter)
    return KerasLayerForm(
      className: "GRUCell", name: "gru_cell",
      options: [
        ("units", .integer(gru.units)), ("activation", activation.value),
        ("recurrent_activation", recurrent.value), ("use_bias", .bool(arrays.count == 3)),
        ("reset_after", .bool(isAfter)),
      ], arrays: arrays)
  }

  private mutating func form(of rnn: SimpleRNN) throws(CheckpointError) -> KerasLayerForm? {
    guard let activation = activation(rnn.activation) else { return nil }
    if activation.inputScale != 1 { noteRescaling("the weights", by: activation.inputScale) }
    let scales = GateMap<SimpleRNNGate, Double> { _ in activation.inputScale }
    let arrays = try arrays(rnn.weights, KerasLayouts.simpleRNN, scales, splitsBias: false)
    return KerasLayerForm(
      className: "SimpleRNNCell", name: "simple_rnn_cell",
      options: [
        ("units", .integer(rnn.units)), ("activation", activation.value),
        ("use_bias", .bool(arrays.count == 3)),
      ], arrays: arrays)
  }

  // MARK: arrays

  /// Kernel, recurrent kernel and, unless there is none, bias.
  private mutating func arrays<Gate>(
    _ weights: RecurrentWeights<Gate>, _ layout: RecurrentLayout<Gate>,
    _ scales: GateMap<Gate, Double>, splitsBias: Bool
  ) throws(CheckpointError) -> [KerasArrayForm] {
    let names = layout.gateOrder.map { "\($0)" }.joined(separator: ", ")
    let order = layout.gateOrder.count == 1 ? [] : ["gates \(names)"]
    func packed(
      _ name: String, _ gates: GateMap<Gate, Tensor>
    ) throws(CheckpointError) -> KerasArrayForm {
      let scaled = try GateMap<Gate, Tensor> { gate throws(CheckpointError) in
        try gates[gate].scaled(by: scales[gate])
      }
      let multiplied = layout.gateOrder.filter { scales[$0] != 1 }
      let factors = multiplied.map { "\($0) times \(scales[$0])" }
      return KerasArrayForm(
        name: name, tensor: try layout.pack(scaled), parts: layout.gateOrder.map { gates[$0] },
        details: order + (factors.isEmpty ? [] : [factors.joined(separator: ", ")]))
    }
    var arrays = [
      try packed("kernel", weights.kernel),
      try packed("recurrent_kernel", weights.recurrentKernel),
    ]
    switch weights.bias {
    case .none: break
    case .single(let bias):
      var form = try packed("bias", bias)
      if splitsBias {
        let zeros = try Tensor.zeros(form.tensor.elementType, shape: form.tensor.shape)
        form.tensor = try rows(form.tensor, zeros)
        form.details.append("with a row of zeros for the recurrent product")
      }
      arrays.append(form)
    case .split(let input, let recurrent):
      if splitsBias {
        var form = try packed("bias", input)
        let other = try packed("bias", recurrent)
        form.tensor = try rows(form.tensor, other.tensor)
        form.parts += other.parts
        form.details.append("a row for each product")
        arrays.append(form)
      } else {
        var form = try packed("bias", merged(input, recurrent))
        form.parts = layout.gateOrder.map { input[$0] }
        form.summand = layout.gateOrder.first.map { recurrent[$0] }
        arrays.append(form)
      }
    }
    return arrays
  }

  private func rows(_ one: Tensor, _ other: Tensor) throws(CheckpointError) -> Tensor {
    let shape = [1, one.count]
    return try .concatenated([one.reshaped(shape), other.reshaped(shape)], axis: 0)
  }

  /// The sum of two biases, where Keras has one.
  private mutating func merged<Gate>(
    _ input: GateMap<Gate, Tensor>, _ recurrent: GateMap<Gate, Tensor>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
    var isExact = true
    let sums = try GateMap<Gate, Tensor> { gate throws(CheckpointError) in
      let (sum, exact) = try input[gate].adding(recurrent[gate])
      isExact = isExact && exact
      return sum
    }
    if !isExact { isRounded = true }
    findings.append(
      Diagnostic(
        .modelBiasMerged, isExact ? .note : .warning,
        "the two biases of '\(node.layerName)' became one, as Keras has it: "
          + (isExact
            ? "one of them is zero, so nothing was rounded"
            : "each sum was computed in binary64 and rounded once"),
        at: node.location))
    return sums
  }
}

extension Diagnostic.Code {
  static let modelBiasMerged = Self(rawValue: "model.bias.merged")
}
