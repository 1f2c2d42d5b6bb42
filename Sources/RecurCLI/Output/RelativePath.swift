import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The path as seen from the current folder, without `.` and, where they cancel out, `..`.
///
/// Files outside of the current folder keep their absolute path, or their `..`.
func relativePath(_ path: String) -> String {
  var path = path
  if path.hasPrefix("/"), let folder = currentFolder(), path.hasPrefix(folder + "/") {
    path = String(path.dropFirst(folder.count + 1))
  }
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    if part == "..", let last = parts.last, last != ".." {
      parts.removeLast()
    } else {
      parts.append(part)
    }
  }
  return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
}

/// The path from the root of the file system; links stay.
func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : (currentFolder().map { $0 + "/" } ?? "") + path
}

private func currentFolder() -> String? {
  guard let folder = unsafe getcwd(nil, 0) else { return nil }
  defer { unsafe free(folder) }
  return unsafe String(cString: folder)
}
