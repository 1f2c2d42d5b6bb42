/// A name from a file, compared byte by byte.
///
/// Swift's `String` calls "é" (U+00E9) and "e\u{301}" equal and would silently merge two tensors.
/// Every dictionary keyed by names from a file therefore uses this type.
package struct Name: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let text: String

  package init(_ text: String) { self.text = text }

  package var description: String { text }

  package static func == (a: Name, b: Name) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  package static func < (a: Name, b: Name) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    // Names with equal bytes are equal strings, so the string's own hash is correct here.
    hasher.combine(text)
  }
}
