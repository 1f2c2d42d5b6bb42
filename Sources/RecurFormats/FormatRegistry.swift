package import RecurTensors

/// The formats of one build, in the order in which they are asked.
package struct FormatRegistry: Sendable {
  /// Every format; the first that recognises a file reads it.
  package let formats: [any ModelFormat]

  /// The formats that the build is made without.
  package let leftOut: [LeftOutFormats]

  /// What is told from others and not read.
  package let foreign: [ForeignFormat]

  /// Makes a registry.
  package init(
    _ formats: [any ModelFormat], leftOut: [LeftOutFormats] = [], foreign: [ForeignFormat] = []
  ) {
    self.formats = formats
    self.leftOut = leftOut
    self.foreign = foreign
  }

  /// The conventions of all formats that can be read, one per framework that has words of its own for
  /// states.
  package var conventions: [any Convention] {
    var seen: Set<String> = []
    return formats.compactMap { ($0 as? any ModelDecoding)?.convention }
      .filter { $0.listsStates && seen.insert($0.id).inserted }
  }

  /// Whether any format recognises `probe`, including formats that the build is made without.
  package func recognizes(_ probe: FileProbe) -> Bool {
    leftOut.contains { $0.recognizes(probe) }
      || formats.contains { ($0 as? any ModelInspecting)?.recognizes(probe) ?? false }
  }

  /// The format that recognises `probe`.
  ///
  /// - Throws: `file.other-format` for one that is known and not read, `file.unrecognized`, saying what
  ///   the file looks like instead; `file.format-left-out`.
  package func format(of probe: FileProbe) throws(CheckpointError) -> any ModelInspecting {
    if let other = foreign.first(where: { $0.comesFirst && $0.recognizes(probe) }) {
      throw other.error(at: probe.path)
    }
    if let missing = leftOut.first(where: { $0.recognizes(probe) }) {
      throw missing.error(at: probe.path)
    }
    for format in formats.compactMap({ $0 as? any ModelInspecting })
    where format.recognizes(probe) {
      return format
    }
    if let other = foreign.first(where: { !$0.comesFirst && $0.recognizes(probe) }) {
      throw other.error(at: probe.path)
    }
    let (what, hint) = probe.appearance
    throw CheckpointError(
      .fileUnrecognized, "the file is \(what), and no model format this program reads",
      at: .init(file: probe.path)
    ).advising(hint)
  }

  /// The format to write: the one with the name `id`, or else the one with the ending of `path`.
  ///
  /// - Throws: `file.format-unknown`, listing the names or endings that are known; `file.format-left-out`.
  package func encoding(
    forPath path: String, id: String? = nil
  ) throws(CheckpointError) -> any ModelEncoding {
    let encodings = formats.compactMap { $0 as? any ModelEncoding }
    if let id {
      if let encoding = encodings.first(where: { $0.id == id }) { return encoding }
      if let missing = leftOut.first(where: { $0.ids.contains(id) }) {
        throw missing.error(at: path)
      }
      let known = encodings.map(\.id)
      throw CheckpointError(
        .fileFormatUnknown, "no format that can be written is called '\(id)'",
        expected: "one of \(known.joined(separator: ", "))", found: "'\(id)'",
        hint: suggestion(for: id, among: known).map { "did you mean '\($0)'?" })
    }
    // The longest ending that fits: `x.weights.h5` ends in `.weights.h5` and in `.h5`.
    let fitting = encodings.flatMap { encoding in
      encoding.extensions.filter { path.hasSuffix($0) }.map { (ending: $0, encoding: encoding) }
    }
    if let longest = fitting.max(by: { $0.ending.utf8.count < $1.ending.utf8.count }) {
      return longest.encoding
    }
    if let missing = leftOut.first(where: { $0.extensions.contains(where: path.hasSuffix) }) {
      throw missing.error(at: path)
    }
    var endings: [String] = []
    for ending in encodings.flatMap(\.extensions) where !endings.contains(ending) {
      endings.append(ending)
    }
    let known = endings.joined(separator: ", ")
    throw CheckpointError(
      .fileFormatUnknown, "no format that can be written has the ending of '\(path)'",
      at: .init(file: path), expected: "one of \(known)"
    ).advising("name the output model.pt or model.keras, or say what it is with \(.format())")
  }
}

extension Diagnostic.Code {
  package static let fileUnrecognized = Self(rawValue: "file.unrecognized")
  package static let fileFormatUnknown = Self(rawValue: "file.format-unknown")
}
