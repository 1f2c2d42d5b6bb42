package import RecurTensors

/// The global heaps (specification III.E), which hold strings of variable length.
///
/// Each collection is indexed once. A legitimate attribute refers to each heap object once, so all
/// of its strings together fit in the file; a larger total is an attack on memory.
struct HDF5GlobalHeaps: Sendable {
  private var collections: [Int: [UInt32: ByteRegion]] = [:]
  private var bytesHandedOut = 0
  private var objectsIndexed = 0

  /// Resets the count of bytes that one attribute may request.
  mutating func beginAttribute() { bytesHandedOut = 0 }

  /// The string to which the 16-byte reference `element` points.
  ///
  /// - Throws: `hdf5.heap.invalid`, `hdf5.structure.invalid`, `bytes.limit-exceeded`.
  mutating func string(
    _ element: ByteRegion, in file: ByteRegion
  ) throws(CheckpointError) -> ByteRegion {
    let length = Int(try element.integer(UInt32.self, at: 0))
    guard length > 0 else { return try element.slice(at: 0, length: 0) }
    let address = try element.address(at: 4)
    let index = try element.integer(UInt32.self, at: 12)
    if collections[address] == nil {
      collections[address] = try collection(file, at: address)
    }
    guard let object = collections[address]?[index], length <= object.count else {
      throw CheckpointError(
        .hdf5HeapInvalid,
        "no object \(index) of at least \(length) bytes is in the global heap at \(address)",
        at: element.location, hint: Hint.damaged)
    }
    bytesHandedOut += length
    guard bytesHandedOut <= file.count else {
      throw CheckpointError(
        .limitExceeded, "the strings of the attribute are longer than the file",
        at: element.location)
    }
    return try object.slice(at: 0, length: length)
  }

  private mutating func collection(
    _ file: ByteRegion, at address: Int
  ) throws(CheckpointError) -> [UInt32: ByteRegion] {
    try file.expect("GCOL", at: address, "a global heap")
    let collection = try file.slice(at: address, length: try file.length(at: address + 8))
    var objects: [UInt32: ByteRegion] = [:]
    var position = 16
    while position + 16 <= collection.count {
      let index = try collection.integer(UInt16.self, at: position)
      // Object 0 is the free space at the end of the collection.
      guard index != 0 else { break }
      let object = try collection.slice(
        at: position + 16, length: try collection.length(at: position + 8))
      guard objects.updateValue(object, forKey: UInt32(index)) == nil else {
        throw CheckpointError(
          .hdf5HeapInvalid, "two objects of a global heap have number \(index)",
          at: object.location)
      }
      objectsIndexed += 1
      guard objectsIndexed <= file.count / 16 else {
        throw CheckpointError(
          .limitExceeded, "more global heap objects than the file has room for",
          at: object.location)
      }
      position += 16 + (object.count + 7) / 8 * 8
    }
    return objects
  }
}

extension Diagnostic.Code {
  package static let hdf5HeapInvalid = Self(rawValue: "hdf5.heap.invalid")
}
