package import RecurContainers
package import RecurTensors

extension HDF5Format: TensorListing {
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      try Self.tensors(of: try probe.hdf5File())
    }
  }

  /// Every dataset of `file` by its path without the first slash; what holds no numbers is listed.
  package static func tensors(of file: HDF5File) throws(CheckpointError) -> StoredTensors {
    var file = file
    var table = TensorTable()
    for object in file.objects where object.isDataset {
      let name = String(object.path.dropFirst())
      let dataset = try file.dataset(object)
      do throws(CheckpointError) {
        var tensor = try file.tensor(object)
        // Two bytes without a type, which an attribute names.
        if tensor.elementType.byteCount == 2,
          (try? file.strings("dtype", of: object))??.first?.text() == "bfloat16"
        {
          tensor = tensor.reinterpreted(as: .bfloat16)
        }
        try table.append(name, tensor)
      } catch  where error.diagnostic.code == .hdf5DatatypeUnsupported {
        try table.append(
          UnreadableTensor(
            name: name, type: dataset.datatype.description, shape: dataset.shape, byteCount: 0,
            location: object.location))
      }
    }
    return StoredTensors(table: table, diagnostics: file.diagnostics)
  }
}
