import RecurContainers
import RecurModel
import RecurTensors

extension LayerNormalization: KerasLayer {
  static let classes = [
    KerasClass(
      "LayerNormalization", arrays: arrays, input: .init(axes: .any), read: read)
  ]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(options.scaleAndShift())
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.checkLastAxis()
    reader.options.only("rms_scaling", false)
    let epsilon = reader.options.number("epsilon", default: 1e-3)
    let plan = reader.plan()
    let (hasScale, hasCenter) = (plan.has("gamma"), plan.has("beta"))
    guard let width = reader.inputSize ?? reader.arrays.first?.count else {
      return reader.fail("the width of '\(reader.config.name)' is not known")
    }
    let gamma = hasScale ? reader.take("gamma", [width]) : nil
    let beta = hasCenter ? reader.take("beta", [width]) : nil
    guard gamma != nil || !hasScale, beta != nil || !hasCenter else { return nil }
    return .layerNormalization(
      LayerNormalization(gamma: gamma, beta: beta, width: width, epsilon: epsilon))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: "LayerNormalization", name: name,
      options: [
        ("axis", -1), ("epsilon", .number(epsilon)), ("center", .bool(beta != nil)),
        ("scale", .bool(gamma != nil)),
      ],
      arrays: (gamma.map { [writer.array("gamma", $0)] } ?? [])
        + (beta.map { [writer.array("beta", $0)] } ?? []))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
