import RecurTensors

/// The file beside a model that holds the elements of its large tensors, one after the other.
struct ONNXDataForm: Sendable {
  /// The bytes of one tensor.
  struct Place: Sendable {
    var offset: Int
    var length: Int
  }

  /// The name of the file, which is in the folder of the model.
  let name: String
  /// The places of tensors, by their numbers; small tensors stay in the model.
  let places: [Int: Place]
  private let tensors: [Tensor]

  /// Offsets are multiples of this, so that a reader can map them.
  private static let alignment = 4096
  /// Tensors of fewer bytes stay in the model.
  private static let smallest = 1024

  init(_ weights: [ONNXWeightForm], name: String) {
    var (places, tensors, offset): ([Int: Place], [Tensor], Int) = ([:], [], 0)
    for (index, weight) in weights.enumerated() where weight.byteCount >= Self.smallest {
      guard case .tensor(let tensor) = weight.content else { continue }
      offset = (offset + Self.alignment - 1) / Self.alignment * Self.alignment
      places[index] = Place(offset: offset, length: tensor.byteCount)
      tensors.append(tensor)
      offset += tensor.byteCount
    }
    (self.name, self.places, self.tensors) = (name, places, tensors)
  }

  /// Writes the file.
  ///
  /// - Throws: what `sink` throws.
  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    var offset = 0
    for tensor in tensors {
      let start = (offset + Self.alignment - 1) / Self.alignment * Self.alignment
      try sink.write([UInt8](repeating: 0, count: start - offset))
      try tensor.write(to: &sink)
      offset = start + tensor.byteCount
    }
  }
}
