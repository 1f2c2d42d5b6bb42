package import RecurTensors

/// A dataset: its shape, its element type and the location of its data.
package struct HDF5Dataset: Sendable {
  package let shape: [Int]
  package let datatype: HDF5Datatype
  private let dataspace: HDF5Dataspace
  private let layout: ByteRegion
  private let filters: ByteRegion?
  private let fillValue: ByteRegion?
  private let location: Diagnostic.Location

  init(_ object: HDF5Object) throws(CheckpointError) {
    let header = object.header
    location = header.location
    guard let space = try header.first(.dataspace), let type = try header.first(.datatype),
      let layout = try header.first(.dataLayout)
    else {
      throw CheckpointError(
        .hdf5StructureInvalid, "'\(object.path)' is not a dataset", at: header.location)
    }
    if let files = try header.first(.externalFiles) {
      throw CheckpointError(
        .hdf5ExternalRefused,
        "the data is stored in another file; a model file may only hold its own data",
        at: files.location,
        hint: "bring the numbers in, with h5py: a = f['x'][...]; del f['x']; f['x'] = a")
    }
    dataspace = try HDF5Dataspace(space)
    shape = dataspace.shape
    datatype = try HDF5Datatype(type)
    self.layout = layout
    filters = try header.first(.filterPipeline)
    fillValue = try header.first(.fillValue)
  }

  /// The numbers: a view of `file`, or a copy when they are chunked, byte-swapped or were never
  /// written.
  ///
  /// Opaque elements of two bytes become `uint16`.
  func tensor(in file: ByteRegion, path: String) throws(CheckpointError) -> Tensor {
    _ = try datatype.elementType(at: location)
    let bytes = try data(in: file)
    return try datatype.tensor(bytes, shape: shape, at: .init(object: path))
  }

  /// Reads a data layout message (specification IV.A.2.i), versions 3 to 5.
  ///
  /// Version 5 is version 4 with chunks of more than 4 GiB.
  private func data(in file: ByteRegion) throws(CheckpointError) -> ByteRegion {
    let version = try layout.byte(at: 0)
    guard (3...5).contains(version) else {
      throw unsupported("a data layout of version \(version)")
    }
    switch try layout.byte(at: 1) {
    case 0:
      let size = Int(try layout.integer(UInt16.self, at: 2))
      return try layout.slice(at: 4, length: size)
    case 1:
      // An address of all ones means that no data was ever written.
      guard try layout.integer(UInt64.self, at: 2) != .max else { return try unwritten(file) }
      return try file.slice(at: try layout.address(at: 2), length: try layout.length(at: 10))
    case 2:
      let list = try chunks(version, in: file)
      let pipeline = try filters.map { message throws(CheckpointError) in
        try HDF5Filters(message, elementSize: datatype.size)
      }
      return ByteRegion(
        ByteStorage(
          copying: try HDF5Chunks(list, in: file).assembled(pipeline, fill: try fill())))
    case 3: throw unsupported("a virtual dataset, whose data is in other files,")
    case let other: throw unsupported("a data layout of class \(other)")
    }
  }

  private func chunks(
    _ version: UInt8, in file: ByteRegion
  ) throws(CheckpointError) -> HDF5ChunkList {
    var structures = HDF5Structures(file, .init())
    if version >= 4 {
      return try HDF5ChunkIndex(
        layout, of: dataspace, elementSize: datatype.size, filtersAreUsed: filters != nil
      ).chunks(&structures)
    }
    var extents: [Int] = []
    for axis in 0..<Int(try layout.byte(at: 2)) {
      extents.append(Int(try layout.integer(UInt32.self, at: 11 + 4 * axis)))
    }
    let list = HDF5ChunkList(
      try HDF5ChunkGrid(extents: extents, of: dataspace, elementSize: datatype.size, layout),
      in: file)
    guard let root = try layout.optionalAddress(at: 3) else { return list }
    return try HDF5ChunkTree(list, root: root, &structures).list
  }

  /// An array that was declared but never written: all elements are the fill value.
  private func unwritten(_ file: ByteRegion) throws(CheckpointError) -> ByteRegion {
    let total = Tensor.byteCount(of: shape + [datatype.size], .uint8) ?? .max
    guard total <= max(file.count, 1 << 20) else {
      throw CheckpointError(
        .hdf5DataMissing, "the data was never written: \(total) bytes are promised",
        at: layout.location, expected: "\(total) bytes", found: "no bytes",
        reason: "the program that made the file stopped before it wrote the numbers",
        hint: "save the model again")
    }
    return ByteRegion(ByteStorage(copying: repeated(try fill(), count: total)))
  }

  /// Reads a fill value message (specification IV.A.2.f), versions 1 to 3; without a message, the
  /// fill value is zeros.
  private func fill() throws(CheckpointError) -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: datatype.size)
    guard let fillValue else { return zeros }
    let version = try fillValue.byte(at: 0)
    let start: Int
    switch version {
    case 1: start = 4
    case 2: start = try fillValue.byte(at: 3) == 0 ? -1 : 4
    case 3: start = try fillValue.byte(at: 1) & 0x20 == 0 ? -1 : 2
    default:
      throw CheckpointError(
        .hdf5StructureInvalid, "a fill value of version \(version) is unknown",
        at: fillValue.location)
    }
    guard start >= 0 else { return zeros }
    let size = Int(try fillValue.integer(UInt32.self, at: start))
    guard size > 0 else { return zeros }
    guard size == datatype.size else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a fill value of \(size) bytes for elements of \(datatype.size)",
        at: fillValue.location)
    }
    return try fillValue.slice(at: start + 4, length: size).bytes()
  }

  private func unsupported(_ what: String) -> CheckpointError {
    CheckpointError(
      .hdf5LayoutUnsupported, "\(what) is not read", at: layout.location,
      hint: "rewrite the file with 'h5repack -l CONTI -j 0 -k 1 in.h5 out.h5'")
  }
}

extension Diagnostic.Code {
  package static let hdf5ExternalRefused = Self(rawValue: "hdf5.external-storage.refused")
  package static let hdf5LayoutUnsupported = Self(rawValue: "hdf5.layout.unsupported")
  package static let hdf5DataMissing = Self(rawValue: "hdf5.data.missing")
}
