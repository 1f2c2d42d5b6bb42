import RecurContainers
import RecurModel
import RecurTensors

// Layers that look text up in a vocabulary: an input of text and such a layer are one input of the
// model, which takes numbers and can be given text.
extension Input {
  /// The layers that read text.
  static let textClasses = [
    KerasClass(
      vectorization, standsInside: false,
      input: .init(axes: .exactly(2), takesTokens: true), read: vectorized),
    KerasClass(
      lookup, standsInside: false,
      input: .init(axes: .any, takesTokens: true), read: lookedUp),
  ]

  private static let vectorization = "TextVectorization"
  private static let lookup = "StringLookup"
  private static let unknownToken = "[UNK]"

  /// Text that is changed, split and looked up (keras/src/layers/preprocessing/text_vectorization.py).
  private static func vectorized(_ reader: inout KerasLayerReader) -> Layer? {
    let standardization = word(
      &reader, "standardize", TextReading.Standardization.lowerAndStripPunctuation)
    let splitting = word(&reader, "split", TextReading.Splitting.whitespace)
    let form = word(&reader, "output_mode", TextReading.Form.positions)
    let length = reader.options.sizes("output_sequence_length", default: 0)?[0] ?? 0
    reader.options.only("ragged", nil, false)
    reader.options.only("encoding", nil, "utf-8")
    let groups = groups(&reader)
    // Positions have 0 for what fills a text and 1 for unknown words, vectors 0 for unknown words.
    let reserved = form == .positions ? ["", unknownToken] : [unknownToken]
    guard let vocabulary = vocabulary(&reader, reserved), let standardization, let splitting,
      let form, let groups
    else { return nil }
    return input(
      &reader,
      TextReading(
        standardization: standardization, splitting: splitting, groups: groups,
        vocabulary: vocabulary, firstPosition: reserved.count,
        unknownPosition: reserved.count - 1, form: form, length: length == 0 ? nil : length,
        entryCount: entryCount(&reader, reserved.count + vocabulary.count)))
  }

  /// Text that is looked up as it is (keras/src/layers/preprocessing/index_lookup.py).
  private static func lookedUp(_ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("invert", nil, false)
    reader.options.only("encoding", nil, "utf-8")
    reader.options.only("salt", nil)
    reader.options.ignore("oov_method")
    let form = word(&reader, "output_mode", TextReading.Form.positions)
    let unknown = reader.options.value("num_oov_indices") ?? 1
    guard unknown == 0 || unknown == 1 else {
      reader.options.refuse("num_oov_indices", because: "one position for all unknown text is read")
      return nil
    }
    let (mask, token) = (reader.options.value("mask_token"), reader.options.value("oov_token"))
    var reserved: [String] = []
    if form == .positions, let mask = mask?.string { reserved = [mask] }
    if unknown == 1 { reserved.append(token?.string ?? unknownToken) }
    guard let vocabulary = vocabulary(&reader, reserved), let form else { return nil }
    return input(
      &reader,
      TextReading(
        standardization: .none, splitting: .none, groups: [],
        // The first position is that of the mask, if there is one: it is looked up like a word.
        vocabulary: form == .positions && mask?.string != nil
          ? reserved + vocabulary : vocabulary,
        firstPosition: form == .positions && mask?.string != nil ? 0 : reserved.count,
        unknownPosition: unknown == 1 ? reserved.count - 1 : nil, form: form, length: nil,
        entryCount: entryCount(&reader, reserved.count + vocabulary.count)))
  }

  /// An option whose words are the cases of a type; null is "none".
  private static func word<Word: RawRepresentable<String> & CaseIterable>(
    _ reader: inout KerasLayerReader, _ name: String, _ usual: Word
  ) -> Word? {
    guard let value = reader.options.value(name) else { return usual }
    if let word = Word(rawValue: value.isNull ? "none" : value.string ?? "") { return word }
    let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
    reader.options.refuse(name, because: "only \(words) are supported")
    return nil
  }

  private static func groups(_ reader: inout KerasLayerReader) -> [Int]? {
    guard let value = reader.options.value("ngrams"), !value.isNull else { return [] }
    let groups =
      value.integer.map { 1...max($0, 1) }.map(Array.init)
      ?? value.array?.compactMap(\.integer) ?? []
    guard !groups.isEmpty, groups.count <= 64, groups.allSatisfy({ 1...64 ~= $0 }) else {
      reader.options.refuse("ngrams", because: "numbers from 1 to 64 belong there")
      return nil
    }
    return groups
  }

