package import RecurContainers
package import RecurTensors

/// The files of a model that is a folder: on disk, or in an archive.
///
/// Names come from the code that knows a format, or from a file; no name leads out of the folder.
package struct FolderFiles: Sendable {
  private enum Source: Sendable {
    case disk(InputWatch?)
    case archive(ZipArchive, prefix: String)
    case tape(TarArchive, prefix: String)
  }

  /// The path of the folder, as messages show it.
  package let path: String
  private let source: Source

  /// The files in the folder of `path`.
  package init(folder path: String, watch: InputWatch?) {
    self.path = path
    source = .disk(watch)
  }

  /// The files in an archive whose names begin with `prefix`, which is empty or ends with a slash.
  package init(_ archive: ZipArchive, prefix: String, path: String) {
    self.path = path
    source = .archive(archive, prefix: prefix)
  }

  /// The files in a tape archive whose names begin with `prefix`.
  package init(_ archive: TarArchive, prefix: String, path: String) {
    self.path = path
    source = .tape(archive, prefix: prefix)
  }

  /// The path of a file, as messages show it.
  package func path(of name: String) -> String {
    switch source {
    case .disk: path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    case .archive(_, let prefix), .tape(_, let prefix): "\(path):\(prefix)\(name)"
    }
  }

  /// Whether there is a file of this name, in the folder or in a folder in it.
  package func has(_ name: String) -> Bool {
    switch source {
    case .disk: isRegularFile(path(of: name))
    case .archive(let archive, let prefix): archive[prefix + name] != nil
    case .tape(let archive, let prefix): archive[prefix + name] != nil
    }
  }

  /// The content of a file; its name may have folders in it.
  ///
  /// - Throws: `folder.file-outside` for a name that leads out of the folder, or a link that does;
  ///   `file.unreadable`, `file.empty`, and what reading the archive throws.
  package func bytes(_ name: String) throws(CheckpointError) -> ByteRegion {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.contains("\0"), !name.contains("\\"),
      !parts.contains(where: { ["", ".", ".."].contains($0) })
    else { throw outside(name, "is no name of a file in the folder") }
    switch source {
    case .disk(let watch):
      let file = path(of: name)
      if let real = realPath(file), let root = realPath(path),
        !real.hasPrefix(root == "/" ? "/" : root + "/")
      {
        throw outside(name, "is a link that leads out of the folder")
      }
      return ByteRegion(try .opening(file, watch))
    case .tape(let archive, let prefix):
      guard let entry = archive[prefix + name] else {
        throw CheckpointError(
          .fileUnreadable, "the archive has no '\(prefix + name)'", at: .init(file: path))
      }
      return entry.bytes
    case .archive(let archive, let prefix):
      guard let entry = archive[prefix + name] else {
        throw CheckpointError(
          .fileUnreadable, "the archive has no '\(prefix + name)'", at: .init(file: path))
      }
      return try locating(file: path, object: entry.name) { () throws(CheckpointError) in
        try archive.content(of: entry, holdsArrays: true)
      }
    }
  }

  private func outside(_ name: String, _ reason: String) -> CheckpointError {
    CheckpointError(
      .folderFileOutside, "'\(name)' \(reason); nothing outside of it is opened",
      at: .init(file: path), expected: "a file in the folder",
      hint: "put the file itself into the folder")
  }
}

extension Diagnostic.Code {
  /// A name in a file, or a link, that leads out of the folder of a model.
  package static let folderFileOutside = Self(rawValue: "folder.file-outside")
}
