import RecurTensors

extension HDF5ObjectHeader {
  /// The messages of a header of version 2 (specification IV.A.1.b), in blocks with checksums.
  static func version2(
    at address: Int, _ structures: inout HDF5Structures
  ) throws(CheckpointError) -> [Message] {
    let bytes = structures.bytes
    let location = bytes.location(at: address, length: 16)
    try structures.expect("OHDR", version: 2, at: address, "an object header")
    let flags = try bytes.byte(at: address + 5)
    // Bit 5: four times of 4 bytes each; bit 4: two limits of 2 bytes each.
    let sizePlace = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let sizeWidth = 1 << Int(flags & 3)
    let start = sizePlace + sizeWidth
    let size = try bytes.number(at: address + sizePlace, size: sizeWidth)
    guard size <= bytes.count else {
      throw CheckpointError(
        .hdf5AddressInvalid,
        "an object header of \(size) bytes exceeds the file of \(bytes.count) bytes", at: location)
    }
    var blocks = [try bytes.slice(at: address, length: start + size + 4)]
    var messages: [Message] = []
    var next = 0
    while next < blocks.count {
      let block = blocks[next]
      try structures.spend(block.count)
      try block.verifyChecksum(
        next == 0 ? "an object header" : "a continuation of an object header")
      var position = next == 0 ? start : 4
      next += 1
      // Bit 2: every message has a creation order. A remainder too small for a message is a gap.
      let prefix = flags & 4 != 0 ? 6 : 4
      let end = block.count - 4
      while position + prefix <= end {
        let number = UInt16(try block.byte(at: position))
        let length = Int(try block.integer(UInt16.self, at: position + 1))
        let messageFlags = try block.byte(at: position + 3)
        let order = prefix == 6 ? try block.integer(UInt16.self, at: position + 4) : nil
        let data = try block.slice(at: 0, length: end).slice(at: position + prefix, length: length)
        position += prefix + length
        guard let type = try known(number, messageFlags, data) else { continue }
        if type == .continuation {
          let block = try continuation(data, of: blocks, in: bytes, location)
          try block.expect("OCHK", at: 0, "a continuation of an object header")
          blocks.append(block)
        } else {
          messages.append(
            Message(
              type: type, data: data, isShared: messageFlags & 2 != 0, creationOrder: order))
        }
      }
    }
    return messages
  }
}
