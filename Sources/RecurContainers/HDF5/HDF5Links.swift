import RecurTensors

/// The links of a group in any of its three forms: a symbol table, link messages in the group's
/// header (specification IV.A.2.g), or link messages in a fractal heap (IV.A.2.c).
enum HDF5Links {
  struct Link {
    let name: String
    let header: Int
    /// The link's number in the group's creation order, when the group keeps that order.
    var creationOrder: UInt64?
  }

  /// The links of the group with the given `header`, in libhdf5's iteration order.
  ///
  /// The order is the creation order when the group keeps one, else the order of the names' bytes.
  /// An object that is no group has no links.
  ///   `hdf5.structure.invalid` and what reading throws.
  static func links(
    of header: HDF5ObjectHeader, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [Link] {
    if let table = try header.first(.symbolTable) {
      return try HDF5GroupTree.links(of: table, &structures)
    }
    var messages: [ByteRegion] = []
    for message in header.all(.link) { messages.append(try message.ownData()) }
    var keepsOrder = false
    if let info = try header.first(.linkInfo) {
      guard try info.byte(at: 0) == 0 else {
        throw CheckpointError(
          .hdf5StructureInvalid, "a link info message of an unknown version", at: info.location)
      }
      keepsOrder = try info.byte(at: 1) & 1 != 0
      messages += try densely(info, at: keepsOrder ? 10 : 2, &structures)
    }
    var links: [Link] = []
    var names: Set<Name> = []
    for message in messages {
      let link = try link(message, structures.limits)
      guard names.insert(Name(link.name)).inserted else {
        throw CheckpointError(
          .hdf5NameInvalid, "two links are named '\(link.name)'", at: message.location)
      }
      links.append(link)
      guard links.count <= structures.limits.objects else {
        throw CheckpointError(
          .limitExceeded, "a group of more than \(structures.limits.objects) links",
          at: message.location)
      }
    }
    links.sort { Name($0.name) < Name($1.name) }
    // The sort is stable: links without a creation order stay in name order.
    if keepsOrder { links.sort { $0.creationOrder ?? .max < $1.creationOrder ?? .max } }
    return links
  }

  /// Reads the link messages in a fractal heap; `place` is the offset of the heap's address in the
  /// link info message.
  private static func densely(
    _ info: ByteRegion, at place: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [ByteRegion] {
    guard let address = try info.optionalAddress(at: place) else { return [] }
    var heap = try HDF5FractalHeap(at: address, &structures)
    // Records of type 5: the hash of the name, then the heap's identifier.
    let records = try HDF5BTree2.records(
      at: try info.address(at: place + 8), type: 5, recordSize: 4 + heap.idLength, &structures)
    var messages: [ByteRegion] = []
    for record in records {
      messages.append(try heap.object(record.suffix(from: 4), &structures))
    }
    return messages
  }

  private static func link(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> Link {
    let version = try message.byte(at: 0)
    guard version == 1 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "a link of version \(version) is unknown", at: message.location)
    }
    let flags = try message.byte(at: 1)
    var position = 2
    func skip(_ flag: UInt8, _ count: Int) { if flags & flag != 0 { position += count } }
    let kind = flags & 8 != 0 ? try message.byte(at: position) : 0
    skip(8, 1)
    let order = flags & 4 != 0 ? try message.integer(UInt64.self, at: position) : nil
    skip(4, 8)
    skip(16, 1)
    let lengthSize = 1 << Int(flags & 3)
    let length = try message.number(at: position, size: lengthSize)
    position += lengthSize
    let region = try message.slice(at: position, length: length)
    guard (1...limits.nameBytes).contains(length), let name = region.text(),
      !name.utf8.contains(0x2F), !name.utf8.contains(0)
    else {
      throw CheckpointError(
        .hdf5NameInvalid,
        "a link's name is empty, longer than \(limits.nameBytes) bytes, not UTF-8 or contains '/'",
        at: region.location)
    }
    guard kind == 0 else { throw refused(name, kind, message) }
    return Link(
      name: name, header: try message.address(at: position + length), creationOrder: order)
  }

  private static func refused(
    _ name: String, _ kind: UInt8, _ message: ByteRegion
  ) -> CheckpointError {
    let what =
      switch kind {
      case 1: "a soft link"
      case 64: "an external link"
      case 65...: "a user-defined link of kind \(kind)"
      default: "a link of the unknown kind \(kind)"
      }
    return CheckpointError(
      .hdf5LinkRefused, "'\(name)' is \(what); a model file may only hold its own data",
      at: message.location)
  }
}
