/// The candidate most similar to `name`, when it is similar enough for a typing mistake.
///
/// - Returns: the nearest by edit distance, at most a third of the letters away; nil if none is.
package func suggestion(for name: String, among candidates: [String]) -> String? {
  let letters = Array(name.utf8.prefix(64))
  var best: (distance: Int, candidate: String)?
  for candidate in candidates.prefix(1_000) {
    let distance = editDistance(letters, Array(candidate.utf8.prefix(64)))
    if distance < best?.distance ?? Int.max { best = (distance, candidate) }
  }
  guard let best, best.distance > 0, best.distance <= max(1, letters.count / 3) else { return nil }
  return best.candidate
}

/// The edit distance of the first 64 bytes of two names.
func editDistance(of one: String, _ other: String) -> Int {
  editDistance(Array(one.utf8.prefix(64)), Array(other.utf8.prefix(64)))
}

/// The Levenshtein distance: insertions, deletions and substitutions.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var previous = Array(0...b.count)
  for (row, letter) in a.enumerated() {
    var current = [row + 1]
    for column in b.indices {
      let substituted = previous[column] + (letter == b[column] ? 0 : 1)
      current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[b.count]
}
