import RecurContainers
import RecurStateDicts
import RecurTensors

/// Writes a state dict as torch.save does: `archive/data.pkl`, `archive/data/N`, `archive/version`.
///
/// Entries are stored and aligned to 64 bytes, so that `torch.load(mmap=True)` works; the same
/// tensors give the same bytes. The pickle holds what `weights_only=True` allows and no more.
enum PyTorchWriter {
  /// - Throws: what `sink` throws.
  static func write<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, to sink: inout Sink
  ) throws(CheckpointError) {
    let entries = stateDict.tensors.entries
    var writer = ZipWriter(alignment: 64)
    try writer.append("archive/data.pkl", region(pickle(entries)), to: &sink)
    try writer.append("archive/byteorder", region(Array("little".utf8)), to: &sink)
    for (index, entry) in entries.enumerated() {
      try writer.append("archive/data/\(index)", entry.tensor, to: &sink)
    }
    if !stateDict.metadata.isEmpty {
      let text = StateDictMetadata.text(stateDict.metadata)
      try writer.append(
        "archive/" + StateDictMetadata.entryName, region(Array(text.utf8)), to: &sink)
    }
    try writer.append("archive/version", region(Array("3\n".utf8)), to: &sink)
    try writer.finish(to: &sink)
  }

  private static func region(_ bytes: [UInt8]) -> ByteRegion {
    ByteRegion(ByteStorage(copying: bytes))
  }

  /// `OrderedDict((key, _rebuild_tensor_v2(storage, 0, size, stride, False, OrderedDict())), …)`.
  ///
  /// A type without a storage class is a view of an untyped storage: `_rebuild_tensor_v3(storage,
  /// 0, size, stride, False, OrderedDict(), dtype)`.
  private static func pickle(_ entries: [(name: String, tensor: Tensor)]) -> [UInt8] {
    var pickle = PickleWriter()
    pickle.call("collections", "OrderedDict") { _ in }
    pickle.emit(.mark)
    for (index, entry) in entries.enumerated() {
      let tensor = entry.tensor
      let storage = PyTorchStorage(tensor.elementType)
      pickle.string(entry.name)
      pickle.call("torch._utils", storage.isTyped ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3") {
        pickle in
        pickle.tuple { pickle in
          pickle.string("storage")
          pickle.global(storage.module, storage.className)
          pickle.string("\(index)")
          pickle.string("cpu")
          pickle.integer(storage.isTyped ? tensor.count : tensor.byteCount)
        }
        pickle.emit(.binPersistent)
        pickle.integer(0)
        pickle.tuple { pickle in for extent in tensor.shape { pickle.integer(extent) } }
        pickle.tuple { pickle in
          var stride = tensor.count
          for extent in tensor.shape {
            stride = extent == 0 ? 1 : stride / extent
            pickle.integer(stride)
          }
        }
        pickle.bool(false)
        pickle.call("collections", "OrderedDict") { _ in }
        if !storage.isTyped { pickle.global("torch", tensor.elementType.rawValue) }
      }
    }
    pickle.emit(.setItems)
    pickle.emit(.stop)
    return pickle.bytes
  }
}
