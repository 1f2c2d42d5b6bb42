import RecurContainers
import RecurModel

extension BatchNormalization: KerasLayer {
  static let classes = [
    KerasClass(
      "BatchNormalization", differsInTraining: true, arrays: arrays, input: .init(axes: .any),
      read: read)
  ]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(
      options.scaleAndShift(),
      statistics: ["moving_mean", "moving_variance"])
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.readFeatureAxis()
    // An option of Keras 1: 0 is the usual mode; 1 and 2 use the moments of the batch.
    reader.options.only("mode", 0)
    reader.options.only("renorm", false)
    let epsilon = reader.options.number("epsilon", default: 1e-3)
    let plan = reader.plan()
    let (hasScale, hasCenter) = (plan.has("gamma"), plan.has("beta"))
    let width = reader.inputSize
    let gamma = hasScale ? reader.take("gamma", [width]) : nil
    let beta = hasCenter ? reader.take("beta", [width]) : nil
    guard let mean = reader.take("moving_mean", [width]),
      let variance = reader.take("moving_variance", [width]), gamma != nil || !hasScale,
      beta != nil || !hasCenter
    else { return nil }
    return .batchNormalization(
      BatchNormalization(
        gamma: gamma, beta: beta, movingMean: mean, movingVariance: variance, epsilon: epsilon))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: "BatchNormalization", name: name,
      options: [
        ("axis", -1), ("epsilon", .number(epsilon)), ("center", .bool(beta != nil)),
        ("scale", .bool(gamma != nil)),
      ],
      arrays: (gamma.map { [writer.array("gamma", $0)] } ?? [])
        + (beta.map { [writer.array("beta", $0)] } ?? [])
        + [
          writer.array("moving_mean", movingMean),
          writer.array("moving_variance", movingVariance),
        ])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .taken, outcome: .passed)
  }
}
