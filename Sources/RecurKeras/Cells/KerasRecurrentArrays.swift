import RecurModel
import RecurTensors

/// The arrays of a recurrent cell in the form of Keras.
extension KerasLayerWriter {
  /// Kernel, recurrent kernel and, if the cell has one, bias.
  mutating func arrays<Gate>(
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

  /// The sum of two biases, for cells with one bias in Keras.
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
