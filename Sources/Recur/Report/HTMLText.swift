/// Text in which nothing is markup.
///
/// Control characters, which HTML doesn't allow, become U+FFFD.
func markup(_ text: String) -> String {
  var result = ""
  for character in text.unicodeScalars {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\t", "\n": result.unicodeScalars.append(character)
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(character)
    }
  }
  return result
}

/// A table of text; the first row is its head.
struct HTMLTable {
  private var rows: [String] = []
  private let head: [String]
  private let isNumeric: Set<Int>

  /// - Parameters:
  ///   - head: the names of the columns.
  ///   - numeric: the columns of numbers, which are aligned on the right.
  init(_ head: [String], numeric: Set<Int> = []) {
    self.head = head
    isNumeric = numeric
  }

  /// Adds a row of plain text.
  mutating func add(_ cells: [String]) { addMarkup(cells.map(markup)) }

  /// Adds a row of markup.
  mutating func addMarkup(_ cells: [String]) {
    let text = cells.enumerated().map { index, cell in
      isNumeric.contains(index) ? "<td class=\"n\">\(cell)</td>" : "<td>\(cell)</td>"
    }
    rows.append("<tr>\(text.joined())</tr>")
  }

  var isEmpty: Bool { rows.isEmpty }

  var html: String {
    let names = head.map { "<th scope=\"col\">\(markup($0))</th>" }.joined()
    return "<div class=\"scroll\"><table><thead><tr>\(names)</tr></thead><tbody>"
      + rows.joined(separator: "\n") + "</tbody></table></div>"
  }
}

/// A picture with a title, and the numbers behind it in a table that can be opened.
struct HTMLFigure {
  /// What the picture shows, in a sentence.
  let title: String
  let svg: String
  let numbers: HTMLTable

  var html: String {
    "<figure><figcaption>\(markup(title))</figcaption>\(svg)"
      + (numbers.isEmpty
        ? "" : "<details><summary>the numbers</summary>\(numbers.html)</details>")
      + "</figure>"
  }
}
