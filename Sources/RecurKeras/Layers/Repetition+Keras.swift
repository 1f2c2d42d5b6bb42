import RecurContainers
import RecurModel

extension Repetition: KerasLayer {
  static let classes = [
    KerasClass.operation("Repeat", followsInput: true) { reader in
      guard let count = reader.options.size("repeats"), let axes = reader.axes() else { return nil }
      guard axes.count == 1 else {
        reader.options.refuse("axis", because: "one axis belongs there")
        return nil
      }
      return .repetition(Repetition(axis: axes[0], count: count, isWhole: false))
    },
    KerasClass.operation("Tile", followsInput: true, completes: complete) { reader in
      reader.options.ignore("repeats")
      guard let parts = parts(reader.config, reader.inputShapes.first?.count) else {
        reader.options.refuse(
          "repeats", because: "a number for every axis belongs there, 1 for the batch")
        return nil
      }
      return parts.last ?? .identity(Identity(className: "Identity"))
    },
  ]

  /// One repetition for each axis that is repeated; nil for a repeated batch.
  private static func parts(
    _ config: KerasArchitecture.LayerConfig, _ rank: Int?
  ) -> [Layer]? {
    let given = config.options["repeats"]
    guard let rank,
      let counts = given?.integer.map({ [$0] }) ?? given?.array?.compactMap(\.integer),
      counts.count <= rank, counts.count == given?.array?.count ?? 1,
      counts.allSatisfy({ 0 < $0 && $0 < 1 << 31 }), counts.count < rank || counts[0] == 1
    else { return nil }
    return zip(rank - counts.count..<rank, counts).filter { $1 != 1 }.map {
      .repetition(Repetition(axis: $0, count: $1, isWhole: true))
    }
  }

  private static func complete(_ call: inout KerasNodeReader) {
    guard let parts = parts(call.config, call.inputShapes.first?.count) else { return }
    call.chain(parts)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [axis]) else { return nil }
    guard isWhole else {
      return writer.operation(
        "Repeat", name, [("repeats", .integer(count)), ("axis", .integer(axis))])
    }
    let rank = writer.inputShapes.first?.count ?? axis + 1
    let counts = (0..<rank).map { JSONValue.integer($0 == axis ? count : 1) }
    return writer.operation("Tile", name, [("repeats", .array(counts))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
