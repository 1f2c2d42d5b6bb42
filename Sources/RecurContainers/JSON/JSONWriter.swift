package import RecurTensors

extension JSONValue {
  /// The value as text without blanks.
  ///
  /// Numbers that JSON can't hold (NaN, ±∞) become strings.
  package var text: String { text(indentation: nil) }

  /// The value as text, two blanks per level.
  package var indentedText: String { text(indentation: 0) }

  /// The value as Python's `json` writes it: `NaN`, `Infinity` and `-Infinity` are numbers.
  package var pythonText: String { text(indentation: nil, isPython: true) }

  private func text(indentation: Int?, isPython: Bool = false) -> String {
    switch self {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .integer(let value): return String(value)
    case .number(let value):
      guard value.isFinite else {
        guard isPython else { return quoted("\(value)") }
        return value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
      }
      return "\(value)"
    case .string(let value): return quoted(value)
    case .array(let elements):
      // Arrays of plain values (shapes, byte ranges) stay on one line.
      let isFlat = elements.allSatisfy { $0.array == nil && $0.object == nil }
      return list(
        "[",
        elements.map {
          $0.text(indentation: isFlat ? nil : indentation.map { $0 + 2 }, isPython: isPython)
        }, "]",
        isFlat ? nil : indentation)
    case .object(let object):
      let members = object.members.map { member in
        quoted(member.name) + (indentation == nil ? ":" : ": ")
          + member.value.text(indentation: indentation.map { $0 + 2 }, isPython: isPython)
      }
      return list("{", members, "}", indentation)
    }
  }

  private func list(_ open: String, _ items: [String], _ close: String, _ indentation: Int?)
    -> String
  {
    guard let indentation, !items.isEmpty else {
      return open + items.joined(separator: ",") + close
    }
    let inner = "\n" + String(repeating: " ", count: indentation + 2)
    let outer = "\n" + String(repeating: " ", count: indentation)
    return open + inner + items.joined(separator: "," + inner) + outer + close
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      default:
        if needsEscape(scalar) {
          for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private func needsEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension Diagnostic {
  /// The diagnostic as a JSON object with stable member names.
  package var json: JSONValue {
    var object = JSONObject()
    func add(_ name: String, _ value: String?) {
      _ = object.append(name, value.map { .string($0) } ?? .null)
    }
    add("code", code.rawValue)
    add("severity", severity.rawValue)
    add("message", message)
    add("file", location.file)
    add("object", location.object)
    let bytes = location.bytes.map { range -> JSONValue in
      [.integer(Int(clamping: range.lowerBound)), .integer(Int(clamping: range.upperBound))]
    }
    _ = object.append("bytes", bytes ?? .null)
    add("expected", expected)
    add("found", found)
    add("reason", reason)
    add("hint", hint)
    _ = object.append(
      "fixes",
      .array(fixes.map { ["place": .string($0.tool.rawValue), "code": .string($0.code)] }))
    _ = object.append("notes", .array(notes.map { .string($0) }))
    return .object(object)
  }
}
