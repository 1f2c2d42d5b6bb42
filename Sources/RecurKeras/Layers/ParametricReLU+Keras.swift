import RecurContainers
import RecurModel
import RecurTensors

extension ParametricReLU: KerasLayer {
  static let classes = [
    KerasClass("PReLU", arrays: { _, _ in KerasArrayPlan(["alpha"]) }, read: read)
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let shared = reader.options.value("shared_axes")?.array?.compactMap(\.integer) ?? []
    let shape = (reader.inputShapes.first ?? []).dropFirst().enumerated().map { axis, extent in
      shared.contains(axis + 1) ? 1 : extent.value
    }
    return reader.take("alpha", declared: shape).map { .parametricReLU(ParametricReLU(alpha: $0)) }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let extents = writer.inputShapes.first?.dropFirst() ?? []
    let shared = zip(alpha.shape, extents).enumerated().compactMap { axis, pair in
      pair.0 == 1 && pair.1.value != 1 ? axis + 1 : nil
    }
    return KerasLayerForm(
      className: "PReLU", name: name,
      options: [("shared_axes", shared.isEmpty ? .null : .array(shared.map { .integer($0) }))],
      arrays: [writer.array("alpha", alpha)])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