  /// The words, without the reserved ones that may stand in front.
  private static func vocabulary(
    _ reader: inout KerasLayerReader, _ reserved: [String]
  ) -> [String]? {
    reader.options.ignore("vocabulary_size", "max_tokens", "pad_to_max_tokens")
    reader.options.only("sparse", nil, false)
    reader.options.only("idf_weights", nil)
    let value = reader.options.value("vocabulary") ?? .null
    guard let list = value.array else {
      _ = reader.fail(
        "the vocabulary of '\(reader.config.name)' is not in the file"
          + (value.string.map { ": it was in '\($0)'" } ?? ""))
      return nil
    }
    let words = list.compactMap(\.string)
    guard words.count == list.count else {
      reader.options.refuse("vocabulary", because: "words belong there")
      return nil
    }
    return Array(words.starts(with: reserved) ? words.dropFirst(reserved.count) : words[...])
  }

  private static func entryCount(_ reader: inout KerasLayerReader, _ count: Int) -> Int {
    let options = reader.config.options
    guard options["pad_to_max_tokens"]?.bool == true else { return count }
    return max(min(options["max_tokens"]?.integer ?? count, 1 << 24), count)
  }

  /// The input of numbers in the place of the text.
  private static func input(_ reader: inout KerasLayerReader, _ text: TextReading) -> Layer? {
    let given = reader.inputShapes.first?.map(\.value) ?? [nil]
    let name = reader.config.calls.first?.inputs.first?.layer.text ?? reader.config.name
    guard reader.config.calls.count == 1, !given.isEmpty else {
      return reader.fail("'\(reader.config.name)' is called more than once, with text '\(name)'")
    }
    let rows = given.count > 1 && given.last == 1 ? given.dropLast() : given[...]
    let shape: [Int?] =
      switch text.form {
      case .positions: text.splitting == .none ? given : rows + [text.length]
      case .oneHot: rows + [text.entryCount]
      case .occurrence, .count:
        (text.splitting == .none && given.count > 1 ? given.dropLast() : rows) + [text.entryCount]
      }
    let counts = text.form == .positions
    return .input(
      Input(
        shape: shape, elementType: counts ? .int64 : reader.precision, acceptsOtherTypes: true,
        text: text))
  }
}

extension TextReading {
  /// Whether the groups are those of 1 word up to those of so many, which is one number in a config.
  ///
  /// Keras 2 wants a tuple for any other groups, and JSON has none.
  var hasPlainGroups: Bool { groups == Array(1...max(groups.count, 1)) || groups.isEmpty }

  /// The option `ngrams`.
  private var ngrams: JSONValue {
    guard !groups.isEmpty else { return .null }
    return hasPlainGroups ? .integer(groups.count) : .array(groups.map { .integer($0) })
  }

  /// The layer that looks text up, with its vocabulary in its config.
  func form(named name: String) -> KerasLayerForm {
    let words = JSONValue.array(vocabulary.map { .string($0) })
    let isLookup = splitting == .none && standardization == .none && groups.isEmpty
    let mode: (name: String, value: JSONValue) = ("output_mode", .string(form.rawValue))
    let most: [(name: String, value: JSONValue)] = [
      ("max_tokens", form == .positions ? .null : .integer(entryCount)),
      ("pad_to_max_tokens", .bool(form != .positions)),
    ]
    guard !isLookup else {
      // With a mask, the reserved words are the first ones of the vocabulary.
      let isMasked = firstPosition == 0 && unknownPosition == 1 && form == .positions
      let own = JSONValue.array(vocabulary.dropFirst(isMasked ? 2 : 0).map { .string($0) })
      return KerasLayerForm(
        className: "StringLookup", name: name,
        options: most + [
          ("num_oov_indices", .integer(unknownPosition == nil ? 0 : 1)),
          ("oov_token", .string(isMasked ? vocabulary[1] : "[UNK]")),
          ("mask_token", isMasked ? .string(vocabulary[0]) : .null), mode, ("vocabulary", own),
        ], typeInKeras2: form == .positions ? "int64" : nil, saysTrainable: false)
    }
    return KerasLayerForm(
      className: "TextVectorization", name: name,
      options: most + [
        ("standardize", standardization == .none ? .null : .string(standardization.rawValue)),
        ("split", splitting == .none ? .null : .string(splitting.rawValue)),
        ("ngrams", ngrams), mode,
        ("output_sequence_length", length.map { .integer($0) } ?? .null), ("vocabulary", words),
      ], typeInKeras2: "string", saysTrainable: false)
  }
}
