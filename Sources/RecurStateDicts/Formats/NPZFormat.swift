package import RecurContainers
package import RecurFormats
package import RecurTensors

/// A NumPy archive, read and written as a PyTorch state dict: `np.savez(path, **state_dict)`.
///
/// Other code reads archives of recorded inputs and outputs.
package struct NPZFormat: StateDictEncoding, SharedContainerFormat {
  package let id = "npz"
  package let title = "NumPy archive"
  package let extensions = [".npz"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.zipEntryNames.map { names in !names.isEmpty && names.allSatisfy { $0.hasSuffix(".npy") } }
      ?? false
  }

  /// An archive of recorded inputs and outputs, or of data, has the same form as a state dict.
  package func looksLikeWeights(_ probe: FileProbe) -> Bool {
    guard let names = probe.zipEntryNames else { return false }
    return names.contains { $0.contains("weight") } || isListOfWeights(probe, names)
  }

  /// Whether arrays without names are a kernel and what belongs to it: one after another, with a last
  /// axis in common (`np.savez(path, *model.get_weights())`).
  private func isListOfWeights(_ probe: FileProbe, _ names: [String]) -> Bool {
    guard names.count > 1, names.allSatisfy({ $0.hasPrefix("arr_") }),
      let table = try? NPZArchive(probe.bytes, limits: .listing).table()
    else { return false }
    let tensors = table.entries.map(\.tensor)
    return zip(tensors, tensors.dropFirst()).contains { kernel, next in
      kernel.rank == 2 && (1...2).contains(next.rank) && kernel.elementType.isFloatingPoint
        && next.elementType == kernel.elementType && kernel.shape[1] == next.shape.last
    }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let archive = try NPZArchive(probe.bytes, limits: limits)
    return StateDict(
      tensors: try archive.table(),
      metadata: archive.comment.map { StateDictMetadata.read($0, limits: limits) } ?? [])
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let stateDict = try stateDict(probe, options.limits)
      try checkHoldsWeights(stateDict.tensors, probe)
      return try model(stateDict, probe, options)
    }
  }

  /// The error for an archive of recorded inputs and outputs, which has no use for an architecture.
  private func checkHoldsWeights(
    _ tensors: TensorTable, _ probe: FileProbe
  ) throws(CheckpointError) {
    let isRecording = tensors.names.allSatisfy { name in
      ["in_", "out_"].contains { name.hasPrefix($0) && Int(name.dropFirst($0.count)) != nil }
    }
    guard isRecording, tensors.unreadable.isEmpty else { return }
    throw CheckpointError(
      .npzNoWeights,
      "the archive holds no weights but recorded inputs and outputs: "
        + tensors.names.prefix(4).map { "'\($0)'" }.joined(separator: ", "),
      at: .init(file: probe.path)
    ).advising("compare a model with it: \(.verification)")
  }

  /// NumPy has no bfloat16 and no 8-bit floating-point types; float32 holds all of their values.
  package func adapted(
    _ stateDict: StateDict
  ) throws(CheckpointError) -> (stateDict: StateDict, diagnostics: [Diagnostic]) {
    var copy = stateDict
    copy.tensors = TensorTable()
    var widened: [ElementType: [String]] = [:]
    for (name, tensor) in stateDict.tensors.entries {
      let type = tensor.elementType
      guard type == .bfloat16 || type.float8 != nil else {
        try copy.tensors.append(name, tensor)
        continue
      }
      let wide = try Tensor.float32(
        tensor.floats(), shape: tensor.shape, at: tensor.location.inMemory)
      try copy.tensors.append(name, wide)
      widened[type, default: []].append(name)
    }
    let diagnostics = ElementType.allCases.compactMap { type -> Diagnostic? in
      guard let names = widened[type] else { return nil }
      let some = names.prefix(3).map { "'\($0)'" }.joined(separator: ", ")
      return Diagnostic(
        .tensorWidened, .note,
        "\(names.count) tensors (\(some)\(names.count > 3 ? ", …" : "")) are written as float32, "
          + "exactly: NumPy has no \(type)")
    }
    return (copy, diagnostics)
  }

  package func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError) {
    let comment = StateDictMetadata.text(stateDict.metadata, limit: ZipWriter.largestComment)
    try NPZArchive.write(stateDict.tensors.entries, comment: Array(comment.utf8), to: &sink)
  }
}

extension Diagnostic.Code {
  package static let npzNoWeights = Self(rawValue: "npz.no-weights")
  package static let tensorWidened = Self(rawValue: "tensor.widened")
}
