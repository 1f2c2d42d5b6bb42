package import RecurTensors

/// An attribute message (specification IV.A.2.m), versions 1 to 3.
struct HDF5Attribute: Sendable {
  let name: String
  private let datatype: ByteRegion
  private let dataspace: ByteRegion
  private let data: ByteRegion
  /// Whether the field `datatype` or `dataspace` holds a reference to another object instead of the
  /// message.
  private let isShared: Bool

  init(_ message: ByteRegion) throws(CheckpointError) {
    let version = try message.byte(at: 0)
    guard (1...3).contains(version) else {
      throw Self.invalid("an attribute of version \(version) is unknown", message)
    }
    isShared = version > 1 ? try message.byte(at: 1) & 3 != 0 : false
    var position = version == 3 ? 9 : 8
    func part(_ sizeOffset: Int) throws(CheckpointError) -> ByteRegion {
      let size = Int(try message.integer(UInt16.self, at: sizeOffset))
      let part = try message.slice(at: position, length: size)
      position += version == 1 ? (size + 7) / 8 * 8 : size
      return part
    }
    let nameBytes = try part(2)
    guard let end = nameBytes.firstZero(), let name = try nameBytes.slice(at: 0, length: end).text()
    else { throw Self.invalid("an attribute's name has no end or is not UTF-8", message) }
    self.name = name
    datatype = try part(4)
    dataspace = try part(6)
    data = try message.suffix(from: min(position, message.count))
  }

  /// The strings of the attribute; `[]` for the empty list of numbers that h5py writes for `[]`.
  ///
  /// - Throws: `hdf5.attribute.invalid` when the attribute holds numbers.
  func strings(
    in file: ByteRegion, _ heaps: inout HDF5GlobalHeaps
  ) throws(CheckpointError) -> [ByteRegion] {
    let (type, _, elements) = try content()
    guard elements.count > 0 else { return [] }
    let count = elements.count / type.size
    var strings: [ByteRegion] = []
    strings.reserveCapacity(count)
    for index in 0..<count {
      let element = try elements.slice(at: index * type.size, length: type.size)
      switch type.kind {
      case .fixedString(let isBlankPadded):
        strings.append(try Self.trimmed(element, isBlankPadded))
      case .variableString: strings.append(try Self.trimmed(heaps.string(element, in: file), false))
      case .number, .opaque:
        throw CheckpointError(
          .hdf5AttributeInvalid, "the attribute holds no strings", at: data.location,
          expected: "text", found: type.kind == .opaque ? "opaque bytes" : "numbers",
          hint: "write it as text, with h5py: f.attrs['name'] = 'text'")
      }
    }
    return strings
  }

  /// The numbers of the attribute.
  ///
  /// - Throws: `hdf5.datatype.unsupported` when the attribute holds something else.
  func numbers() throws(CheckpointError) -> Tensor {
    let (type, shape, elements) = try content()
    return try type.tensor(elements, shape: shape, at: data.location)
  }

  /// The type of one element, the extents, and the bytes of all elements.
  private func content() throws(CheckpointError) -> (HDF5Datatype, [Int], ByteRegion) {
    guard !isShared else {
      throw CheckpointError(
        .hdf5MessageUnsupported,
        "the attribute shares its datatype or dataspace with another object", at: data.location)
    }
    let type = try HDF5Datatype(datatype)
    let space = try HDF5Dataspace(dataspace)
    let (needed, overflow) = space.count.multipliedReportingOverflow(by: type.size)
    guard !overflow, needed <= data.count else {
      throw Self.invalid(
        "\(space.count) elements of \(type.size) bytes do not fit the attribute", data)
    }
    return (type, space.shape, try data.slice(at: 0, length: needed))
  }

  private static func trimmed(
    _ element: ByteRegion, _ isBlankPadded: Bool
  ) throws(CheckpointError) -> ByteRegion {
    var count = element.firstZero() ?? element.count
    while isBlankPadded, count > 0, try element.byte(at: count - 1) == 0x20 { count -= 1 }
    return try element.slice(at: 0, length: count)
  }

  private static func invalid(_ message: String, _ bytes: ByteRegion) -> CheckpointError {
    CheckpointError(.hdf5AttributeInvalid, message, at: bytes.location)
  }
}

extension Diagnostic.Code {
  package static let hdf5AttributeInvalid = Self(rawValue: "hdf5.attribute.invalid")
}
