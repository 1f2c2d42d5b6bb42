import RecurTensors

/// A dataspace message (specification IV.A.2.b), versions 1 and 2: the extents of an array.
struct HDF5Dataspace: Sendable {
  /// The extents, outermost first; empty for a scalar.
  let shape: [Int]
  /// The extents to which the array may grow; nil where there is no limit.
  let largestShape: [UInt64?]
  /// The number of elements.
  let count: Int

  init(_ message: ByteRegion, _ limits: DecodeLimits = .init()) throws(CheckpointError) {
    let version = try message.byte(at: 0)
    let rank = Int(try message.byte(at: 1))
    let start: Int
    switch version {
    case 1: start = 8
    case 2: start = 4
    default:
      throw CheckpointError(
        .hdf5StructureInvalid, "a dataspace of version \(version) is unknown", at: message.location)
    }
    guard rank <= limits.rank else {
      throw CheckpointError(
        .limitExceeded, "\(rank) dimensions; at most \(limits.rank) are read", at: message.location)
    }
    // Version 2, type 2: a null dataspace, which has no elements.
    if version == 2, try message.byte(at: 3) == 2 {
      shape = [0]
      largestShape = [0]
      count = 0
      return
    }
    var shape: [Int] = []
    for axis in 0..<rank {
      let extent = try message.integer(UInt64.self, at: start + 8 * axis)
      guard extent < 1 << 31 else {
        throw CheckpointError(
          .limitExceeded, "an extent of \(extent); at most 2147483647 is read",
          at: message.location(at: start + 8 * axis, length: 8))
      }
      shape.append(Int(extent))
    }
    guard let count = Tensor.byteCount(of: shape, .uint8) else {
      throw CheckpointError(
        .limitExceeded, "shape \(shapeText(shape)) has more elements than 64 bits count",
        at: message.location)
    }
    self.shape = shape
    self.count = count
    // Bit 0: the largest extents follow.
    var largest: [UInt64?] = shape.map { UInt64($0) }
    if try message.byte(at: 2) & 1 != 0 {
      for axis in 0..<rank {
        let extent = try message.integer(UInt64.self, at: start + 8 * (rank + axis))
        largest[axis] = extent == .max ? nil : extent
      }
    }
    largestShape = largest
  }
}
