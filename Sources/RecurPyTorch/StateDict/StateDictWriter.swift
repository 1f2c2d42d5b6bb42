import RecurFormats
import RecurModel
import RecurTensors

/// Collects the tensors of a model with their keys, and what was done to each tensor.
struct StateDictWriter: StateDictVisitor {
  private(set) var tensors = TensorTable()
  private(set) var mappings: [TensorMapping] = []

  mutating func tensor(_ key: String, _ tensor: Tensor) throws(CheckpointError) -> Tensor {
    try add(key, tensor, [tensor], nil)
    return tensor
  }

  mutating func gates<Gate>(
    _ key: String, _ gates: GateMap<Gate, Tensor>, _ place: GatePacking<Gate>
  ) throws(CheckpointError) -> GateMap<Gate, Tensor> {
    let order = place.layout.gateOrder
    let names = order.map { "\($0)" }.joined(separator: ", ")
    try add(
      key, place.layout.pack(gates), order.map { gates[$0] },
      order.count == 1 ? nil : "gates \(names)")
    return gates
  }

  mutating func added(
    _ key: String, _ tensor: Tensor, because reason: String
  ) throws(CheckpointError) -> Tensor {
    try add(key, tensor, [], reason)
    return tensor
  }

  mutating func bookkeeping(_ key: String, _ tensor: Tensor) throws(CheckpointError) {
    let isOwn = tensor.location.object != nil
    try add(
      key, tensor, isOwn ? [tensor] : [],
      isOwn ? nil : "zero, because torch counts the batches it trained on")
  }

  /// Adds `tensor`, which was made of `parts`: views of one stored tensor, or nothing for a new
  /// tensor.
  private mutating func add(
    _ key: String, _ tensor: Tensor, _ parts: [Tensor], _ detail: String?
  ) throws(CheckpointError) {
    try tensors.append(key, tensor)
    let stored = parts.first?.storedShape
    // A square matrix was transposed if the rows of its view are not contiguous.
    let isTransposed =
      tensor.rank > 1 && stored == tensor.shape.reversed()
      && (stored != tensor.shape || parts[0].strides.last != 1)
    // Zeros that a declaration stands for are in no file.
    let isMade = !parts.isEmpty && parts[0].location.object == nil && parts[0].location.bytes == nil
    let isZero = isMade && tensor.doubles().allSatisfy { $0 == 0 }
    let moved = parts.isEmpty ? [] : [isZero ? "zeros" : isTransposed ? "transposed" : "copied"]
    mappings.append(
      TensorMapping(
        sources: [parts.first?.location.object].compactMap { $0 }, sourceShape: stored, target: key,
        targetShape: tensor.shape,
        operation: (moved + (isZero ? [] : [detail].compactMap { $0 })).joined(separator: "; "),
        isAdded: parts.isEmpty || isZero))
  }
}
