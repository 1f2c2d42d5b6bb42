package import RecurContainers
package import RecurTensors

/// A format that holds tensors by name and no architecture.
package protocol StateDictDecoding: ModelDecoding {
  /// Reads a state dict.
  ///
  /// - Throws: what reading the file throws.
  func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict
}

extension StateDictDecoding {
  package var convention: any Convention { PyTorchConvention() }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      StateDictInspection.inspection(of: try stateDict(probe, .listing), id, title)
    }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try StateDictInspection.model(stateDict(probe, options.limits), probe, options)
    }
  }
}
