import RecurContainers
import RecurFormats
package import RecurSource
import RecurTensors

/// The sources that are read together: a file, or the files of a folder.
package struct SourceFiles {
  /// The trees; the first one is the source that was given, if it is a file.
  package let trees: [SourceTree]
  /// The names of the sources as modules: `models.net`.
  package let names: [String]
  /// The folders that the sources are in, from the outermost: packages may be imported by their names.
  private let folders: [String]
  /// How many of the sources were given; the others are classes of libraries.
  let givenCount: Int

  package init(
    trees: [SourceTree], names: [String], folders: [String] = [], givenCount: Int? = nil
  ) {
    (self.trees, self.names, self.folders) = (trees, names, folders)
    self.givenCount = givenCount ?? trees.count
  }

  /// The number of the module that `path` names in source `number`; nil for a library.
  func number(of path: String, from number: Int) -> Int? {
    var path = path[...]
    var package = names[number].split(separator: ".").dropLast()
    if path.hasPrefix(".") {
      path = path.dropFirst()
      while path.hasPrefix(".") {
        path = path.dropFirst()
        package = package.dropLast()
      }
      let parts = package.map(String.init) + (path.isEmpty ? [] : [String(path)])
      return find(parts.joined(separator: "."))
    }
    return find(String(path))
      ?? find((package.map(String.init) + [String(path)]).joined(separator: "."))
      ?? findBehindFolders(path.split(separator: ".").map(String.init))
  }

  /// The module of a path that begins with the names of the folders that were given.
  private func findBehindFolders(_ path: [String]) -> Int? {
    for count in 1..<max(path.count, 1)
    where folders.suffix(count).elementsEqual(path.prefix(count)) {
      if let found = find(path.dropFirst(count).joined(separator: ".")) { return found }
    }
    return nil
  }

  private func find(_ name: String) -> Int? {
    names.firstIndex(of: name) ?? names.firstIndex(of: "\(name).__init__")
  }
}
