package import RecurContainers
package import RecurTensors

/// Any HDF5 file that no other format recognises: it can be listed, and nothing else.
package struct HDF5Format: ModelInspecting {
  package let id = "hdf5"
  package let title = "HDF5 file without a Keras model"
  package let extensions = [".h5"]

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool {
    // The signature is enough here: a damaged HDF5 file is then reported by the HDF5 reader.
    probe.isHDF5
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let file = try probe.hdf5File()
      var inspection = try Self.inspection(of: file)
      inspection.format = id
      inspection.title = title
      return inspection
    }
  }

  /// Every dataset of `file`, headers only.
  package static func inspection(of file: HDF5File) throws(CheckpointError) -> Inspection {
    var tensors: [Inspection.StoredTensor] = []
    for object in file.objects where object.isDataset {
      let dataset = try file.dataset(object)
      let count = Tensor.byteCount(of: dataset.shape, .uint8) ?? 0
      let (bytes, overflow) = count.multipliedReportingOverflow(by: dataset.datatype.size)
      tensors.append(
        Inspection.StoredTensor(
          name: object.path, shape: dataset.shape, type: dataset.datatype.description,
          byteCount: overflow ? .max : bytes, remark: nil))
    }
    return Inspection(
      format: "", title: "", facts: [], layers: [], tensors: tensors, diagnostics: file.diagnostics)
  }
}
