/// Longer texts are cut, so that a hostile name can't fill a terminal or a log.
private let longestText = 1_000

/// `text` with control, format and line-breaking characters written as `\u{…}`.
///
/// Names inside a file are data from a stranger: printed raw, they could move the cursor, recolour
/// a log or fake a line of it.
package func escaped(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < longestText else { return String(result) + "…" }
    count += 1
    if isPrintable(scalar) {
      result.append(scalar)
    } else {
      result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
    }
  }
  return String(result)
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
    false
  default: true
  }
}
