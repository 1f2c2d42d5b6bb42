import RecurContainers
import RecurModel
import RecurTensors

extension Dense: KerasLayer {
  static let classes = [
    KerasClass(
      "Dense", generation1: .init(options: ["output_dim": "units"]), arrays: arrays,
      input: .kernel(.any),
      told: { _, arrays in
        arrays.first?.last.map { [("units", .integer($0))] } ?? []
      }, read: read)
  ]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(["kernel"] + (options.bool("use_bias", default: true) ? ["bias"] : []))
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.refuseQuantization()
    let units = reader.options.size("units")
    let activation = reader.options.activation("activation", reader.version)
    let hasBias = reader.plan().has("bias")
    guard let units, let kernel = reader.take("kernel", [reader.inputSize, units]) else {
      return nil
    }
    let bias = hasBias ? reader.take("bias", [units]) : nil
    return bias == nil && hasBias
      ? nil : .dense(Dense(kernel: kernel.transposed(), bias: bias, activation: activation))
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    guard let activation = writer.activation(activation) else { return nil }
    return KerasLayerForm(
      className: "Dense", name: name,
      options: [
        ("units", .integer(outputSize)), ("activation", activation.value),
        ("use_bias", .bool(bias != nil)),
      ],
      arrays: try writer.linear(kernel, bias, scale: activation.inputScale))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
