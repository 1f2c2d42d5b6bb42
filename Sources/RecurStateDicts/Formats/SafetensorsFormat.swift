package import RecurContainers
package import RecurFormats
package import RecurTensors

/// A safetensors file, read and written as a PyTorch state dict.
package struct SafetensorsFormat: StateDictEncoding {
  package let id = "safetensors"
  package let title = "safetensors"
  package let extensions = [".safetensors"]
  package let names: any StateDictConvention

  package init(_ names: any StateDictConvention) { self.names = names }

  package func recognizes(_ probe: FileProbe) -> Bool {
    SafetensorsFile.recognizes(probe.bytes)
  }

  package func stateDict(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StateDict {
    let file = try SafetensorsFile(probe.bytes, limits: limits)
    return StateDict(tensors: file.tensors, metadata: file.metadata)
  }

  package func encode<Sink: ByteSink & ~Copyable>(
    _ stateDict: StateDict, into sink: inout Sink
  ) throws(CheckpointError) {
    try SafetensorsWriter.write(stateDict.tensors, metadata: stateDict.metadata, to: &sink)
  }
}
