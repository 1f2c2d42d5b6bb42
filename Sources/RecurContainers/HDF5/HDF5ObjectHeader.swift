import RecurTensors

/// An object header, version 1 (specification IV.A.1.a): a list of messages in one or more blocks.
struct HDF5ObjectHeader: Sendable {
  /// The message types this reader looks at (specification IV.A.2).
  enum MessageType: UInt16 {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case fillValue = 0x05
    case link = 0x06
    case externalFiles = 0x07
    case dataLayout = 0x08
    case filterPipeline = 0x0B
    case attribute = 0x0C
    case continuation = 0x10
    case symbolTable = 0x11
    case attributeInfo = 0x15
  }

  private struct Message: Sendable {
    let type: MessageType
    let data: ByteRegion
  }

  let location: Diagnostic.Location
  private var messages: [Message] = []

  init(
    _ bytes: ByteRegion, at address: Int, budget: inout Int
  ) throws(CheckpointError) {
    location = bytes.location(at: address, length: 16)
    guard !bytes.holds(Array("OHDR".utf8), at: address) else {
      throw CheckpointError(
        .hdf5MessageUnsupported, "an object header of version 2 (libver='latest') is not read",
        at: location)
    }
    let version = try bytes.byte(at: address)
    guard version == 1 else {
      throw CheckpointError(
        .hdf5StructureInvalid, "an object header of version \(version) is unknown", at: location)
    }
    let count = Int(try bytes.integer(UInt16.self, at: address + 2))
    let size = Int(try bytes.integer(UInt32.self, at: address + 8))
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
        budget -= 1
        guard budget >= 0 else {
          throw CheckpointError(
            .limitExceeded, "more object header messages than the file has room for", at: location)
        }
        guard let type = MessageType(rawValue: type) else { continue }
        guard flags & 2 == 0 else {
          throw CheckpointError(
            .hdf5MessageUnsupported, "a message of type \(type) is shared with another object",
            at: data.location)
        }
        if type == .continuation {
          let block = try bytes.slice(at: try data.address(at: 0), length: try data.length(at: 8))
          guard !blocks.contains(where: { $0.range.overlaps(block.range) }), !block.range.isEmpty
          else {
            throw CheckpointError(
              .hdf5Cycle, "a continuation of an object header leads back to it", at: data.location)
          }
          blocks.append(block)
          guard blocks.count <= 1_024 else {
            throw CheckpointError(
              .limitExceeded, "an object header of more than 1024 blocks", at: location)
          }
        } else {
          messages.append(Message(type: type, data: data))
        }
      }
    }
    guard read == count else {
      throw CheckpointError(
        .hdf5StructureInvalid, "an object header promises \(count) messages and holds \(read)",
        at: location)
    }
  }

  /// The data of the first message of `type`, or nil.
  func first(_ type: MessageType) -> ByteRegion? { messages.first { $0.type == type }?.data }

  /// The data of all messages of `type`.
  func all(_ type: MessageType) -> [ByteRegion] {
    messages.filter { $0.type == type }.map(\.data)
  }
}
