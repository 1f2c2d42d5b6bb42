package import RecurTensors

/// The data files of a checkpoint, each opened when a tensor in it is read.
package final class TensorBundleFiles {
  private let open: (Int) throws(CheckpointError) -> ByteRegion
  /// The path of a data file, as messages show it.
  let path: (Int) -> String
  private var opened: [Int: ByteRegion] = [:]

  /// Files that `open` opens by their numbers.
  package init(
    path: @escaping (Int) -> String, open: @escaping (Int) throws(CheckpointError) -> ByteRegion
  ) {
    self.path = path
    self.open = open
  }

  /// The bytes that an entry of the index stands for.
  ///
  /// - Throws: `bundle.invalid`, and what opening the file throws.
  func region(
    _ entry: TensorBundleEntry, named name: String, of count: Int
  ) throws(CheckpointError) -> ByteRegion {
    guard 0..<count ~= entry.shard else {
      throw CheckpointError(
        .bundleInvalid, "'\(name)' is in data file \(entry.shard) of \(count)", at: entry.location)
    }
    // A tensor without elements needs no file.
    guard entry.byteCount != 0 else { return ByteRegion(ByteStorage(copying: [])) }
    if opened[entry.shard] == nil { opened[entry.shard] = try open(entry.shard) }
    guard let file = opened[entry.shard], entry.offset >= 0, entry.byteCount > 0,
      entry.offset <= file.count, entry.byteCount <= file.count - entry.offset
    else {
      let size = opened[entry.shard]?.count ?? 0
      throw CheckpointError(
        .bundleInvalid,
        "'\(name)' is to be at \(entry.offset) in the data file, \(entry.byteCount) bytes long, and the "
          + "file has \(size) bytes", at: entry.location,
        reason: "the data file was cut off, or belongs to another index", hint: "fetch it again")
    }
    return try file.slice(at: entry.offset, length: entry.byteCount)
  }
}
