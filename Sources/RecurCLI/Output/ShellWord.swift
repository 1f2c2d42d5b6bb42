/// `text` as one word of a POSIX shell.
func shellWord(_ text: String) -> String {
  let plain = Set("/._-+=:,%@".unicodeScalars)
  let isPlain = text.unicodeScalars.allSatisfy { scalar in
    plain.contains(scalar)
      || scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
  }
  return isPlain && !text.isEmpty
    ? text
    : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
}
