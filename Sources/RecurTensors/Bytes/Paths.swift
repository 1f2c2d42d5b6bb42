#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// The path with links and dots resolved, or nil when no file is there.
package func realPath(_ path: String) -> String? {
  guard let resolved = unsafe realpath(path, nil) else { return nil }
  defer { unsafe free(resolved) }
  return unsafe String(cString: resolved)
}

/// The folder and the file name of a path: `a/b.pt` is `a` and `b.pt`, `b.pt` is `.` and `b.pt`.
package func splitPath(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return (".", path) }
  let folder = String(path[..<slash])
  return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
}

/// Whether a regular file is at `path`, also behind a link.
package func isRegularFile(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Whether a folder is at `path`; one behind a link counts with `followsLinks`.
package func isFolder(_ path: String, followsLinks: Bool = true) -> Bool {
  var status = stat()
  let result = unsafe followsLinks ? stat(path, &status) : lstat(path, &status)
  return result == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names of everything in a folder that are texts in UTF-8, sorted by their bytes; none for what
/// is no folder, or can't be listed.
package func fileNames(in folder: String) -> [String] {
  guard let stream = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(stream) }
  var names: [Name] = []
  while let entry = unsafe readdir(stream) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe pointer.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
        unsafe String(
          validating: UnsafeBufferPointer(start: start, count: 256).prefix { $0 != 0 },
          as: UTF8.self)
      }
    }
    if let name, name != ".", name != ".." { names.append(Name(name)) }
  }
  return names.sorted().map(\.text)
}
