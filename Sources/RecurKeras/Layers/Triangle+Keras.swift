import RecurContainers
import RecurModel

extension Triangle: KerasLayer {
  static let classes = [true, false].map { isLower in
    KerasClass.operation(isLower ? "Tril" : "Triu", followsInput: true) { reader in
      let diagonal = reader.options.value("k") ?? 0
      guard let diagonal = diagonal.integer, diagonal.magnitude < 1 << 31 else {
        reader.options.refuse("k", because: "a whole number belongs there")
        return nil
      }
      guard reader.inputShapes.first.map({ $0.count > 2 }) ?? true else {
        return reader.fail("operation '\(reader.config.name)' mixes the sequences of a batch")
      }
      return .triangle(Triangle(isLower: isLower, diagonal: diagonal))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [-2, -1]) else { return nil }
    return writer.operation(isLower ? "Tril" : "Triu", name, [("k", .integer(diagonal))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
