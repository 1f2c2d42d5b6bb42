package import RecurTensors

/// A dataset: its shape, its type and where its numbers are.
package struct HDF5Dataset: Sendable {
  package let shape: [Int]
  package let datatype: HDF5Datatype
  private let count: Int
  private let layout: ByteRegion
  private let filters: ByteRegion?
  private let fillValue: ByteRegion?
  private let location: Diagnostic.Location

  init(_ object: HDF5Object) throws(CheckpointError) {
    let header = object.header
    location = header.location
    guard let space = header.first(.dataspace), let type = header.first(.datatype),
      let layout = header.first(.dataLayout)
    else {
      throw CheckpointError(
        .hdf5StructureInvalid, "'\(object.path)' is not a dataset", at: header.location)
    }
    if let files = header.first(.externalFiles) {
      throw CheckpointError(
        .hdf5ExternalRefused,
        "the data is stored in another file; a model file may only hold its own data",
        at: files.location)
    }
    let dataspace = try HDF5Dataspace(space)
    shape = dataspace.shape
    count = dataspace.count
    datatype = try HDF5Datatype(type)
    self.layout = layout
    filters = header.first(.filterPipeline)
    fillValue = header.first(.fillValue)
  }

  /// The numbers: a view of `file`, or a copy where they are chunked, swapped or never written.
  ///
  /// Opaque elements of two bytes are given as `uint16`.
  func tensor(in file: ByteRegion, path: String) throws(CheckpointError) -> Tensor {
    let type: ElementType
    var isSwapped = false
    switch datatype.kind {
    case .number(let element, let isBigEndian):
      type = element
      isSwapped = isBigEndian
    case .opaque where datatype.size == 2: type = .uint16
    case .fixedString, .variableString, .opaque:
      throw CheckpointError(
        .hdf5DatatypeUnsupported,
        "elements of \(datatype.size) bytes (\(datatype.description)) are not read", at: location)
    }
    let bytes = try data(in: file)
    return try Tensor(
      isSwapped ? bytes.byteSwapped(width: type.byteCount) : bytes, type, shape: shape,
      at: .init(object: path))
  }

  /// A data layout message (specification IV.A.2.i), versions 3 and 4.
  private func data(in file: ByteRegion) throws(CheckpointError) -> ByteRegion {
    let version = try layout.byte(at: 0)
    guard version == 3 || version == 4 else {
      throw unsupported("a data layout of version \(version)")
    }
    switch try layout.byte(at: 1) {
    case 0:
      let size = Int(try layout.integer(UInt16.self, at: 2))
      return try layout.slice(at: 4, length: size)
    case 1:
      // An address of all ones means that nothing was ever written.
      guard try layout.integer(UInt64.self, at: 2) != .max else { return try unwritten(file) }
      return try file.slice(at: try layout.address(at: 2), length: try layout.length(at: 10))
    case 2 where version == 3:
      let chunks = try HDF5Chunks(
        layout, in: file, shape: shape, elementSize: datatype.size)
      let pipeline = try filters.map { message throws(CheckpointError) in
        try HDF5Filters(message, elementSize: datatype.size)
      }
      return ByteRegion(
        ByteStorage(copying: try chunks.assembled(pipeline, fill: try fill())))
    case 2: throw unsupported("chunked data with an index of libver='latest'")
    case 3: throw unsupported("a virtual dataset, whose data is in other files,")
    case let other: throw unsupported("a data layout of class \(other)")
    }
  }

  /// The array that was declared and never written: its fill value everywhere.
  private func unwritten(_ file: ByteRegion) throws(CheckpointError) -> ByteRegion {
    let total = Tensor.byteCount(of: shape + [datatype.size], .uint8) ?? .max
    guard total <= max(file.count, 1 << 20) else {
      throw CheckpointError(
        .hdf5DataMissing, "the data was never written: \(total) bytes are promised",
        at: layout.location)
    }
    let element = try fill()
    let bytes = (0..<total).map { element[$0 % datatype.size] }
    return ByteRegion(ByteStorage(copying: bytes))
  }

  /// A fill value message (specification IV.A.2.f), versions 1 to 3; zeros when none is given.
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
      hint: "rewrite the file with 'h5repack -l CONTI --low=0 --high=1 in.h5 out.h5'")
  }
}

extension HDF5Datatype {
  /// The type in words.
  package var description: String {
    switch kind {
    case .number(let type, let isBigEndian): isBigEndian ? "big-endian \(type)" : "\(type)"
    case .fixedString: "string[\(size)]"
    case .variableString: "string"
    case .opaque: "opaque[\(size)]"
    }
  }
}

extension Diagnostic.Code {
  package static let hdf5ExternalRefused = Self(rawValue: "hdf5.external-storage.refused")
  package static let hdf5LayoutUnsupported = Self(rawValue: "hdf5.layout.unsupported")
  package static let hdf5DataMissing = Self(rawValue: "hdf5.data.missing")
}
