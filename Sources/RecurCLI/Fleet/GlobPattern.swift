/// A pattern of paths: `*` and `?` within a name, `[abc]`, and `**` for any number of folders.
///
/// Without a slash it is about names anywhere: `*.old.h5`. With one it is about the path as seen from the
/// current folder, or from the root where it begins with a slash: `models/**/old.h5`. What matches a
/// folder matches everything in it.
struct GlobPattern: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case one(Unicode.Scalar)
    case any
    case set(Set<Unicode.Scalar>, [ClosedRange<Unicode.Scalar>], isInverted: Bool)
    case star
  }

  private enum Name: Hashable, Sendable {
    case pieces([Piece])
    /// Any number of names: `**`.
    case names
  }

  let text: String
  private let names: [Name]
  private let isAboutPaths: Bool

  /// Reads a pattern; nil for an empty one and for a bracket that is not closed.
  init?(_ text: String) {
    self.text = text
    let isAboutPaths = text.hasSuffix("/") ? text.dropLast().contains("/") : text.contains("/")
    var names: [Name] = []
    for part in text.split(separator: "/") where part != "." {
      if part == "**" {
        if names.last != .names { names.append(.names) }
      } else if let pieces = Self.pieces(part) {
        names.append(.pieces(pieces))
      } else {
        return nil
      }
    }
    guard !names.isEmpty else { return nil }
    self.names = names
    self.isAboutPaths = isAboutPaths || text == "**"
  }

  /// Whether a text has the signs of a pattern.
  static func hasSigns(_ text: String) -> Bool { text.contains { "*?[".contains($0) } }

  /// Whether the file or folder at `path`, or a folder that it is in, matches.
  func matches(_ path: String) -> Bool {
    let parts = parts(of: path)
    if isAboutPaths {
      return (1...max(parts.count, 1)).contains { matches(names[...], parts.prefix($0)) }
    }
    return parts.contains { matches(names[...], [$0]) }
  }

  /// Whether the path as a whole matches.
  func matchesWhole(_ path: String) -> Bool {
    let parts = parts(of: path)
    return matches(names[...], isAboutPaths ? parts[...] : parts.suffix(1))
  }

  private func parts(of path: String) -> [Substring] {
    let path = text.hasPrefix("/") ? absolutePath(path) : relativePath(path)
    return path.split(separator: "/").filter { $0 != "." }
  }

  private func matches(_ names: ArraySlice<Name>, _ parts: ArraySlice<Substring>) -> Bool {
    wildcard(
      Array(names), Array(parts), isStar: { $0 == .names },
      fits: { name, part in
        guard case .pieces(let pieces) = name else { return false }
        return wildcard(
          pieces, Array(part.unicodeScalars), isStar: { $0 == .star }, fits: Self.fits)
      })
  }

  private static func fits(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
    switch piece {
    case .one(let other): scalar == other
    case .any: true
    case .set(let scalars, let ranges, let isInverted):
      (scalars.contains(scalar) || ranges.contains { $0.contains(scalar) }) != isInverted
    case .star: false
    }
  }

  private static func pieces(_ name: Substring) -> [Piece]? {
    var pieces: [Piece] = []
    var rest = name.unicodeScalars
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if pieces.last != .star { pieces.append(.star) }
      case "?": pieces.append(.any)
      case "[":
        guard let set = set(&rest) else { return nil }
        pieces.append(set)
      default: pieces.append(.one(scalar))
      }
    }
    return pieces
  }

  /// The set after `[`, whose first sign may be `]`.
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Piece? {
    let isInverted = rest.first == "!" || rest.first == "^"
    if isInverted { rest.removeFirst() }
    var inside: [Unicode.Scalar] = []
    while let scalar = rest.popFirst() {
      if scalar != "]" || inside.isEmpty {
        inside.append(scalar)
        continue
      }
      var (scalars, ranges) = (Set<Unicode.Scalar>(), [ClosedRange<Unicode.Scalar>]())
      var index = 0
      while index < inside.count {
        if index + 2 < inside.count, inside[index + 1] == "-" {
          guard inside[index] <= inside[index + 2] else { return nil }
          ranges.append(inside[index]...inside[index + 2])
          index += 3
        } else {
          scalars.insert(inside[index])
          index += 1
        }
      }
      return .set(scalars, ranges, isInverted: isInverted)
    }
    return nil
  }
}

/// Whether `items` fit the pattern, in which a star stands for any number of them.
///
/// Only the last star is tried again, so the time is at most the product of the lengths.
private func wildcard<Piece, Item>(
  _ pattern: [Piece], _ items: [Item], isStar: (Piece) -> Bool, fits: (Piece, Item) -> Bool
) -> Bool {
  var (at, item) = (0, 0)
  var star: (at: Int, item: Int)?
  while item < items.count {
    if at < pattern.count, isStar(pattern[at]) {
      star = (at, item)
      at += 1
    } else if at < pattern.count, fits(pattern[at], items[item]) {
      at += 1
      item += 1
    } else if let last = star {
      star = (last.at, last.item + 1)
      (at, item) = (last.at + 1, last.item + 1)
    } else {
      return false
    }
  }
  return pattern[at...].allSatisfy(isStar)
}
