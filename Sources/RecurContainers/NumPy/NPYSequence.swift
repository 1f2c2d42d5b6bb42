package import RecurTensors

/// NumPy arrays one behind the other in one file, as repeated `numpy.save` to an open file writes them.
package enum NPYSequence {
  /// The arrays in `bytes`, in file order.
  ///
  /// - Throws: `bytes.limit-exceeded` for too many of them, and what ``NPYFile`` throws.
  package static func read(
    _ bytes: ByteRegion, limits: DecodeLimits = .init()
  ) throws(CheckpointError) -> [NPYFile.Content] {
    var arrays: [NPYFile.Content] = []
    var position = 0
    while position < bytes.count {
      guard arrays.count < limits.objects else {
        throw CheckpointError(
          .limitExceeded, "the file holds more than \(limits.objects) arrays",
          at: bytes.location(at: position, length: 1))
      }
      let rest = try bytes.suffix(from: position)
      let (content, length) = try NPYFile.first(in: rest, limits: limits)
      arrays.append(content)
      position += length
    }
    return arrays
  }
}
