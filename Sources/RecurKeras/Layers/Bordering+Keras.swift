import RecurContainers
import RecurModel

extension Bordering: KerasLayer {
  static let classes = [
    KerasClass.operation("Pad", followsInput: true) { reader in
      let mode = reader.options.choice(
        "mode", "constant", "reflect", "symmetric", "edge", "CONSTANT", "REFLECT", "SYMMETRIC")
      let number = reader.options.number("constant_values", default: 0)
      let pairs = reader.options.value("pad_width")?.array ?? []
      let margins = pairs.compactMap { $0.array?.compactMap(\.integer) }
      guard margins.count == pairs.count, margins.allSatisfy({ $0.count == 2 }),
        margins.joined().allSatisfy({ 0..<1 << 31 ~= $0 }), margins.first == [0, 0],
        reader.inputShapes.first.map({ $0.count == margins.count }) ?? true
      else {
        reader.options.refuse(
          "pad_width", because: "two numbers for every axis belong there, none for the batch")
        return nil
      }
      let content: Content =
        switch mode.lowercased() {
        case "reflect": .reflected
        case "symmetric": .symmetric
        case "edge": .edge
        default: .constant(number)
        }
      return .bordering(
        Bordering(
          parts: margins.enumerated().filter { $1 != [0, 0] }.map {
            Part(axis: $0, before: $1[0], after: $1[1])
          }, content: content))
    }
  ]

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: parts.map(\.axis)) else { return nil }
    let rank = writer.inputShapes.first?.count ?? 0
    let pairs = (0..<rank).map { axis -> JSONValue in
      let part = parts.first { $0.axis == axis }
      return [.integer(part?.before ?? 0), .integer(part?.after ?? 0)]
    }
    let mode: JSONValue
    switch content {
    case .constant: mode = "constant"
    case .reflected: mode = "reflect"
    case .symmetric: mode = "symmetric"
    case .edge:
      writer.fail(
        "'\(writer.node.layerName)' repeats the ends of an axis, which Keras does not on TensorFlow"
      )
      return nil
    }
    var form = writer.operation("Pad", name, [("pad_width", .array(pairs)), ("mode", mode)])
    if case .constant(let number) = content {
      form.arguments = [.input, .named("constant_values", .number(number))]
    }
    return form
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
