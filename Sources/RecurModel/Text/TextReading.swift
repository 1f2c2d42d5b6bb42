/// How an input's text becomes the numbers that a model takes: its words, looked up in a vocabulary.
///
/// A model takes the numbers. Text is read where it is given, from a file or an array of strings.
public struct TextReading: Hashable, Sendable {
  /// What is changed in a text before it is split.
  public enum Standardization: String, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case none
    /// Letters from A to Z become small.
    case lower
    /// Punctuation of ASCII is left out.
    case stripPunctuation = "strip_punctuation"
    /// Both.
    case lowerAndStripPunctuation = "lower_and_strip_punctuation"
  }

  /// What the elements of a text are.
  public enum Splitting: String, Hashable, Sendable, CaseIterable {
    /// The whole text is one element.
    case none
    /// Words with white space between.
    case whitespace
    /// Characters.
    case character
  }

  /// What the numbers say.
  public enum Form: String, Hashable, Sendable, CaseIterable {
    /// The position of every element in the vocabulary, `[batch, length]`.
    case positions = "int"
    /// 1 for every entry of the vocabulary that occurs, `[batch, entries]`.
    case occurrence = "multi_hot"
    /// 1 for the entry of every text, `[batch, …, entries]`.
    case oneHot = "one_hot"
    /// How often every entry of the vocabulary occurs, `[batch, entries]`.
    case count
  }

  /// What is changed first.
  public var standardization: Standardization
  /// What the elements are.
  public var splitting: Splitting
  /// The lengths of the groups of neighbouring elements that are looked up; empty for single
  /// elements.
  public var groups: [Int]
  /// The words, in order.
  public var vocabulary: [String]
  /// The position of the first word.
  public var firstPosition: Int
  /// The position of every word that is not in the vocabulary; nil when there is none.
  public var unknownPosition: Int?
  /// What the numbers say.
  public var form: Form
  /// The number of positions of a text: longer ones are cut, shorter ones filled with 0; nil for that
  /// of the longest text of a batch.
  public var length: Int?
  /// The number of entries of a vector; at least those of the vocabulary.
  public var entryCount: Int

  /// Makes a reading.
  public init(
    standardization: Standardization, splitting: Splitting, groups: [Int], vocabulary: [String],
    firstPosition: Int, unknownPosition: Int?, form: Form, length: Int?, entryCount: Int
  ) {
    self.standardization = standardization
    self.splitting = splitting
    self.groups = groups
    self.vocabulary = vocabulary
    self.firstPosition = firstPosition
    self.unknownPosition = unknownPosition
    self.form = form
    self.length = length
    self.entryCount = entryCount
  }
}

extension TextReading {
  /// The numbers of several texts.
  ///
  /// - Parameters:
  ///   - texts: the texts, row-major.
  ///   - shape: the extents of the array of texts.
  /// - Returns: the extents of the numbers, and the numbers; nil, with the word, when a word has no
  ///   position.
  package func numbers(
    _ texts: [String], shape: [Int]
  ) -> (shape: [Int], numbers: [Int], unknown: String?) {
    let known = Dictionary(
      vocabulary.enumerated().map { (Array($1.utf8), firstPosition + $0) },
      uniquingKeysWith: { one, _ in one })
    var unknown: String?
    var rows: [[Int]] = []
    for text in texts {
      rows.append(
        elements(of: text).map { element in
          if let position = known[element] ?? unknownPosition { return position }
          unknown = unknown ?? String(decoding: element, as: UTF8.self)
          return 0
        })
    }
    // A text that is one element keeps the axes of the array.
    if splitting == .none, groups.isEmpty, form == .positions {
      return (shape, rows.flatMap { $0 }, unknown)
    }
    let axes = shape.count > 1 && shape.last == 1 ? shape.dropLast() : shape[...]
    switch form {
    case .positions:
      let width = length ?? rows.map(\.count).max() ?? 0
      let filled = rows.flatMap { row in
        row.prefix(width) + [Int](repeating: 0, count: max(width - row.count, 0))
      }
      return (axes + [width], filled, unknown)
    case .oneHot: return (axes + [entryCount], rows.flatMap(vector), unknown)
    case .occurrence, .count:
      if splitting == .none, let width = shape.last, shape.count > 1, width > 0 {
        // Several texts of a row are counted together.
        let together = stride(from: 0, to: rows.count, by: width).map {
          rows[$0..<min($0 + width, rows.count)].flatMap { $0 }
        }
        return (shape.dropLast() + [entryCount], together.flatMap(vector), unknown)
      }
      return (axes + [entryCount], rows.flatMap(vector), unknown)
    }
  }

  private func vector(_ positions: [Int]) -> [Int] {
    var vector = [Int](repeating: 0, count: entryCount)
    for position in positions where vector.indices.contains(position) {
      vector[position] = form == .count ? vector[position] + 1 : 1
    }
    return vector
  }

  /// The elements of a text that are looked up.
  private func elements(of text: String) -> [[UInt8]] {
    var bytes = Array(text.utf8)
    if standardization == .lower || standardization == .lowerAndStripPunctuation {
      bytes = bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    }
    if standardization == .stripPunctuation || standardization == .lowerAndStripPunctuation {
      bytes.removeAll(where: Self.isPunctuation)
    }
    let single: [[UInt8]] =
      switch splitting {
      case .none: [bytes]
      case .whitespace: bytes.split(whereSeparator: Self.isBlank).map(Array.init)
      case .character:
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map { Array(String($0).utf8) }
      }
    guard !groups.isEmpty else { return single }
    return groups.flatMap { width -> [[UInt8]] in
      guard width > 0, width <= single.count else { return [] }
      return (0...single.count - width).map {
        Array(single[$0..<$0 + width].joined(separator: [0x20]))
      }
    }
  }

  /// A printable character of ASCII that is no letter, digit or blank.
  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }
}
