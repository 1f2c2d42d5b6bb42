package import RecurTensors

/// An HDF5 file: a tree of groups and datasets, each with attributes.
///
/// The file may be hostile. The reader checks every address and size, compares every checksum,
/// finds every cycle, and never opens another file. It reads what h5py writes, from
/// `libver='earliest'` to `libver='latest'`. Terms and order follow the HDF5 File Format
/// Specification, version 3.0.
package struct HDF5File: Sendable {
  package static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The offset of the HDF5 data: 0, or the size of the user block (512, 1024, 2048, … bytes up to
  /// 1 MiB).
  package static func start(of bytes: ByteRegion) -> Int? {
    var start = 0
    while start < min(bytes.count, (1 << 20) + 1) {
      if bytes.holds(signature, at: start) { return start }
      start = start == 0 ? 512 : start * 2
    }
    return nil
  }

  /// Every object by path, parents before children.
  ///
  /// Siblings are in libhdf5's iteration order: creation order when the group keeps one, else name
  /// order.
  package private(set) var objects: [HDF5Object] = []
  /// Oddities of the file that do not prevent reading.
  package private(set) var diagnostics: [Diagnostic] = []
  private var positions: [Name: Int] = [:]
  private var heaps = HDF5GlobalHeaps()
  private let bytes: ByteRegion

  /// Walks all groups of `bytes`; attributes and data are read on request.
  ///
  /// - Throws: an `hdf5.…` error, located by path and bytes.
  package init(_ bytes: ByteRegion, limits: DecodeLimits = .init()) throws(CheckpointError) {
    let start = Self.start(of: bytes) ?? 0
    let bytes = try bytes.suffix(from: start)
    let superblock = try HDF5Superblock(bytes, start: start)
    self.bytes = try bytes.slice(at: 0, length: superblock.endOfFile)
    if superblock.endOfFile < bytes.count {
      let surplus = bytes.count - superblock.endOfFile
      diagnostics.append(
        Diagnostic(
          .bytesTrailing, .warning, "\(surplus) bytes follow the end of the HDF5 data",
          at: bytes.location(at: superblock.endOfFile, length: surplus),
          hint: "they are not read; 'h5repack in.h5 out.h5' drops them"))
    }
    var structures = HDF5Structures(self.bytes, limits)
    try Self.checkExtension(superblock, &structures)
    var walk = HDF5Walk(structures)
    try walk.findObjects(below: superblock.rootHeader)
    objects = walk.objects
    for (position, object) in objects.enumerated() { positions[Name(object.path)] = position }
  }

  /// Refuses files whose superblock extension moves structures into a metadata cache image.
  private static func checkExtension(
    _ superblock: HDF5Superblock, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    guard let address = superblock.extensionHeader else { return }
    try structures.enter(address, "the superblock extension")
    let header = try HDF5ObjectHeader(at: address, &structures)
    if let image = header.all(.cacheImage).first {
      throw CheckpointError(
        .hdf5SuperblockUnsupported, "the file keeps its structures in a metadata cache image",
        at: image.data.location, hint: "rewrite the file with 'h5repack in.h5 out.h5'")
    }
  }

  /// The object at `path` (`/` is the root), or nil.
  ///
  /// Empty components and `.` lead nowhere, as in HDF5 itself: `/a//b/` is `/a/b`.
  package subscript(path: String) -> HDF5Object? {
    let components = path.split(separator: "/").filter { $0 != "." }
    return positions[Name("/" + components.joined(separator: "/"))].map { objects[$0] }
  }

  /// The direct children of `path`, in the order of `objects`.
  package func children(of path: String) -> [HDF5Object] {
    self[path]?.children.map { objects[$0] } ?? []
  }

  /// The strings of attribute `name`, or nil when `object` has no attribute of that name.
  ///
  /// Fixed and variable strings are read, and so is the empty float64 list that h5py writes for
  /// `[]`.
  ///
  /// - Throws: `hdf5.attribute.invalid` when the attribute holds something else.
  package mutating func strings(
    _ name: String, of object: HDF5Object
  ) throws(CheckpointError) -> [ByteRegion]? {
    let file = bytes
    return try locating(object: "\(object.path)@\(name)") { () throws(CheckpointError) in
      guard let attribute = try object.attribute(name) else { return nil }
      heaps.beginAttribute()
      return try attribute.strings(in: file, &heaps)
    }
  }

  /// The numbers of attribute `name`, or nil when `object` has no attribute of that name.
  ///
  /// - Throws: `hdf5.datatype.unsupported` when the attribute holds something else.
  package func numbers(
    _ name: String, of object: HDF5Object
  ) throws(CheckpointError) -> Tensor? {
    try locating(object: "\(object.path)@\(name)") { () throws(CheckpointError) in
      try object.attribute(name)?.numbers()
    }
  }

  /// The numbers of `dataset`: a view of the file where the stored bytes can be used unchanged.
  ///
  /// - Throws: an `hdf5.…` error when this reader does not support the storage of the dataset.
  package func tensor(_ dataset: HDF5Object) throws(CheckpointError) -> Tensor {
    let file = bytes
    return try locating(object: dataset.path) { () throws(CheckpointError) in
      try HDF5Dataset(dataset).tensor(in: file, path: dataset.path)
    }
  }

  /// The shape and type of `dataset`; its data is not read.
  ///
  /// - Throws: an `hdf5.…` error when the header of `dataset` is not understood.
  package func dataset(_ object: HDF5Object) throws(CheckpointError) -> HDF5Dataset {
    try locating(object: object.path) { () throws(CheckpointError) in try HDF5Dataset(object) }
  }
}

/// A group or dataset: its path and the messages of its header.
package struct HDF5Object: Sendable {
  package let path: String
  let header: HDF5ObjectHeader
  /// The attributes, or the error that prevents reading them.
  let attributes: Result<[HDF5Attribute], CheckpointError>
  /// The positions of the direct children among all objects of the file.
  var children: [Int] = []

  /// Whether this is a group; otherwise it is a dataset or a named datatype.
  package var isGroup: Bool { header.contains(.symbolTable) || header.contains(.linkInfo) }

  /// Whether this is a dataset.
  package var isDataset: Bool { header.contains(.dataLayout) && header.contains(.dataspace) }

  /// The last component of the path.
  package var name: String { path.split(separator: "/").last.map(String.init) ?? "/" }

  /// The location of the object header.
  package var location: Diagnostic.Location { header.location }

  /// The names of the attributes in libhdf5's iteration order: creation order when the object keeps
  /// one, else name order.
  ///
  /// - Throws: `hdf5.attribute.invalid`, `hdf5.message.unsupported` and what reading throws.
  package func attributeNames() throws(CheckpointError) -> [String] {
    try attributes.get().map(\.name)
  }

  func attribute(_ name: String) throws(CheckpointError) -> HDF5Attribute? {
    try attributes.get().first { Name($0.name) == Name(name) }
  }
}

extension Diagnostic.Code {
  package static let bytesTrailing = Self(rawValue: "bytes.trailing")
  package static let hdf5MessageUnsupported = Self(rawValue: "hdf5.message.unsupported")
}
