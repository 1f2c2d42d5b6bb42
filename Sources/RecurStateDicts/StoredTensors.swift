package import RecurContainers
package import RecurFormats
package import RecurTensors

extension StateDictDecoding {
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let stateDict = try allTensors(probe, key: key, limits)
      return StoredTensors(
        table: stateDict.tensors, metadata: stateDict.metadata, diagnostics: stateDict.diagnostics)
    }
  }

  package func allTensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    try stateDict(probe, key: key, limits)
  }
}

extension StateDictEncoding {
  package func encode(tensors: StoredTensors) throws(CheckpointError) -> any EncodedModel {
    try EncodedTensors(tensors, self)
  }
}

/// Tensors under their own names, ready to be written.
private struct EncodedTensors: EncodedFile {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded = false
  private let stateDict: StateDict
  private let format: any StateDictEncoding

  init(
    _ tensors: StoredTensors, _ format: any StateDictEncoding
  ) throws(CheckpointError) {
    self.format = format
    let written = try format.adapted(
      StateDict(tensors: tensors.table.readable(), metadata: tensors.metadata))
    stateDict = written.stateDict
    diagnostics = tensors.diagnostics + written.diagnostics
    mappings = stateDict.tensors.entries.map { name, tensor in
      TensorMapping(
        sources: [name], sourceShape: tensor.shape, target: name, targetShape: tensor.shape,
        operation: "copied")
    }
  }

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try format.encode(stateDict, into: &sink)
  }

  func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
    let tensors = try format.stateDict(written, .init()).tensors
    var pairs: [(name: String, written: Tensor, meant: Tensor)] = []
    for (name, meant) in stateDict.tensors.entries {
      guard let tensor = tensors[name] else {
        throw CheckpointError(.tensorMissing, "there is no tensor '\(name)'")
      }
      pairs.append((name, tensor, meant))
    }
    return .tensors(pairs)
  }
}

extension TensorTable {
  /// The table without what can't be read.
  fileprivate func readable() throws(CheckpointError) -> TensorTable {
    var table = TensorTable()
    for (name, tensor) in entries { try table.append(name, tensor) }
    return table
  }
}
