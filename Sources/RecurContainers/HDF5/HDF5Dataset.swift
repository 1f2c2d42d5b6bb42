package import RecurTensors

/// A dataset: its shape, its type and where its numbers are.
package struct HDF5Dataset: Sendable {
  package let shape: [Int]
  package let datatype: HDF5Datatype
  private let count: Int
  private let layout: ByteRegion
  private let filters: ByteRegion?
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
  }

  /// The numbers, as a view of `file`.
  ///
  /// Opaque elements of two bytes are given as `uint16`.
  func tensor(in file: ByteRegion, path: String) throws(CheckpointError) -> Tensor {
    if let filters {
      throw CheckpointError(
        .hdf5FilterUnsupported, "the data is \(try Self.filterNames(filters)), which is not read",
        at: filters.location, hint: "rewrite the file with 'h5repack -f NONE -l CONTI in.h5 out.h5'"
      )
    }
    let type: ElementType
    switch datatype.kind {
    case .number(let element, isBigEndian: false): type = element
    case .opaque where datatype.size == 2: type = .uint16
    case .number, .fixedString, .variableString, .opaque:
      throw CheckpointError(
        .hdf5DatatypeUnsupported,
        "elements of \(datatype.size) bytes (\(datatype.description)) are not read", at: location)
    }
    return try Tensor(try data(in: file), type, shape: shape, at: .init(object: path))
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
      let size = try layout.length(at: 10)
      // An address of all ones means that nothing was ever written.
      guard try layout.integer(UInt64.self, at: 2) != .max else {
        guard count == 0 else {
          throw CheckpointError(
            .hdf5DataMissing, "the data was never written", at: layout.location)
        }
        return try file.slice(at: 0, length: 0)
      }
      return try file.slice(at: try layout.address(at: 2), length: size)
    case 2: throw unsupported("chunked data")
    case 3: throw unsupported("a virtual dataset, whose data is in other files,")
    case let other: throw unsupported("a data layout of class \(other)")
    }
  }

  private func unsupported(_ what: String) -> CheckpointError {
    CheckpointError(
      .hdf5LayoutUnsupported, "\(what) is not read", at: layout.location,
      hint: "rewrite the file with 'h5repack -f NONE -l CONTI in.h5 out.h5'")
  }

  /// The names of the filters in a filter pipeline message (specification IV.A.2.l).
  private static func filterNames(_ message: ByteRegion) throws(CheckpointError) -> String {
    let first = try message.integer(UInt16.self, at: try message.byte(at: 0) == 1 ? 8 : 2)
    return switch first {
    case 1: "deflated"
    case 2: "shuffled"
    case 3: "checksummed with fletcher32"
    case 4: "compressed with szip"
    case 5: "packed with nbit"
    case 6: "packed with scaleoffset"
    default: "compressed with filter \(first)"
    }
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
  package static let hdf5FilterUnsupported = Self(rawValue: "hdf5.filter.unsupported")
  package static let hdf5LayoutUnsupported = Self(rawValue: "hdf5.layout.unsupported")
  package static let hdf5DataMissing = Self(rawValue: "hdf5.data.missing")
}
