import RecurTensors

/// An object header (specification IV.A.1): the messages about one group or dataset.
struct HDF5ObjectHeader: Sendable {
  /// The message types that this reader uses (specification IV.A.2).
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
    case cacheImage = 0x18
  }

  struct Message: Sendable {
    let type: MessageType
    let data: ByteRegion
    /// Whether `data` holds a reference to another object instead of the message itself.
    let isShared: Bool
    /// An attribute's number in creation order, when the header keeps that order.
    let creationOrder: UInt16?
  }

  let location: Diagnostic.Location
  private let messages: [Message]

  /// Reads the header at `address`, of version 1 or 2.
  ///
  /// - Throws: `hdf5.structure.invalid`, `hdf5.message.unsupported`, `hdf5.checksum.mismatch`,
  ///   `hdf5.cycle`, `bytes.limit-exceeded`.
  init(at address: Int, _ structures: inout HDF5Structures) throws(CheckpointError) {
    location = structures.bytes.location(at: address, length: 16)
    messages =
      structures.bytes.holds(Array("OHDR".utf8), at: address)
      ? try Self.version2(at: address, &structures) : try Self.version1(at: address, &structures)
  }

  /// Whether there is a message of `type`.
  func contains(_ type: MessageType) -> Bool { messages.contains { $0.type == type } }

  /// The data of the first message of `type`, or nil.
  ///
  /// - Throws: `hdf5.message.unsupported` when the message is in another object.
  func first(_ type: MessageType) throws(CheckpointError) -> ByteRegion? {
    guard let message = messages.first(where: { $0.type == type }) else { return nil }
    return try message.ownData()
  }

  /// All messages of `type`, in file order.
  func all(_ type: MessageType) -> [Message] { messages.filter { $0.type == type } }
}

extension HDF5ObjectHeader.Message {
  /// The data of the message, which must be in this header.
  ///
  /// - Throws: `hdf5.message.unsupported` when the message is in another object.
  func ownData() throws(CheckpointError) -> ByteRegion {
    guard !isShared else {
      throw CheckpointError(
        .hdf5MessageUnsupported, "a message of type \(type) is shared with another object",
        at: data.location,
        hint: "write the file without named datatypes and shared messages")
    }
    return data
  }
}
