import RecurContainers
import RecurModel
import RecurTensors

/// The three forms in which Keras keeps the arrays of a recurrent cell.
extension KerasLayerReader {
  /// The option `units` of a cell.
  mutating func units() -> Int? {
    options.ignore("dropout", "recurrent_dropout")
    let units = options.size("units")
    // Without units the weights can't be read. The options about weights are not judged then.
    if units == nil { options.ignore("use_bias", "reset_after") }
    return units
  }

  /// An activation of a cell, which must keep the width of the state.
  mutating func cellActivation(_ name: String) -> Activation {
    let activation = options.activation(name, version)
    if activation == .glu { options.refuse(name, because: "it halves the width of the state") }
    return activation
  }

  /// Reads a cell with a config of its own, for inputs of these shapes.
  ///
  /// - Returns: the cell; nil when that fails, which was reported.
  mutating func cell(
    _ inner: KerasArchitecture.LayerConfig, _ shapes: [[Dimension]]
  ) -> RecurrentCell? {
    guard let kerasCell = inner.kerasCell else {
      refuse(inside: inner)
      return nil
    }
    var reader = KerasLayerReader(inner, inside: self, inputShapes: shapes)
    reader.setPrecision()
    let cell = kerasCell.read(&reader)
    checkPrecision(reader)
    finish(reader)
    return cell
  }

  /// The weights of one cell, and the input size their kernel has.
  mutating func weights<Gate: RecurrentGate>(
    _ layout: RecurrentLayout<Gate>, _ units: Int, perGate order: [Gate]? = nil,
    isCuDNN: Bool = false, splitsBias: Bool = false
  ) -> (value: RecurrentWeights<Gate>, inputSize: Int)? {
    if isPerGate, let order { return perGateWeights(order, units) }
    let hasBias = plan().has("bias")
    let width = layout.gateOrder.count * units
    guard let kernel = take("kernel", declared: [inputSize, width]),
      let recurrentKernel = take("recurrent_kernel", declared: [units, width])
    else { return nil }
    let biasShape = isCuDNN ? [2 * width] : splitsBias ? [2, width] : [width]
    let bias = hasBias ? take("bias", declared: biasShape) : nil
    guard bias != nil || !hasBias else { return nil }
    let sizes = RecurrentSizes(units: units, inputSize: inputSize, declaredBy: "the config")
    let wrong = [
      layout.finding(kernel, .kernel, layer: config.name, sizes: sizes),
      layout.finding(recurrentKernel, .recurrentKernel, layer: config.name, sizes: sizes),
    ].compactMap { $0 }
    findings += wrong
    guard wrong.isEmpty else { return nil }
    do throws(CheckpointError) {
      // CuDNN's arrays have one bias per product, so that the bias has 8·units or 6·units elements.
      let gates = layout.gateOrder.count
      if let bias, gates > 1, bias.shape == [2 * gates * units] {
        guard isCuDNN || splitsBias || gates == 4 else {
          findings.append(
            mismatch(bias, "(\(gates * units)): the reset gate is before the product"))
          return nil
        }
        if !isCuDNN {
          findings.append(
            Diagnostic(
              .kerasCuDNNAssumed, .note,
              "the bias of '\(config.name)' has \(2 * gates)·\(units) elements: its arrays were "
                + "written by a CuDNN layer and are read as such", at: bias.location,
              expected: "a bias of \(gates)·\(units) for LSTM of any Keras without CuDNN",
              found: "\(2 * gates)·\(units)",
              reason:
                "CuDNNLSTM and CuDNNGRU keep two biases and each gate's kernel transposed; Keras "
                + "3 refuses such arrays",
              remedies: [.convertWithArchitecture]))
        }
        return (try cuDNN(layout, kernel, recurrentKernel, bias, units), kernel.shape[0])
      }
      let form = try self.bias(bias, layout, units, isSplit: splitsBias)
      guard let form, !isCuDNN else {
        if isCuDNN, let bias { findings.append(mismatch(bias, "(\(2 * gates * units))")) }
        return nil
      }
      return (
        RecurrentWeights(
          kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(recurrentKernel),
          bias: form), kernel.shape[0]
      )
    } catch {
      findings.append(error.diagnostic)
      return nil
    }
  }

