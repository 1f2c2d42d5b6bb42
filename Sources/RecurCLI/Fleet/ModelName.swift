import Recur
import RecurFormats
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A checkpoint's path, taken apart: `runs/a.weights.h5` is `a` in `runs`, and `.weights.h5`.
struct ModelName {
  let folder: String
  let stem: String
  let ending: String

  init(_ path: String) {
    let (folder, name) = splitPath(path)
    let known = FormatRegistry.all.formats.flatMap(\.extensions).filter { name.hasSuffix($0) }
    if let longest = known.max(by: { $0.utf8.count < $1.utf8.count }), longest != name {
      ending = longest
    } else if let dot = name.lastIndex(of: "."), dot > name.startIndex {
      ending = String(name[dot...])
    } else {
      ending = ""
    }
    stem = String(name.dropLast(ending.count))
    self.folder = path.contains("/") ? folder : ""
  }

  /// The path without the ending.
  var path: String {
    folder.isEmpty ? stem : folder == "/" ? "/" + stem : "\(folder)/\(stem)"
  }
}

/// Whether `path` names a regular file, also behind a link.
func isFile(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}
