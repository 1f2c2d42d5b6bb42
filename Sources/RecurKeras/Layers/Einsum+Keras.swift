import RecurContainers
import RecurModel
import RecurTensors

/// The layer EinsumDense, and the operation of Keras 3 without a kernel.
extension Einsum: KerasLayer {
  static let classes = [
    KerasClass(layerName, arrays: arrays, read: read),
    KerasClass.operation("Einsum", followsInput: true) { reader in
      guard let equation = reader.options.value("subscripts")?.string else {
        return reader.fail("operation '\(reader.config.name)' has no equation")
      }
      return einsum(equation, nil, nil, .linear, &reader)
    },
  ]

  private static let layerName = "EinsumDense"

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    let axes = options.value("bias_axes") ?? .null
    return KerasArrayPlan(["kernel"] + (axes.isNull ? [] : ["bias"]))
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.refuseQuantization()
    reader.options.only("gptq_unpacked_column_size", nil)
    // The kernel has the shape that the equation and this option say.
    reader.options.ignore("output_shape")
    let activation = reader.options.activation("activation", reader.version)
    let hasBias = reader.plan().has("bias")
    guard let equation = reader.options.value("equation")?.string else {
      return reader.fail("'\(reader.config.name)' has no equation")
    }
    // Letters of the equation are axes of any extent.
    let terms = equation.split(separator: ",")
    let own = terms.last?.prefix { $0 != "-" }.count { $0.isLetter } ?? 0
    let biasRank = reader.config.options["bias_axes"]?.string?.count ?? 0
    let (anyKernel, anyBias) = (
      [Int?](repeating: nil, count: own), [Int?](repeating: nil, count: biasRank)
    )
    guard let kernel = reader.take("kernel", declared: anyKernel) else { return nil }
    let bias = hasBias ? reader.take("bias", declared: anyBias) : nil
    guard bias != nil || !hasBias else { return nil }
    return einsum(equation, kernel, bias, activation, &reader)
  }

  private static func einsum(
    _ equation: String, _ kernel: Tensor?, _ bias: Tensor?, _ activation: Activation,
    _ reader: inout KerasLayerReader
  ) -> Layer? {
    let layer = Einsum(equation: equation, kernel: kernel, bias: bias, activation: activation)
    let count = (reader.config.calls.first?.inputs.count ?? 1) + (kernel == nil ? 0 : 1)
    guard let parsed = layer.parsed, parsed.operandCount == count else {
      return reader.fail(
        "'\(reader.config.name)' has the equation '\(equation)', which is none of \(count) operands "
          + "and an output")
    }
    return .einsum(layer)
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard let kernel else {
      return writer.operation("Einsum", name, [("subscripts", .string(equation))])
    }
    guard let activation = writer.activation(activation), activation.inputScale == 1 else {
      writer.fail("'\(writer.node.layerName)' applies an activation that needs other weights")
      return nil
    }
    var form = KerasLayerForm(
      className: Self.layerName, name: name, arrays: [writer.array("kernel", kernel)])
    if let bias { form.arrays.append(writer.array("bias", bias)) }
    guard writer.target.holdsArchitecture else { return form }
    // Without the batch and the axes of "...".
    let signs = Array(
      equation.filter { $0 != " " }.replacing("...", with: "0").split(separator: ">")[1])
    let shape = (try? outputShapes(writer.inputShapes, named: name))?.first ?? []
    let hidden = shape.count - signs.count { $0 != "0" }
    var extents: [JSONValue] = []
    var axis = 0
    for (position, sign) in signs.enumerated() {
      if sign == "0" {
        axis += hidden
      } else {
        if position > 0 { extents.append(shape[axis].value.map { .integer($0) } ?? .null) }
        axis += 1
      }
    }
    form.options = [
      ("output_shape", .array(extents)), ("equation", .string(equation)),
      ("activation", activation.value), ("bias_axes", biasAxes(signs).map { .string($0) } ?? .null),
    ]
    return form
  }

  /// The letters of the output along which the bias has more than one element.
  private func biasAxes(_ output: [Character]) -> String? {
    guard let bias else { return nil }
    let letters = output.filter { $0 != "0" }.suffix(bias.rank)
    let named = zip(letters, bias.shape.suffix(letters.count)).filter { $0.1 != 1 }.map { $0.0 }
    return String(named.isEmpty ? Array(letters.prefix(1)) : named)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    kernel == nil || !rules.isKeras3 ? .lost : .passed
  }
}
