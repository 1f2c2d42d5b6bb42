/// Hints that several readers give.
package enum Hint {
  /// For structures of a file that contradict themselves or each other.
  package static let damaged = "the file was damaged after it was written; fetch it again"
}
