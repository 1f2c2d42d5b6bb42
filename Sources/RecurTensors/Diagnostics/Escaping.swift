/// The length to which texts are cut, so that a hostile name can't fill a terminal or a log.
private let longestText = 1_000

/// `text` with control, format and line-breaking characters written as `\u{…}`.
///
/// Names inside a file come from a stranger. An unescaped name could move the cursor, recolour a
/// log or forge a log line.
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

/// `text` quoted as one word of a POSIX shell, for commands that the user copies.
package func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "="),
      UInt8(ascii: ":"), UInt8(ascii: "%"), UInt8(ascii: "@"):
      true
    default: false
    }
  }
  return isPlain && !text.isEmpty
    ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
}

/// The path of a file as one word of a POSIX shell; a path that begins with a dash is no option.
package func shellPath(_ path: String) -> String {
  shellWord(path.hasPrefix("-") ? "./" + path : path)
}
