package import RecurContainers
package import RecurTensors

/// A PyTorch checkpoint in the ZIP form that torch.save writes since 1.6: a state dict.
package struct PyTorchFormat: ModelDecoding, StateDictEncoding {
  package let id = "pytorch"
  package let title = "PyTorch state dict (ZIP)"
  package let extensions = [".pt", ".pth"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    // A broken archive without readable names is no one else's.
    probe.zipEntryNames?.contains { $0.hasSuffix("/data.pkl") } ?? probe.isZip
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try StateDictInspection.inspection(of: PyTorchReader.stateDict(probe.bytes), id, title)
    }
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let stateDict = try PyTorchReader.stateDict(probe.bytes, limits: options.limits)
      var decoded = try StateDictInspection.model(stateDict, probe, options)
      decoded.metadata = stateDict.metadata
      return decoded
    }
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    try PyTorchReader.stateDict(probe.bytes, limits: limits)
  }

  package func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError) {
    try PyTorchWriter.write(stateDict, to: &sink)
  }
}
