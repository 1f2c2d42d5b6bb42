import RecurContainers
package import RecurTensors

/// A file about to be recognised: its bytes, and what several formats want to know of them.
package struct FileProbe: Sendable {
  /// The file as the user named it.
  package let path: String
  package let bytes: ByteRegion
  /// The names in its ZIP directory, or nil when it is no ZIP archive or a broken one.
  package let zipEntryNames: [String]?
  /// The HDF5 file in it or why it can't be read; nil when it is none.
  private let hdf5: Result<HDF5File, CheckpointError>?

  /// Maps the file at `path`.
  ///
  /// - Throws: `file.unreadable`, `file.empty`.
  package init(path: String) throws(CheckpointError) {
    self.init(path: path, bytes: ByteRegion(try ByteStorage(mapping: path)))
  }

  package init(path: String, bytes: ByteRegion) {
    self.path = path
    self.bytes = bytes
    zipEntryNames =
      bytes.holds(ZipArchive.magic) ? (try? ZipArchive(bytes))?.entries.map(\.name) : nil
    hdf5 = HDF5File.start(of: bytes) == nil ? nil : Self.hdf5(bytes)
  }

  private static func hdf5(_ bytes: ByteRegion) -> Result<HDF5File, CheckpointError> {
    do throws(CheckpointError) { return .success(try HDF5File(bytes)) } catch {
      return .failure(error)
    }
  }

  package var isHDF5: Bool { hdf5 != nil }

  /// The HDF5 file, walked once for everyone who asks.
  ///
  /// - Throws: what walking it threw.
  func hdf5File() throws(CheckpointError) -> HDF5File {
    guard let hdf5 else { return try HDF5File(bytes) }
    return try hdf5.get()
  }

  /// The names of the attributes of its HDF5 root group; empty when there is none.
  var hdf5RootAttributes: [String] {
    guard case .success(let file) = hdf5, let root = file["/"] else { return [] }
    return (try? root.attributeNames()) ?? []
  }
  package var isZip: Bool { bytes.holds(ZipArchive.magic) }

  /// What the file looks like, for the message that it is not recognised.
  var appearance: String {
    func begins(_ text: String) -> Bool { bytes.holds(Array(text.utf8)) }
    if begins("version https://git-lfs") { return "a Git LFS pointer" }
    if begins("<!DOCTYPE") || begins("<html") || begins("<HTML") { return "an HTML page" }
    if bytes.holds([0x1F, 0x8B]) { return "gzip-compressed" }
    if let version = try? bytes.byte(at: 1), bytes.holds([0x80]), (2...5).contains(version) {
      return "a pickle without torch's ZIP archive"
    }
    if let names = zipEntryNames, names.contains("config.json"),
      names.contains(where: { $0.hasPrefix("model.weights.") })
    {
      return "a Keras archive (.keras)"
    }
    if let names = zipEntryNames {
      let some = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      return "a ZIP archive with \(names.count) entries (\(some)…)"
    }
    if isZip { return "a broken ZIP archive" }
    if begins("{") || begins("[") { return "JSON text" }
    return "of an unknown kind (\(bytes.count) bytes)"
  }

  var appearanceHint: String? {
    switch appearance {
    case "a Git LFS pointer": "fetch the file itself with 'git lfs pull'"
    case "an HTML page": "the download gave a web page; fetch the file again"
    case "gzip-compressed": "unpack it with gunzip first"
    case "a Keras archive (.keras)":
      "save it as HDF5 with Keras: keras.models.load_model('m.keras').save('m.h5')"
    default: "'recur formats' lists what can be read"
    }
  }
}
