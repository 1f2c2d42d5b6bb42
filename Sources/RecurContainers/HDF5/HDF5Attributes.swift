import RecurTensors

/// The attributes of one object: in its header, or in a fractal heap (attribute info message,
/// specification IV.A.2.v).
struct HDF5Attributes {
  private struct Entry {
    let attribute: HDF5Attribute
    let creationOrder: UInt32?
  }

  private var entries: [Entry] = []
  private var names: Set<Name> = []

  /// The attributes of the object with the given `header`, in libhdf5's iteration order, or the
  /// error that prevents reading them.
  static func attributes(
    of header: HDF5ObjectHeader, _ structures: inout HDF5Structures
  ) -> Result<[HDF5Attribute], CheckpointError> {
    do throws(CheckpointError) {
      var attributes = HDF5Attributes()
      try attributes.collect(header, &structures)
      return .success(attributes.entries.map(\.attribute))
    } catch {
      return .failure(error)
    }
  }

  private mutating func collect(
    _ header: HDF5ObjectHeader, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    for message in header.all(.attribute) {
      try append(try message.ownData(), message.creationOrder.map { UInt32($0) })
    }
    var keepsOrder = false
    if let info = try header.first(.attributeInfo) {
      guard try info.byte(at: 0) == 0 else {
        throw CheckpointError(
          .hdf5StructureInvalid, "an attribute info message of an unknown version",
          at: info.location)
      }
      keepsOrder = try info.byte(at: 1) & 1 != 0
      // With flag 0, the message begins with the largest creation order, 2 bytes.
      try collectDensely(info, at: keepsOrder ? 4 : 2, &structures)
    }
    entries.sort { Name($0.attribute.name) < Name($1.attribute.name) }
    // The sort is stable: attributes without a creation order stay in name order.
    if keepsOrder { entries.sort { $0.creationOrder ?? .max < $1.creationOrder ?? .max } }
  }

  /// Reads the attributes in a fractal heap; `place` is the offset of the heap's address in the
  /// attribute info message.
  private mutating func collectDensely(
    _ info: ByteRegion, at place: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) {
    guard let address = try info.optionalAddress(at: place) else { return }
    var heap = try HDF5FractalHeap(at: address, &structures)
    // Records of type 8: the heap's identifier, message flags, creation order, hash of the name.
    let records = try HDF5BTree2.records(
      at: try info.address(at: place + 8), type: 8, recordSize: heap.idLength + 9, &structures)
    for record in records {
      guard try record.byte(at: heap.idLength) & 2 == 0 else {
        throw CheckpointError(
          .hdf5MessageUnsupported, "an attribute is shared with another object",
          at: record.location)
      }
      let id = try record.slice(at: 0, length: heap.idLength)
      try append(
        try heap.object(id, &structures),
        try record.integer(UInt32.self, at: heap.idLength + 1))
    }
  }

  private mutating func append(
    _ message: ByteRegion, _ creationOrder: UInt32?
  ) throws(CheckpointError) {
    let attribute = try HDF5Attribute(message)
    guard names.insert(Name(attribute.name)).inserted else {
      throw CheckpointError(
        .hdf5AttributeInvalid, "two attributes are named '\(attribute.name)'",
        at: message.location)
    }
    entries.append(Entry(attribute: attribute, creationOrder: creationOrder))
  }
}
