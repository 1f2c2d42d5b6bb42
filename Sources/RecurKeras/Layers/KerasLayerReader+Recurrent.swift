import RecurContainers
import RecurModel
import RecurTensors

extension KerasLayerReader {
  /// LSTM, GRU, SimpleRNN, their CuDNN forms, and RNN around any cell.
  mutating func recurrent() -> Recurrent? {
    setPrecision()
    options.only("time_major", false)
    let returnsSequence = options.bool("return_sequences", default: false)
    let returnsState = options.bool("return_state", default: false)
    let goesBackwards = options.bool("go_backwards", default: false)
    let isStateful = options.bool("stateful", default: false)
    let zeroes = options.bool("zero_output_for_mask", default: false)
    let isUnrolled = options.bool("unroll", default: false)
    guard let cell = config.className == "RNN" ? cellOfRNN() : cell() else { return nil }
    if case .stacked = cell, version.reversesStackedStates, returnsState || isStateful {
      options.refuse(
        returnsState ? "return_state" : "stateful",
        because: "Keras before 2.2 kept the states of stacked cells in reverse order")
    }
    let repeated: Recurrent.MaskedOutput =
      version.repeatsState && !isUnrolled ? .state : .previous
    return Recurrent(
      cell: cell, returnsSequence: returnsSequence, returnsState: returnsState,
      direction: goesBackwards ? .backward : .forward, isStateful: isStateful,
      keptStateWins: !version.isKeras3, maskedOutput: zeroes ? .zero : repeated)
  }

  mutating func bidirectional() -> Layer? {
    setPrecision()
    let mode = options.value("merge_mode") ?? "concat"
    options.ignore("layer", "backward_layer", "weights")
    guard let forwardConfig = config.inner("layer") else {
      return fail("'\(config.name)' has no layer inside")
    }
    guard let forward = direction(forwardConfig) else { return nil }
    let backward: Recurrent
    if let own = config.inner("backward_layer") {
      guard let read = direction(own) else { return nil }
      backward = read
    } else {
      guard var read = direction(forwardConfig) else { return nil }
      // Keras makes the backward layer from the config of the forward one.
      read.direction = forward.direction == .forward ? .backward : .forward
      backward = read
    }
    guard forward.direction != backward.direction, forward.isStateful == backward.isStateful else {
      return fail("both directions of '\(config.name)' must differ in go_backwards and in no other")
    }
    let mergeMode = mode.string.flatMap(Bidirectional.MergeMode.init)
    guard mode.isNull || mergeMode != nil else {
      options.refuse("merge_mode", because: "only concat, sum, mul, ave or null are supported")
      return nil
    }
    return .bidirectional(
      Bidirectional(forward: forward, backward: backward, mergeMode: mergeMode))
  }

  /// One direction of a Bidirectional layer.
  private mutating func direction(_ inner: KerasArchitecture.LayerConfig) -> Recurrent? {
    let known: Set = ["LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN"]
    guard known.contains(inner.className) else {
      findings.append(unsupported(inner))
      return nil
    }
    var reader = KerasLayerReader(inner, inside: self, inputShapes: inputShapes)
    var layer = reader.recurrent()
    checkPrecision(reader)
    finish(reader)
    // From tf.keras on, the wrapper decides what masked timesteps put out, whatever the config says
    // (keras/src/layers/rnn/bidirectional.py, `force_zero_output_for_mask`).
    if !version.isStandalone {
      let zeroes = layer?.returnsSequence == true
      layer?.maskedOutput = zeroes ? .zero : .previous
    }
    return layer
  }

  /// A layer that computes in two precisions has no place in the model.
  private mutating func checkPrecision(_ inner: KerasLayerReader) {
    guard inner.precision != precision else { return }
    findings.append(
      Diagnostic(
        .kerasOptionUnsupported, .error,
        "'\(inner.config.name)' computes in \(inner.precision) inside '\(config.name)', which "
          + "computes in \(precision)", at: config.location))
  }

  private func unsupported(_ inner: KerasArchitecture.LayerConfig) -> Diagnostic {
    Diagnostic(
      .kerasLayerUnsupported, .error,
      "'\(config.name)' holds a layer of class '\(inner.className)', which is not read there",
      at: config.location)
  }

  mutating func timeDistributed() -> Layer? {
    setPrecision()
    options.ignore("layer")
    guard let innerConfig = config.inner("layer") else {
      return fail("'\(config.name)' has no layer inside")
    }
    let refused: Set = [
      "Masking", "Sequential", "Functional", "Model", "InputLayer", "Merge", "Add", "Subtract",
      "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Attention",
      "AdditiveAttention", "NotEqual", "Any",
    ]
    guard Self.classes.contains(innerConfig.className), !refused.contains(innerConfig.className)
    else {
      findings.append(unsupported(innerConfig))
      return nil
    }
    let shapes = inputShapes.map { shape in
      shape.count > 2 ? [shape[0]] + shape.dropFirst(2) : shape
    }
    var reader = KerasLayerReader(innerConfig, inside: self, inputShapes: shapes)
    let layer = reader.read()
    checkPrecision(reader)
    finish(reader)
    guard let layer else { return nil }
    guard layer.outputCount == 1, !layer.isStateful else {
      findings.append(unsupported(innerConfig))
      return nil
    }
    return .timeDistributed(TimeDistributed(layer))
  }

