import RecurTensors

/// The file of weights that is written: a header, and a description in front of every array
/// (coremltools, mlmodel/src/MILBlob/Blob/StorageFormat.hpp).
struct WeightFileForm: Sendable {
  /// The places of the descriptions, by the names of constants.
  let places: [String: Int]
  private let tensors: [(description: Int, tensor: Tensor)]

  /// The file of all arrays that belong into it.
  init(_ operations: [MILOperationForm]) {
    var (places, tensors): ([String: Int], [(description: Int, tensor: Tensor)]) = ([:], [])
    var offset = WeightFiles.alignment
    for operation in operations {
      guard let tensor = operation.constant?.stored else { continue }
      places[operation.name] = offset
      tensors.append((offset, tensor))
      offset = Self.aligned(offset + WeightFiles.alignment + tensor.byteCount)
    }
    (self.places, self.tensors) = (places, tensors)
  }

  private static func aligned(_ offset: Int) -> Int {
    (offset + WeightFiles.alignment - 1) / WeightFiles.alignment * WeightFiles.alignment
  }

  /// Writes the file.
  ///
  /// - Throws: what `sink` throws.
  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    var offset = 0
    func block(_ numbers: [UInt64]) -> [UInt8] {
      let bytes = numbers.flatMap { number in
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      return bytes + [UInt8](repeating: 0, count: WeightFiles.alignment - bytes.count)
    }
    try sink.write(block([UInt64(tensors.count) | 2 << 32]))
    offset = WeightFiles.alignment
    for (description, tensor) in tensors {
      try sink.write([UInt8](repeating: 0, count: description - offset))
      let number = WeightFiles.elementTypes.first { $0.value == tensor.elementType }?.key ?? 0
      let start = description + WeightFiles.alignment
      try sink.write(
        block([
          UInt64(WeightFiles.sentinel) | UInt64(number) << 32, UInt64(tensor.byteCount),
          UInt64(start),
        ]))
      try tensor.write(to: &sink)
      offset = start + tensor.byteCount
    }
    try sink.write([UInt8](repeating: 0, count: Self.aligned(offset) - offset))
  }
}
