import RecurTensors

extension HDF5ObjectHeader {
  /// The messages of a header of version 1 (specification IV.A.1.a), in one or more blocks.
  static func version1(
    at address: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [Message] {
    let bytes = structures.bytes
    let location = bytes.location(at: address, length: 16)
    let version = try bytes.byte(at: address)
    guard version == 1 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "an object header of version \(version) is unknown", at: location)
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 2))
    let size = Int(try bytes.integer(UInt32.self, at: address + 8))
    var messages: [Message] = []
    var blocks = [try bytes.slice(at: address + 16, length: size)]
    var next = 0
    var read = 0
    while next < blocks.count, read < count {
      let block = blocks[next]
      next += 1
      var position = 0
      while position + 8 <= block.count, read < count {
        let type = try block.integer(UInt16.self, at: position)
        let length = Int(try block.integer(UInt16.self, at: position + 2))
        let flags = try block.byte(at: position + 4)
        let data = try block.slice(at: position + 8, length: length)
        position += 8 + length
        read += 1
        try structures.spend(8 + length)
        guard let type = try known(type, flags, data) else { continue }
        if type == .continuation {
          blocks.append(try continuation(data, of: blocks, in: bytes, location))
        } else {
          messages.append(
            Message(type: type, data: data, isShared: flags & 2 != 0, creationOrder: nil))
        }
      }
    }
    guard read == count else {
      throw CheckpointError(
        .hdf5StructureInvalid, "an object header promises \(count) messages and holds \(read)",
        at: location)
    }
    return messages
  }

  /// The message type with number `number`, or nil for a type that this reader may skip.
  ///
  /// - Throws: `hdf5.message.unsupported` when the writer forbids skipping an unknown type.
  static func known(
    _ number: UInt16, _ flags: UInt8, _ data: ByteRegion
  ) throws(CheckpointError) -> MessageType? {
    // Bit 7 tells readers that don't know the type to give up; 0x18 is the last type in the
    // specification.
    guard number <= 0x18 || flags & 0x80 == 0 else {
      throw CheckpointError(
        .hdf5MessageUnsupported,
        "a message of type \(number) is unknown, and marked as one that readers must know",
        at: data.location)
    }
    return MessageType(rawValue: number)
  }

  /// The block that the continuation message `message` (specification IV.A.2.q) leads to.
  ///
  /// - Throws: `hdf5.cycle`, `bytes.limit-exceeded`.
  static func continuation(
    _ message: ByteRegion, of blocks: [ByteRegion], in bytes: ByteRegion,
    _ location: Diagnostic.Location
  ) throws(CheckpointError) -> ByteRegion {
    let block = try bytes.slice(at: try message.address(at: 0), length: try message.length(at: 8))
    guard !blocks.contains(where: { $0.range.overlaps(block.range) }), !block.range.isEmpty else {
      throw CheckpointError(
        .hdf5Cycle, "a continuation of an object header leads back to it", at: message.location)
    }
    guard blocks.count < 1_024 else {
      throw CheckpointError(
        .limitExceeded, "an object header of more than 1024 blocks", at: location)
    }
    return block
  }
}
