import RecurContainers
import RecurModel

extension Embedding: KerasLayer, KerasMaskMaking {
  static let classes = [
    KerasClass(
      "Embedding", arrays: { _, _ in KerasArrayPlan(["embeddings"]) },
      input: .init(axes: .exactly(2), takesTokens: true),
      told: { _, arrays in
        guard let table = arrays.first, table.count == 2 else { return [] }
        return [("input_dim", .integer(table[0])), ("output_dim", .integer(table[1]))]
      }, read: read)
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.refuseQuantization()
    reader.options.only("sparse", false)
    reader.options.ignore("input_length", "dropout")
    let tokens = reader.options.size("input_dim")
    let width = reader.options.size("output_dim")
    let masksZero = reader.options.bool("mask_zero", default: false)
    guard let tokens, let width, let table = reader.take("embeddings", [tokens, width]) else {
      return nil
    }
    return .embedding(Embedding(table: table, masksZero: masksZero, cutsFractions: true))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: "Embedding", name: name,
      options: [
        ("input_dim", .integer(vocabularySize)), ("output_dim", .integer(outputSize)),
        ("mask_zero", .bool(masksZero)),
      ], arrays: [writer.array("embeddings", table)])
  }

  /// A token counts if it is not 0.
  var comparison: KerasMaskComparison? {
    masksZero ? KerasMaskComparison(number: 0, inAnyFeature: false) : nil
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .ignored, outcome: masksZero ? .own : .none)
  }
}
