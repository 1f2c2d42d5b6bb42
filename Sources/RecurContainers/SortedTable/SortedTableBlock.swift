import RecurTensors

/// The entries of one block of a table, each of whose keys begins like the one before
/// (leveldb/table/block_builder.cc).
enum SortedTableBlock {
  /// Calls `body` with every key and its value, in order.
  ///
  /// - Throws: `bundle.invalid`, and what `body` throws.
  static func read(
    _ block: ByteRegion, _ body: ([UInt8], ByteRegion) throws(CheckpointError) -> Void
  ) throws(CheckpointError) {
    func invalid(_ reason: String, _ position: Int) -> CheckpointError {
      CheckpointError(
        .bundleInvalid, "a block of the table contradicts itself: \(reason)",
        at: block.location(at: position, length: 1))
    }
    guard block.count >= 4 else { throw invalid("it has \(block.count) bytes", 0) }
    let restarts = Int(try block.integer(UInt32.self, at: block.count - 4))
    guard restarts > 0, restarts <= (block.count - 4) / 4 else {
      throw invalid("it has \(restarts) restarts", block.count - 4)
    }
    let end = block.count - 4 - 4 * restarts
    let entries = try block.slice(at: 0, length: end)
    var key: [UInt8] = []
    var position = 0
    while position < end {
      let start = position
      guard let shared = length(entries, &position), let own = length(entries, &position),
        let count = length(entries, &position)
      else { throw invalid("an entry ends in the middle", start) }
      guard shared <= key.count else {
        throw invalid("a key shares \(shared) bytes with one of \(key.count)", start)
      }
      guard own <= end - position, count <= end - position - own else {
        throw invalid("an entry reaches beyond its end", start)
      }
      key.removeSubrange(shared...)
      key += try entries.slice(at: position, length: own).bytes()
      position += own
      try body(key, try entries.slice(at: position, length: count))
      position += count
    }
  }

  private static func length(_ bytes: ByteRegion, _ position: inout Int) -> Int? {
    ProtobufReader.varint(bytes, &position).flatMap { Int(exactly: $0) }
  }
}
