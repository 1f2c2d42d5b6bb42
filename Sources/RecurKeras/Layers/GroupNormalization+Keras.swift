import RecurContainers
import RecurModel
import RecurTensors

extension GroupNormalization: KerasLayer {
  static let classes = [KerasClass("GroupNormalization", arrays: arrays, read: read)]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(options.scaleAndShift())
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.readFeatureAxis()
    let epsilon = reader.options.number("epsilon", default: 1e-3)
    let declared = reader.options.value("groups")
    let plan = reader.plan()
    let (hasScale, hasCenter) = (plan.has("gamma"), plan.has("beta"))
    guard let width = reader.inputSize ?? reader.arrays.first?.count else {
      return reader.fail("the width of '\(reader.config.name)' is not known")
    }
    // -1 means one group per channel.
    let groups = declared.map { $0.integer ?? 0 } ?? 32
    let gamma = hasScale ? reader.take("gamma", [width]) : nil
    let beta = hasCenter ? reader.take("beta", [width]) : nil
    guard groups == -1 || groups > 0 && width % groups == 0 else {
      return reader.fail(
        "the \(width) channels of '\(reader.config.name)' do not fall into "
          + "\(declared?.text ?? "32") groups of equal size")
    }
    guard gamma != nil || !hasScale, beta != nil || !hasCenter else { return nil }
    return .groupNormalization(
      GroupNormalization(
        gamma: gamma, beta: beta, width: width, groups: groups == -1 ? width : groups,
        epsilon: epsilon))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: "GroupNormalization", name: name,
      options: [
        ("groups", .integer(groups)), ("axis", -1), ("epsilon", .number(epsilon)),
        ("center", .bool(beta != nil)), ("scale", .bool(gamma != nil)),
      ],
      arrays: (gamma.map { [writer.array("gamma", $0)] } ?? [])
        + (beta.map { [writer.array("beta", $0)] } ?? []))
  }

  /// tf.keras passes the mask to the computation, where it fits the shapes by accident only
  /// (tf_keras/src/layers/normalization/group_normalization.py, `call`).
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    rules.isKeras3 ? .passed : KerasMasks(use: .harmful, outcome: .passed)
  }
}
