import RecurContainers
package import RecurTensors

/// A NumPy archive: it can be listed; as golden values and inputs it is read elsewhere.
package struct NPZFormat: ModelInspecting {
  package let id = "npz"
  package let title = "NumPy archive"
  package let extensions = [".npz"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    probe.zipEntryNames.map { names in !names.isEmpty && names.allSatisfy { $0.hasSuffix(".npy") } }
      ?? false
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let archive = try NPZArchive(probe.bytes)
      var tensors: [Inspection.StoredTensor] = []
      for name in archive.names {
        guard let tensor = try archive.tensor(name) else { continue }
        tensors.append(
          Inspection.StoredTensor(
            name: name, shape: tensor.shape, type: "\(tensor.elementType)",
            byteCount: tensor.byteCount, remark: nil))
      }
      return Inspection(
        format: id, title: title, facts: [], layers: [], tensors: tensors, diagnostics: [])
    }
  }
}
