package import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Python sources that give an architecture: a file, a notebook, or the files of a folder.
package struct ArchitectureSource: Sendable {
  /// One source.
  package struct File: Sendable {
    /// Its path as messages show it.
    package let path: String
    /// Its path in the folder; its name when no folder was given.
    package let relativePath: String
    /// Its bytes.
    package let bytes: ByteRegion
  }

  /// The path as the caller gave it, without the class.
  package let path: String
  /// The class that is meant; nil for the one that fits.
  package let className: String?
  /// Values of the constructor's arguments, as Python text.
  package let settings: [(name: String, value: String)]
  /// The arrays of a recorded call, which tell the axes that the source leaves open.
  package var recorded: [RecordedInput] = []
  /// The sources, in the order of their names.
  package let files: [File]

  private static let endings = [".py", ".ipynb"]
  private static let largestFolder = (files: 4_000, depth: 12)

  /// Opens the sources at `path`, which may end with `:ClassName`; nil for a path of something else.
  ///
  /// - Throws: `file.unreadable`, `bytes.limit-exceeded` for a folder with very many files.
  package init?(
    _ given: String, settings: [(name: String, value: String)], watch: InputWatch?
  ) throws(CheckpointError) {
    var path = given
    var className: String?
    if let colon = given.lastIndex(of: ":"), !isRegularFile(given) {
      let name = given[given.index(after: colon)...]
      let isName = !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
      let rest = String(given[..<colon])
      if isName, isFolder(rest) || Self.endings.contains(where: rest.hasSuffix) {
        (path, className) = (rest, String(name))
      }
    }
    let folder = isFolder(path)
    guard folder || Self.endings.contains(where: path.hasSuffix) else { return nil }
    var relative = folder ? try Self.listing(path, "", 0) : [splitPath(path).name]
    if folder {
      relative = relative.sorted()
      guard !relative.isEmpty else {
        // A folder can be a model.
        guard className != nil else { return nil }
        throw CheckpointError(
          .fileUnreadable, "the folder has no Python source", at: .init(file: path))
      }
    }
    var files: [File] = []
    for name in relative {
      let own = folder ? (path.hasSuffix("/") ? path + name : "\(path)/\(name)") : path
      do throws(CheckpointError) {
        files.append(
          File(
            path: own, relativePath: name, bytes: ByteRegion(try .opening(own, watch))))
      } catch {
        // an empty `__init__.py` says nothing
        guard folder, error.diagnostic.code == .fileEmpty else { throw error }
      }
    }
    self.path = path
    self.className = className
    self.settings = settings
    self.files = files
  }

  /// The names of the folders in which the sources are, from the outermost.
  package var folders: [String] {
    let folder = isFolder(path) ? path : splitPath(path).folder
    return (realPath(folder) ?? folder).split(separator: "/").map(String.init)
  }

  /// The sources in a folder and its folders; links to folders are not followed.
  private static func listing(
    _ root: String, _ folder: String, _ depth: Int
  ) throws(CheckpointError) -> [String] {
    guard depth < largestFolder.depth else { return [] }
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let stream = unsafe opendir(path) else {
      throw CheckpointError(
        .fileUnreadable, "can't list the folder: \(systemError())", at: .init(file: path))
    }
    defer { unsafe closedir(stream) }
    var result: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { start in
          unsafe String(cString: start)
        }
      }
      guard !name.hasPrefix(".") else { continue }
      let own = folder.isEmpty ? name : "\(folder)/\(name)"
      if endings.contains(where: name.hasSuffix), isRegularFile("\(root)/\(own)") {
        result.append(own)
      } else if isFolder("\(root)/\(own)", followsLinks: false) {
        result += try listing(root, own, depth + 1)
      }
      guard result.count <= largestFolder.files else {
        throw CheckpointError(
          .limitExceeded, "the folder has more than \(largestFolder.files) Python sources",
          at: .init(file: root), hint: "give the file with the model")
      }
    }
    return result
  }
}
