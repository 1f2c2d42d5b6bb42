package import RecurContainers
package import RecurTensors

/// A file about to be recognised: its bytes, and structures that several formats ask for.
package struct FileProbe: Sendable {
  /// The path of the file as the user gave it.
  package let path: String
  package let bytes: ByteRegion
  /// What sees to it that the file, and those that belong to it, do not change while they are read.
  package let watch: InputWatch?
  /// The names in its ZIP directory, or nil when it is no ZIP archive or a broken one.
  package let zipEntryNames: [String]?
  /// The files in it, of a tape archive that may be compressed; nil for every other file, and for a broken
  /// one.
  package let tar: TarArchive?
  /// The HDF5 file or the error of reading it; nil for a file that is not HDF5.
  private let hdf5: Result<HDF5File, CheckpointError>?

  /// Opens the file at `path`: for `watch`, or by mapping it.
  ///
  /// - Throws: `file.unreadable`, `file.empty`.
  package init(path: String, watch: InputWatch? = nil) throws(CheckpointError) {
    self.init(path: path, bytes: ByteRegion(try .opening(path, watch)), watch: watch)
  }

  package init(path: String, bytes: ByteRegion, watch: InputWatch? = nil) {
    self.path = path
    self.bytes = bytes
    self.watch = watch
    zipEntryNames =
      bytes.holds(ZipArchive.magic) ? (try? ZipArchive(bytes))?.entries.map(\.name) : nil
    tar = Self.tar(bytes)
    hdf5 =
      HDF5File.start(of: bytes) == nil
      ? nil : Result { () throws(CheckpointError) in try HDF5File(bytes) }
  }

  /// The files of a tape archive; a compressed one is decompressed where it begins like one.
  private static func tar(_ bytes: ByteRegion) -> TarArchive? {
    guard Gzip.recognizes(bytes) else {
      return TarArchive.recognizes(bytes) ? try? TarArchive(bytes) : nil
    }
    guard TarArchive.recognizes(Gzip.beginning(of: bytes, count: TarArchive.headerBytes)),
      let packed = try? Gzip.inflated(bytes)
    else { return nil }
    return try? TarArchive(packed)
  }

  /// The names of the files in a ZIP archive or a tape archive; nil for another file.
  package var archiveNames: [String]? { zipEntryNames ?? tar?.entries.map(\.name) }

  package var isHDF5: Bool { hdf5 != nil }

  /// The HDF5 file, read once for all formats.
  ///
  /// - Throws: the error of reading it.
  package func hdf5File() throws(CheckpointError) -> HDF5File {
    guard let hdf5 else { return try HDF5File(bytes) }
    return try hdf5.get()
  }

  /// The names of the attributes of the HDF5 root group; empty for a file that is not HDF5.
  package var hdf5RootAttributes: [String] {
    guard case .success(let file) = hdf5, let root = file["/"] else { return [] }
    return (try? root.attributeNames()) ?? []
  }

  /// The file as JSON; nil for a file that is not JSON.
  package func json(_ limits: DecodeLimits) -> JSONValue? {
    guard bytes.holds(Array("{".utf8)) else { return nil }
    return try? JSONParser.parse(bytes, allowsPythonNumbers: true, limits: limits)
  }

  package var isZip: Bool { bytes.holds(ZipArchive.magic) }

  /// A description of an unrecognised file and what to do about it, for the error message.
  var appearance: (what: String, hint: Diagnostic.Wording) {
    func begins(_ text: String) -> Bool { bytes.holds(Array(text.utf8)) }
    let formats: Diagnostic.Wording = "'\(.formats)' lists what can be read"
    if begins("version https://git-lfs") {
      return ("a Git LFS pointer", "fetch the file itself with 'git lfs pull'")
    }
    if begins("/annex/objects/")
      || begins("../") && bytes.count < 4_096
        && (bytes.text()?.contains("/annex/objects/") ?? false)
    {
      return ("a pointer of git-annex", "fetch the file itself with 'git annex get'")
    }
    let start = (try? bytes.slice(at: 0, length: min(bytes.count, 256)).bytes()) ?? []
    let text = String(
      decoding: start.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }, as: UTF8.self)
    if ["<!doctype", "<html"].contains(where: text.lowercased().hasPrefix) {
      return ("an HTML page", "the download gave a web page; fetch the file again")
    }
    if let tar {
      let some = tar.entries.prefix(3).map { "'\($0.name)'" }.joined(separator: ", ")
      return ("a tape archive with \(tar.entries.count) files (\(some)…)", formats)
    }
    if bytes.holds([0x1F, 0x8B]) { return ("gzip-compressed", "unpack it with gunzip first") }
    if let version = try? bytes.byte(at: 1), bytes.holds([0x80]), (2...5).contains(version) {
      return ("a pickle without torch's ZIP archive", formats)
    }
    if let names = zipEntryNames {
      let some = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      return ("a ZIP archive with \(names.count) entries (\(some)…)", formats)
    }
    if isZip { return ("a broken ZIP archive", formats) }
    if begins("{") || begins("[") { return ("JSON text", formats) }
    return ("of an unknown kind (\(bytes.count) bytes)", formats)
  }
}
