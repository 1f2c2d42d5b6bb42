#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// `value` with `digits` significant digits, as C's `%.*e` writes it: `3.0e-08`.
package func scientific(_ value: Double, digits: Int = 2) -> String {
  guard value.isFinite else { return "\(value)" }
  guard value != 0 else { return "0" }
  return formatted(value, "%.*e", precision: max(0, digits - 1))
}

/// `value` with up to `digits` significant digits, as C's `%.*g` writes it: `0.561763`.
package func short(_ value: Double, digits: Int = 6) -> String {
  value.isFinite ? formatted(value, "%.*g", precision: digits) : "\(value)"
}

private func formatted(_ value: Double, _ format: String, precision: Int) -> String {
  unsafe withVaList([CInt(precision), value]) { arguments in
    var buffer = [CChar](repeating: 0, count: 64)
    let count = unsafe vsnprintf(&buffer, buffer.count, format, arguments)
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// A count of bytes in the largest unit that keeps it above one: `1.79 MiB`.
package func byteSize(_ bytes: Int) -> String {
  guard bytes >= 1024 else { return "\(bytes) bytes" }
  var value = Double(bytes)
  var unit = ""
  for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
    value /= 1024
    unit = next
  }
  return "\((value * 100).rounded() / 100) \(unit)"
}

/// A shape as all messages print it: `[2, 6, 3]`.
package func shapeText(_ shape: [Int]) -> String {
  "[" + shape.map(String.init).joined(separator: ", ") + "]"
}

/// A shape as a Python tuple, for messages that quote Python: `(512, 80)`.
package func tuple(_ shape: [Int]) -> String {
  "(" + shape.map(String.init).joined(separator: ", ") + ")"
}

/// A number with its noun: `1 entry`, `2 entries`; without `many`, an s makes the noun several.
package func counted(_ number: Int, _ one: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? one : many ?? one + "s")"
}

/// The first eight names of a list, and how many there are when these are not all.
package func firstNames(_ names: [String]) -> String {
  names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", … (\(names.count))" : "")
}