  // MARK: cells

  private mutating func cellOfRNN() -> RecurrentCell? {
    options.ignore("cell")
    options.only("num_constants", nil, 0)
    guard let inner = config.inner("cell") else {
      _ = fail("'\(config.name)' has no cell")
      return nil
    }
    return cell(inner, inputShapes)
  }

  /// The cell of a config of its own.
  private mutating func cell(
    _ inner: KerasArchitecture.LayerConfig, _ shapes: [[Dimension]]
  ) -> RecurrentCell? {
    let known: Set = ["LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"]
    guard known.contains(inner.className) else {
      findings.append(unsupported(inner))
      return nil
    }
    var reader = KerasLayerReader(inner, inside: self, inputShapes: shapes)
    reader.setPrecision()
    let cell = inner.className == "StackedRNNCells" ? reader.stack() : reader.cell()
    checkPrecision(reader)
    finish(reader)
    return cell
  }

  private mutating func stack() -> RecurrentCell? {
    options.ignore("cells")
    options.only("reverse_state_order", false)
    var cells: [RecurrentCell] = []
    var shapes = inputShapes
    for inner in config.innerList("cells") {
      guard let cell = cell(inner, shapes) else { return nil }
      cells.append(cell)
      shapes = [[.free("batch"), .fixed(cell.units)]]
    }
    return .stacked(StackedCells(cells))
  }

  /// The cell whose options are the layer's own.
  private mutating func cell() -> RecurrentCell? {
    options.ignore("dropout", "recurrent_dropout")
    let units = options.size("units")
    // Without units the weights can't be read, and these belong to them.
    if units == nil { options.ignore("use_bias", "reset_after") }
    switch config.className {
    case "LSTM", "LSTMCell", "CuDNNLSTM": return lstm(units).map { .lstm($0) }
    case "GRU", "GRUCell", "CuDNNGRU": return gru(units).map { .gru($0) }
    default:
      let activation = options.activation("activation", version)
      guard let units, let weights = weights(KerasLayouts.simpleRNN, units) else { return nil }
      return .simpleRNN(
        SimpleRNN(
          inputSize: weights.inputSize, units: units, weights: weights.value,
          activation: activation))
    }
  }

  private mutating func lstm(_ units: Int?) -> LSTM? {
    let isCuDNN = config.className == "CuDNNLSTM"
    let activation = isCuDNN ? .tanh : cellActivation("activation")
    let recurrentActivation = isCuDNN ? .sigmoid : cellActivation("recurrent_activation")
    guard let units,
      let weights = weights(
        KerasLayouts.lstm, units, perGate: KerasLayouts.perGateLSTM, isCuDNN: isCuDNN)
    else { return nil }
    return LSTM(
      inputSize: weights.inputSize, units: units, weights: weights.value, activation: activation,
      recurrentActivation: recurrentActivation)
  }

  private mutating func gru(_ units: Int?) -> GRU? {
    let isCuDNN = config.className == "CuDNNGRU"
    let activation = isCuDNN ? .tanh : cellActivation("activation")
    let recurrentActivation = isCuDNN ? .sigmoid : cellActivation("recurrent_activation")
    let resetsAfter =
      isCuDNN || options.bool("reset_after", default: version.resetsAfterByDefault)
    guard let units,
      let weights = weights(
        KerasLayouts.gru, units, perGate: KerasLayouts.perGateGRU, isCuDNN: isCuDNN,
        splitsBias: resetsAfter)
    else { return nil }
    return GRU(
      inputSize: weights.inputSize, units: units, weights: weights.value, activation: activation,
      recurrentActivation: recurrentActivation,
      resetPlacement: resetsAfter ? .afterProduct : .beforeProduct)
  }

  /// An activation that keeps the width of the state.
  private mutating func cellActivation(_ name: String) -> Activation {
    let activation = options.activation(name, version)
    if activation == .glu { options.refuse(name, because: "it halves the width of the state") }
    return activation
  }
}

extension KerasLayerReader {
  /// A reader for a layer of which only the arrays are known.
  init(inferred kind: KerasCellKind, isPerGate: Bool, _ arrays: [Tensor], name: String) {
    let options: JSONValue = [
      "units": .integer(kind.units), "activation": "tanh", "recurrent_activation": "sigmoid",
      "use_bias": .bool(kind.hasBias), "reset_after": .bool(kind.resetsAfter),
      "return_sequences": true,
    ]
    let config = KerasArchitecture.LayerConfig(
      className: kind.className, name: name, options: options.object ?? JSONObject(),
      location: arrays.first?.location ?? .init(), isKeras1: false)
    self.init(
      config, arrays: arrays, inputShapes: [], version: KerasVersion.newest)
  }
}
