import RecurContainers
import RecurModel

extension Lookup: KerasLayer {
  static let classes = [
    KerasClass(
      "IntegerLookup", standsInside: false, input: .init(axes: .any, takesTokens: true),
      completes: complete, read: read)
  ]

  /// keras/src/layers/preprocessing/index_lookup.py.
  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("invert", nil, false)
    reader.options.only("sparse", nil, false)
    reader.options.only("idf_weights", nil)
    reader.options.only("salt", nil)
    reader.options.only("oov_method", nil, "floormod")
    reader.options.only("vocabulary_dtype", nil, "int64", "int32")
    reader.options.ignore(
      "vocabulary", "vocabulary_size", "max_tokens", "pad_to_max_tokens", "num_oov_indices",
      "mask_token", "oov_token")
    let mode = reader.options.choice("output_mode", "int", "one_hot", "multi_hot", "count")
    guard let lookup = lookup(reader.config) else {
      return reader.fail(
        "'\(reader.config.name)' has no vocabulary of whole numbers in the file, or no position for "
          + "others")
    }
    guard let mode = CategoryEncoding.Mode(rawValue: mode) else { return .lookup(lookup) }
    return .categoryEncoding(
      CategoryEncoding(categories: entryCount(reader.config, lookup), mode: mode))
  }

  private static func lookup(_ config: KerasArchitecture.LayerConfig) -> Lookup? {
    let list = config.options["vocabulary"]?.array
    var keys = list?.compactMap(\.integer) ?? []
    let unknown = config.options["num_oov_indices"]?.integer ?? 1
    guard let list, keys.count == list.count, 1..<1 << 20 ~= unknown,
      keys.allSatisfy({ $0.magnitude < 1 << 53 })
    else { return nil }
    let isPositions = (config.options["output_mode"]?.string ?? "int") == "int"
    let mask = isPositions ? config.options["mask_token"]?.integer : nil
    let token = config.options["oov_token"]?.integer ?? -1
    let reserved = (mask.map { [$0] } ?? []) + [Int](repeating: token, count: unknown)
    if keys.starts(with: reserved) { keys.removeFirst(reserved.count) }
    guard let mask else {
      return Lookup(
        keys: keys, firstPosition: unknown, unknownCount: unknown, unknownPosition: 0)
    }
    // The reserved positions between the mask and the first number are taken by the mask again.
    return Lookup(
      keys: [Int](repeating: mask, count: unknown + 1) + keys, firstPosition: 0,
      unknownCount: unknown, unknownPosition: 1)
  }

  private static func entryCount(
    _ config: KerasArchitecture.LayerConfig, _ lookup: Lookup
  ) -> Int {
    let count = lookup.firstPosition + lookup.keys.count
    guard config.options["pad_to_max_tokens"]?.bool == true else { return count }
    return max(min(config.options["max_tokens"]?.integer ?? count, 1 << 24), count)
  }

  /// Looks up before the vectors are made.
  private static func complete(_ call: inout KerasNodeReader) {
    guard case .categoryEncoding = call.node.layer, let lookup = lookup(call.config) else { return }
    call.chain([.lookup(lookup), call.node.layer])
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let hasMask = firstPosition == 0 && unknownPosition == 1 && keys.count > unknownCount
    return KerasLayerForm(
      className: "IntegerLookup", name: name,
      options: [
        ("max_tokens", .null), ("num_oov_indices", .integer(unknownCount)),
        ("mask_token", hasMask ? .integer(keys[0]) : .null), ("oov_token", -1),
        ("output_mode", "int"),
        (
          "vocabulary",
          .array(keys.dropFirst(hasMask ? unknownCount + 1 : 0).map { .integer($0) })
        ),
      ], typeInKeras2: "int64", saysTrainable: false)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
