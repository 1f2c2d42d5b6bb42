import RecurContainers
import RecurModel
import RecurTensors

extension Scaling: KerasLayer {
  static let classes = [KerasClass("Rescaling", read: read)]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    func plain(_ name: String, _ value: Double, _ options: inout KerasOptions) -> [Double] {
      let found = options.value(name)
      let numbers = found?.double.map { [$0] } ?? found?.array?.compactMap(\.double) ?? [value]
      return numbers.map { ElementType.float32.rounded($0) }
    }
    let scale = plain("scale", 1, &reader.options)
    let offset = plain("offset", 0, &reader.options)
    return .scaling(Scaling(scale: scale, offset: offset))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    func plain(_ values: [Double]) -> JSONValue {
      values.count == 1 ? .number(values[0]) : .array(values.map { .number($0) })
    }
    // Keras computes with the nearest numbers of 32 bits.
    let rounded = [scale, offset].map { $0.map { ElementType.float32.rounded($0) } }
    if rounded != [scale, offset] { writer.isRounded = true }
    return KerasLayerForm(
      className: "Rescaling", name: name,
      options: [("scale", plain(rounded[0])), ("offset", plain(rounded[1]))])
  }

  /// Masks are handed on from Keras 3 on; earlier versions lose them.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    rules.isKeras3 ? .passed : .lost
  }
}
