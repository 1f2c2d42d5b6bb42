package import RecurTensors

/// A format that is told from others and not read: its name, and how its model gets out of it.
///
/// A reader that is written for it takes its place.
package struct ForeignFormat: Sendable {
  /// What a file or a folder of it is, with its article: `an ONNX model`.
  package let name: String
  /// Whether it is asked before the formats that are read, because its files look like theirs.
  package let comesFirst: Bool
  /// Whether the contents, or the name where contents say nothing, are those of such a file.
  package let recognizes: @Sendable (FileProbe) -> Bool
  /// The file in a folder whose contents make the folder one of this format; nil when no folder is.
  package let folder: String?
  /// Whether such a folder is one model, so that its files are none of their own.
  package let fillsFolder: Bool
  /// Whether its files are data as often as models, so that a folder is passed over for them.
  package let isOftenData: Bool
  /// What to do, in a sentence; nil when the fixes say it all.
  package let hint: String?
  /// Where the lines of `way` are written: a shell, or a language.
  package let place: Diagnostic.Fix.Tool
  /// Lines that get the model out of the file at a path.
  package let way: @Sendable (String) -> [String]

  package init(
    _ name: String, comesFirst: Bool = false, folder: String? = nil, fillsFolder: Bool = true,
    isOftenData: Bool = false,
    hint: String? = nil, place: Diagnostic.Fix.Tool = .python,
    recognizes: @escaping @Sendable (FileProbe) -> Bool = { _ in false },
    way: @escaping @Sendable (String) -> [String] = { _ in [] }
  ) {
    self.name = name
    self.comesFirst = comesFirst
    self.folder = folder
    self.fillsFolder = fillsFolder
    self.isOftenData = isOftenData
    self.hint = hint
    self.place = place
    self.recognizes = recognizes
    self.way = way
  }

  /// What is said of the file or folder at `path`.
  package func error(at path: String) -> CheckpointError {
    CheckpointError(
      .fileOtherFormat, "this is \(name), which is not read", at: .init(file: path), hint: hint,
      fixes: way(path).map { Diagnostic.Fix(place, $0) })
  }
}

extension Diagnostic.Fix.Tool {
  /// Python code.
  package static let python = Self(rawValue: "Python")
  /// A command of a terminal.
  package static let shell = Self(rawValue: "a terminal")
}

extension FormatRegistry {
  /// The format of a file that is known and not read; nil for every other file.
  package func foreignFile(_ probe: FileProbe) -> ForeignFormat? {
    foreign.first { $0.recognizes(probe) }
  }

  /// The format of the folder at `path` that is known and not read; nil for every other folder.
  package func foreignFolder(_ path: String) -> ForeignFormat? {
    let base = path.hasSuffix("/") ? path : path + "/"
    return foreign.first { format in
      guard let name = format.folder, isRegularFile(base + name),
        let probe = try? FileProbe(path: base + name)
      else { return false }
      return format.recognizes(probe)
    }
  }

  /// Refuses a folder of a format that is known and not read.
  ///
  /// - Throws: `file.other-format`.
  package func refuseFolder(_ path: String) throws(CheckpointError) {
    if let format = foreignFolder(path) { throw format.error(at: path) }
  }
}

extension Diagnostic.Code {
  package static let fileOtherFormat = Self(rawValue: "file.other-format")
}
