package import RecurTensors

/// One NumPy array file (numpy.lib.format, versions 1.0 to 3.0).
package enum NPYFile {
  /// The content of an array: numbers, or elements that can only be listed.
  package enum Content {
    case numbers(Tensor)
    case unreadable(type: String, shape: [Int], byteCount: Int)
  }

  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The real numbers in `bytes`: a view, except for big-endian numbers, which are copied.
  ///
  /// - Throws: `npy.header.invalid`, `npy.dtype.unsupported` for anything but real numbers,
  ///   `tensor.bytes-mismatch` when the data is longer or shorter than the shape needs.
  package static func tensor(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> Tensor {
    let type: String
    switch try content(bytes, limits: limits) {
    case .numbers(let tensor):
      if !tensor.elementType.isComplex { return tensor }
      type = "\(tensor.elementType)"
    case .unreadable(let descriptor, _, _): type = "dtype '\(descriptor)'"
    }
    throw CheckpointError(
      .npyDtypeUnsupported, "the array holds \(type), no real numbers", at: bytes.location,
      hint: "save the array as float32: np.save(file, array.astype('float32'))")
  }

  /// The array in `bytes`, with elements of any type.
  ///
  /// - Throws: `npy.header.invalid`, `npy.dtype.unsupported` for pickled objects and structures,
  ///   `tensor.bytes-mismatch` when the data is longer or shorter than the shape needs.
  package static func content(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> Content {
    let (parser, type, data) = try header(of: bytes, limits)
    return try content(parser, type, data)
  }

  /// The array at the start of `bytes`, which may be followed by others, and the bytes it takes.
  ///
  /// - Throws: as ``content(_:limits:)``.
  package static func first(
    in bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> (content: Content, length: Int) {
    let (parser, type, rest) = try header(of: bytes, limits)
    let width =
      switch type.meaning {
      case .unreadable(let width): width
      case .numbers(let element): element.byteCount
      }
    let count = Tensor.byteCount(of: parser.shape, .uint8)
    let (needed, overflow) = (count ?? 0).multipliedReportingOverflow(by: width)
    guard count != nil, !overflow, needed <= rest.count else {
      throw CheckpointError(
        .tensorBytesMismatch,
        "shape \(shapeText(parser.shape)) of '\(parser.descriptor)' needs more than the "
          + "\(rest.count) bytes that are left", at: rest.location,
        found: "\(rest.count) bytes", reason: "the file was cut short")
    }
    let content = try content(parser, type, rest.slice(at: 0, length: needed))
    return (content, bytes.count - rest.count + needed)
  }

  /// The header at the start of `bytes`, and what follows the header.
  private static func header(
    of bytes: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (NPYHeader, NPYType, ByteRegion) {
    guard bytes.holds(magic) else {
      throw invalid("the magic number is missing", bytes.location(at: 0, length: 6))
    }
    let version = try bytes.byte(at: 6)
    let length: Int
    let start: Int
    guard try bytes.byte(at: 7) == 0 else {
      throw invalid("the minor version is not 0", bytes.location(at: 6, length: 2))
    }
    switch version {
    case 1:
      length = Int(try bytes.integer(UInt16.self, at: 8))
      start = 10
    case 2, 3:
      length = Int(try bytes.integer(UInt32.self, at: 8))
      start = 12
    default: throw invalid("version \(version) is unknown", bytes.location(at: 6, length: 2))
    }
    guard length <= 65_536 else {
      throw invalid("the header has \(length) bytes, more than 65536", bytes.location)
    }
    let header = try bytes.slice(at: start, length: length)
    var parser = NPYHeader(header, maximumRank: limits.rank)
    try parser.read()
    let type = try NPYType(parser.descriptor, at: header.location)
    return (parser, type, try bytes.suffix(from: start + length))
  }

  private static func content(
    _ parser: NPYHeader, _ type: NPYType, _ region: ByteRegion
  ) throws(CheckpointError) -> Content {
    var data = region
    switch type.meaning {
    case .unreadable(let width):
      let count = Tensor.byteCount(of: parser.shape, .uint8)
      let (needed, overflow) = (count ?? 0).multipliedReportingOverflow(by: width)
      guard count != nil, !overflow, needed == data.count else {
        throw CheckpointError(
          .tensorBytesMismatch,
          "shape \(shapeText(parser.shape)) of '\(parser.descriptor)', \(width) bytes each, does "
            + "not need the \(data.count) bytes it has", at: data.location,
          expected: "\(needed) bytes", found: "\(data.count) bytes")
      }
      return .unreadable(type: parser.descriptor, shape: parser.shape, byteCount: needed)
    case .numbers(let element):
      let parts = element.isComplex ? 2 : 1
      // A byte-swapped copy has no location in the file.
      let place = data.location
      if type.isSwapped, element.byteCount > 1 {
        data = data.byteSwapped(width: element.byteCount / parts)
      }
      guard parser.isFortranOrder else {
        return .numbers(try Tensor(data, element, shape: parser.shape, at: place))
      }
      return .numbers(
        try Tensor(data, element, shape: parser.shape.reversed(), at: place).transposed())
    }
  }

  /// The array as a version 1.0 file: row-major, its data aligned to 64 bytes.
  ///
  /// - Throws: `npy.dtype.unsupported` for bfloat16 and floating-point numbers of 8 bits.
  package static func source(of tensor: Tensor) throws(CheckpointError) -> some ByteSource {
    guard let descriptor = NPYType.descriptor(of: tensor.elementType) else {
      throw CheckpointError(
        .npyDtypeUnsupported, "NumPy has no \(tensor.elementType)", at: tensor.location)
    }
    let shape = tensor.shape.map { "\($0)" }.joined(separator: ", ")
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': False, "
      + "'shape': (\(shape)\(tensor.rank == 1 ? "," : "")), }"
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    return NPYSource(
      header: magic + [1, 0] + [UInt16(header.utf8.count)].littleEndianBytes + Array(header.utf8),
      tensor: tensor)
  }
}

/// A NumPy array file that is still to be written.
private struct NPYSource: ByteSource {
  let header: [UInt8]
  let tensor: Tensor

  var byteCount: Int { header.count + tensor.byteCount }

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try sink.write(header)
    try tensor.write(to: &sink)
  }
}

private func invalid(_ message: String, _ location: Diagnostic.Location) -> CheckpointError {
  CheckpointError(
    .npyHeaderInvalid, message, at: location,
    fixes: [.init(.numpy, "np.save('x.npy', x.astype('float32'))")])
}

extension Diagnostic.Code {
  package static let npyHeaderInvalid = Self(rawValue: "npy.header.invalid")
  package static let npyDtypeUnsupported = Self(rawValue: "npy.dtype.unsupported")
}