  private mutating func bias<Gate: RecurrentGate>(
    _ bias: Tensor?, _ layout: RecurrentLayout<Gate>, _ units: Int, isSplit: Bool
  ) throws(CheckpointError) -> RecurrentWeights<Gate>.Bias? {
    guard let bias else { return RecurrentWeights<Gate>.Bias.none }
    let width = layout.gateOrder.count * units
    if isSplit {
      guard bias.shape == [2, width] else {
        findings.append(mismatch(bias, "(2, \(width)): one row per product (reset_after)"))
        return nil
      }
      return .split(
        input: try layout.unpack(bias.select(axis: 0, 0)),
        recurrent: try layout.unpack(bias.select(axis: 0, 1)))
    }
    let sizes = RecurrentSizes(units: units, inputSize: inputSize, declaredBy: "the config")
    if let finding = layout.finding(bias, .bias, layer: config.name, sizes: sizes) {
      findings.append(finding)
      return nil
    }
    return .single(try layout.unpack(bias))
  }

  private func mismatch(_ bias: Tensor, _ expected: String) -> Diagnostic {
    Diagnostic(
      .tensorShapeMismatch, .error, "the bias of '\(config.name)' has the wrong shape",
      at: bias.location, expected: expected, found: tuple(bias.shape))
  }

  /// CuDNN's arrays (keras 2.2.4, keras/engine/saving.py, `_convert_rnn_weights`): the block of
  /// each gate has the units first, as CuDNN has them, and there are two biases.
  private func cuDNN<Gate: RecurrentGate>(
    _ layout: RecurrentLayout<Gate>, _ kernel: Tensor, _ recurrentKernel: Tensor, _ bias: Tensor,
    _ units: Int
  ) throws(CheckpointError) -> RecurrentWeights<Gate> {
    let inputs = try layout.unpack(kernel)
    let recurrent = try layout.unpack(recurrentKernel)
    let halves = try bias.reshaped([2, layout.gateOrder.count * units])
    let size = kernel.shape[0]
    return RecurrentWeights(
      kernel: try GateMap { gate throws(CheckpointError) in
        try inputs[gate].transposed().reshaped([units, size])
      },
      // `unpack` transposes arrays in Keras' orientation. A block of CuDNN has the units first
      // already.
      recurrentKernel: GateMap { recurrent[$0].transposed() },
      bias: .split(
        input: try layout.unpack(halves.select(axis: 0, 0)),
        recurrent: try layout.unpack(halves.select(axis: 0, 1))))
  }

  /// The arrays W, U, b of one gate after the other (Keras 1, `consume_less` cpu or mem).
  private mutating func perGateWeights<Gate: RecurrentGate>(
    _ order: [Gate], _ units: Int
  ) -> (value: RecurrentWeights<Gate>, inputSize: Int)? {
    var kernel: [Gate: Tensor] = [:]
    var recurrentKernel: [Gate: Tensor] = [:]
    var bias: [Gate: Tensor] = [:]
    for gate in order {
      let w = take("W of the \(gate) gate", [inputSize, units])
      let u = take("U of the \(gate) gate", [units, units])
      let b = take("b of the \(gate) gate", [units])
      guard let w, let u, let b else { continue }
      kernel[gate] = w.transposed()
      recurrentKernel[gate] = u.transposed()
      bias[gate] = b
    }
    guard let first = order.first.flatMap({ kernel[$0] }), bias.count == order.count else {
      return nil
    }
    func map(_ tensors: [Gate: Tensor]) -> GateMap<Gate, Tensor> {
      GateMap { tensors[$0] ?? first }
    }
    return (
      RecurrentWeights(
        kernel: map(kernel), recurrentKernel: map(recurrentKernel), bias: .single(map(bias))),
      first.shape[1]
    )
  }
}

extension KerasArrayPlan {
  /// The arrays of a cell.
  ///
  /// - Parameters:
  ///   - options: the cell's.
  ///   - gates: the number of gates that have three arrays each in Keras 1 with `consume_less` cpu or
  ///     mem; nil where they never do.
  /// - Returns: kernel, recurrent kernel and, unless the options say otherwise, bias.
  static func cell(_ options: inout KerasOptions, gates: Int? = nil) -> KerasArrayPlan {
    let bias = options.bool("use_bias", default: true) ? ["bias"] : []
    let isJoined = options.value("consume_less") == "gpu"
    return KerasArrayPlan(
      ["kernel", "recurrent_kernel"] + bias,
      perGateCount: gates.map { isJoined ? 3 : 3 * $0 })
  }

  /// The arrays of a layer that CuDNN runs.
  static let cuDNN = KerasArrayPlan(["kernel", "recurrent_kernel", "bias"])
}

extension Diagnostic.Code {
  static let kerasCuDNNAssumed = Self(rawValue: "keras.cudnn.assumed")
}
