import RecurTensors

/// The links of a new-style group whose header holds them (specification IV.A.2.g, link messages).
///
/// libhdf5 makes such a group as soon as one of its links has a name beyond ASCII, which Keras does
/// for layers with such names. Larger groups keep their links elsewhere and are refused.
enum HDF5LinkMessages {
  /// The hard links in `header`, in file order.
  ///
  /// - Throws: `hdf5.link.refused` for soft, external and other links, `hdf5.message.unsupported`
  ///   when the links are in a fractal heap, `hdf5.name.invalid`, `hdf5.structure.invalid`.
  static func links(
    of header: HDF5ObjectHeader, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [HDF5GroupTree.Link] {
    if let info = header.first(.linkInfo) {
      // Flag 0 puts the largest creation order first; then comes the fractal heap's address.
      let hasOrder = try info.byte(at: 1) & 1 != 0
      guard try info.integer(UInt64.self, at: hasOrder ? 10 : 2) == .max else {
        throw CheckpointError(
          .hdf5MessageUnsupported,
          "the group keeps its links in a fractal heap: it has many, and keeps their order or one of "
            + "them has a name beyond ASCII", at: info.location,
          hint: "give the layers names in ASCII and save the model again")
      }
    }
    var links: [HDF5GroupTree.Link] = []
    var names: Set<Name> = []
    for message in header.all(.link) {
      let link = try link(message, limits)
      guard names.insert(Name(link.name)).inserted else {
        throw CheckpointError(
          .hdf5NameInvalid, "two links are named '\(link.name)'", at: message.location)
      }
      links.append(link)
    }
    return links.sorted { Name($0.name) < Name($1.name) }
  }

  private static func link(
    _ message: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> HDF5GroupTree.Link {
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
    skip(4, 8)
    skip(16, 1)
    let lengthSize = 1 << Int(flags & 3)
    var length = 0
    for byte in 0..<lengthSize {
      let digit = Int(try message.byte(at: position + byte))
      guard byte < 4 || digit == 0 else {
        throw CheckpointError(
          .hdf5NameInvalid, "a link's name is too long", at: message.location)
      }
      length |= digit << (8 * min(byte, 4))
    }
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
    guard kind == 0 else {
      let what = kind == 1 ? "a soft link" : kind == 64 ? "an external link" : "no hard link"
      throw CheckpointError(
        .hdf5LinkRefused, "'\(name)' is \(what); a model file may only hold its own data",
        at: message.location)
    }
    return HDF5GroupTree.Link(name: name, header: try message.address(at: position + length))
  }
}
