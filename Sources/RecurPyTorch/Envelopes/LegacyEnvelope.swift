import RecurContainers
import RecurTensors

/// The format before torch 1.6: five pickles, and then the storages.
///
/// The pickles are a magic number, a version, properties of the machine, the object, and a list of
/// storages (torch/serialization.py, `_legacy_load`).
enum LegacyEnvelope {
  /// 0x1950a86a20f9469cfc6c.
  private static let magic: [UInt8] = [
    0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19,
  ]

  /// Whether the bytes begin with a pickle of the magic number, in any protocol.
  static func recognizes(_ bytes: ByteRegion) -> Bool {
    guard let start = try? bytes.slice(at: 0, length: min(bytes.count, 64)),
      let first = try? PickleMachine.read(start)
    else { return false }
    return isMagic(first.graph)
  }

  private static func isMagic(_ graph: PickleGraph) -> Bool {
    guard case .bigInteger(let digits) = graph[graph.root] else { return false }
    return digits.starts(with: magic) && digits.dropFirst(magic.count).allSatisfy { $0 == 0 }
  }

  /// The object's pickle, with the storages behind it.
  ///
  /// - Throws: `pytorch.archive.invalid`, `pytorch.envelope.unsupported` for a big-endian file, and
  ///   what reading a pickle throws.
  static func read(
    _ bytes: ByteRegion, _ limits: DecodeLimits
  ) throws(CheckpointError) -> TorchPickle {
    var position = 0
    let magic = try next(bytes, &position, limits)
    guard isMagic(magic.graph) else {
      throw invalid("the file does not begin with torch's magic number", magic.bytes)
    }
    let version = try next(bytes, &position, limits)
    guard version.graph.integer(version.graph.root) == 1_001 else {
      throw CheckpointError(
        .pytorchArchiveInvalid, "the file's version is unknown", at: version.bytes.location,
        expected: "1001", found: version.graph.integer(version.graph.root).map(String.init))
    }
    let machine = try next(bytes, &position, limits)
    try check(machine: machine.graph, machine.bytes)
    let object = try next(bytes, &position, limits)
    let list = try next(bytes, &position, limits)
    let storages = try storages(
      list.graph, list.bytes, object.graph, bytes, from: position, limits)
    return try TorchPickle(object.graph, object.bytes, TorchStorages(storages))
  }

  private static func next(
    _ bytes: ByteRegion, _ position: inout Int, _ limits: DecodeLimits
  ) throws(CheckpointError) -> (graph: PickleGraph, bytes: ByteRegion) {
    // The limit on the size of a pickle must not count the storages behind the pickle.
    let rest = try bytes.slice(
      at: position, length: min(bytes.count - position, limits.pickleBytes))
    let (graph, count) = try PickleMachine.read(rest, limits: limits)
    position += count
    let pickle = try rest.slice(at: 0, length: count)
    try TorchPickle.refuseHarm(graph, pickle)
    return (graph, pickle)
  }

  private static func check(
    machine: PickleGraph, _ bytes: ByteRegion
  ) throws(CheckpointError) {
    guard let items = machine.items(machine.root) else {
      throw invalid("the file does not say what machine it is from", bytes)
    }
    for item in items where machine.string(item.key) == "little_endian" {
      guard case .bool(let isLittle) = machine[item.value] else {
        throw invalid("'little_endian' is neither True nor False", bytes)
      }
      guard isLittle else {
        throw CheckpointError(
          .pytorchEnvelopeUnsupported, "the file was written on a big-endian machine",
          at: bytes.location, expected: "'little_endian' is True", found: "False",
          hint: "save it there again with torch 2, which notes the order of bytes")
      }
    }
  }

  /// Each storage in the order of the list: a count of elements and the elements.
  private static func storages(
    _ list: PickleGraph, _ place: ByteRegion, _ object: PickleGraph, _ bytes: ByteRegion,
    from start: Int, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [Name: ByteRegion] {
    var ids: [Name: TorchStorageID] = [:]
    for reference in object.nodes.indices {
      guard case .persistent = object[reference], let id = TorchStorageID(object, reference),
        ids[Name(id.key)] == nil
      else { continue }
      ids[Name(id.key)] = id
    }
    guard let keys = list.elements(list.root) else {
      throw invalid("the fifth pickle is no list of storages", place)
    }
    var storages: [Name: ByteRegion] = [:]
    var position = start
    for reference in keys {
      guard let key = list.string(reference), let id = ids[Name(key)] else {
        throw invalid("the list of storages names one that no tensor uses", place)
      }
      let width = try TorchTypes.storedWidth(id.type, at: place.location)
      let count = try bytes.integer(Int64.self, at: position)
      let (length, overflow) = Int(count).multipliedReportingOverflow(by: width)
      guard count == id.count, !overflow else {
        throw CheckpointError(
          .pytorchArchiveInvalid, "the storage '\(key)' does not hold its elements",
          at: bytes.location(at: position, length: 8), expected: "\(id.count) elements",
          found: "\(count) elements")
      }
      let content = try bytes.slice(at: position + 8, length: length)
      guard storages.updateValue(content, forKey: Name(key)) == nil else {
        throw invalid("the list names the storage '\(key)' twice", place)
      }
      position += 8 + length
    }
    guard position == bytes.count else {
      throw invalid(
        "\(bytes.count - position) bytes follow the last storage",
        try bytes.suffix(from: position))
    }
    return storages
  }

  private static func invalid(_ message: String, _ place: ByteRegion) -> CheckpointError {
    CheckpointError(.pytorchArchiveInvalid, message, at: place.location)
  }
}
