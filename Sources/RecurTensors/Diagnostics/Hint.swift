/// Hints that several readers print.
package enum Hint {
  /// The hint for a file whose structures contradict each other.
  package static let damaged = "the file was damaged after it was written; fetch it again"
}
