import RecurContainers
import RecurModel

// Read by the class of ``Reshaping``, whose option says how positions are made.
extension Interpolation: KerasLayer {
  static let classes: [KerasClass] = []

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard factors.count == 2 else {
      writer.fail(
        "'\(writer.node.layerName)' stretches \(factors.count) axes; Keras has that for two")
      return nil
    }
    return KerasLayerForm(
      className: "UpSampling2D", name: name,
      options: [
        ("size", .array(factors.map { .integer($0) })), ("data_format", "channels_last"),
        ("interpolation", "bilinear"),
      ])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
