package import RecurContainers

/// Plain values in a few words.
package enum PlainText {
  /// A plain value as Python would write it, shortened.
  package static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let text): shortened(text)
    case .array(let values): shortened("[" + values.map { text($0) }.joined(separator: ", ") + "]")
    case .object(let object): "a dictionary of \(object.members.count) entries"
    }
  }

  /// The first 80 characters of `text`.
  package static func shortened(_ text: String) -> String {
    text.unicodeScalars.count <= 80
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(79))) + "…"
  }
}
