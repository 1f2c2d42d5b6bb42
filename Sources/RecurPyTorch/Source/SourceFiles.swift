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

  package init(trees: [SourceTree], names: [String]) {
    (self.trees, self.names) = (trees, names)
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
  }

  private func find(_ name: String) -> Int? {
    names.firstIndex(of: name) ?? names.firstIndex(of: "\(name).__init__")
  }
}
