import RecurContainers
import RecurModel
import RecurTensors

extension RootMeanSquareNormalization: KerasLayer {
  static let classes = [
    KerasClass(
      "RMSNormalization", arrays: { _, _ in KerasArrayPlan(["scale"]) }, input: .init(axes: .any)
    ) { reader in
      reader.readFeatureAxis()
      let epsilon = reader.options.number("epsilon", default: 1e-6)
      guard let width = reader.inputSize ?? reader.arrays.first?.count else {
        return reader.fail("the width of '\(reader.config.name)' is not known")
      }
      return reader.take("scale", [width]).map {
        .rootMeanSquareNormalization(
          RootMeanSquareNormalization(gamma: $0, width: width, epsilon: epsilon))
      }
    },
    KerasClass.operation("RMSNorm", followsInput: true) { reader in
      guard !reader.isTensor("scale"), reader.options.value("scale")?.isNull ?? true else {
        return reader.fail("operation '\(reader.config.name)' has a scale")
      }
      reader.readFeatureAxis()
      let epsilon = reader.options.optionalNumber("epsilon") ?? 1e-7
      guard let width = reader.inputSize else {
        return reader.fail("the width of '\(reader.config.name)' is not known")
      }
      return .rootMeanSquareNormalization(
        RootMeanSquareNormalization(gamma: nil, width: width, epsilon: epsilon))
    },
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.target.isKeras3 || !writer.target.holdsArchitecture else {
      writer.fail("'\(writer.node.layerName)' is RMSNormalization, which Keras 3 has")
      return nil
    }
    guard let gamma else {
      var form = writer.operation(
        "RMSNorm", name, [("axis", -1), ("epsilon", .number(epsilon))])
      form.arguments = [.input]
      return form
    }
    return KerasLayerForm(
      className: "RMSNormalization", name: name,
      options: [("axis", -1), ("epsilon", .number(epsilon))],
      arrays: [writer.array("scale", gamma)])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
