// Texts with values in them, as far as they name the members of modules: `'conv{}'.format(i)` and
// `'conv%d' % i`.
enum SourceFormatting {
  /// What `text.format(…)` makes; nil for values and specifications that are not known.
  static func text(_ text: String, _ given: SourceArguments) -> String? {
    var result = ""
    var next = 0
    var rest = text[...]
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      result += rest[..<open]
      let behind = rest.index(after: open)
      if behind < rest.endIndex, rest[behind] == rest[open] {
        result.append(rest[open])
        rest = rest[rest.index(after: behind)...]
        continue
      }
      guard rest[open] == "{", let close = rest[behind...].firstIndex(of: "}") else { return nil }
      let name = String(rest[behind..<close])
      let value: SourceValue?
      if name.isEmpty {
        value = given.positional.indices.contains(next) ? given.positional[next] : nil
        next += 1
      } else if let position = Int(name) {
        value = given.positional.indices.contains(position) ? given.positional[position] : nil
      } else {
        value = given.value(name)
      }
      guard let own = value.flatMap(plain) else { return nil }
      result += own
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  /// What `text % values` makes, with `%d`, `%i` and `%s`.
  static func text(_ text: String, _ value: SourceValue) -> String? {
    var values: [SourceValue] = if case .tuple(let own) = value { own } else { [value] }
    var result = ""
    var characters = text.makeIterator()
    while let character = characters.next() {
      guard character == "%" else {
        result.append(character)
        continue
      }
      switch characters.next() {
      case "%": result.append("%")
      case "d", "i", "s":
        guard !values.isEmpty, let own = plain(values.removeFirst()) else { return nil }
        result += own
      default: return nil
      }
    }
    return values.isEmpty ? result : nil
  }

  private static func plain(_ value: SourceValue) -> String? {
    if let text = value.text { return text }
    if value.flag != nil { return nil }
    return value.integer.map { "\($0)" }
  }
}
