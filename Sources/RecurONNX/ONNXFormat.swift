package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// Files of ONNX: a graph of operators and its weights, with external data beside it.
package struct ONNXFormat: ModelDecoding, ArchitectureLending {
  package let id = "onnx"
  package let title = "ONNX model"
  package let extensions = [".onnx"]

  package init() {}

  package var convention: any Convention { ONNXConvention() }

  package func recognizes(_ probe: FileProbe) -> Bool {
    ProtobufOutline.beginsLikeModelWithGraph(probe.bytes)
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let file = try ONNXModel(probe.bytes, limits: options.limits)
      let (model, notes) = try ONNXModelReader.model(
        of: file, named: splitPath(probe.path).name, files: ONNXExternalFiles(probe))
      var decoded = DecodedModel(
        model: model, diagnostics: notes.map { $0.located(file: probe.path) },
        convention: convention)
      decoded.metadata = file.metadata
      decoded.coverage.tensorCount = file.graph.initializers.count
      return decoded
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      ONNXInspection.inspection(
        try ONNXModel(probe.bytes, limits: DecodeLimits()), format: id, title: title)
    }
  }
}

extension ONNXFormat: TensorListing {
  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let model = try ONNXModel(probe.bytes, limits: limits)
      let files = ONNXExternalFiles(probe)
      var table = TensorTable()
      for stored in model.graph.storedTensors {
        if stored.elementType == nil {
          try table.append(
            UnreadableTensor(
              name: stored.name, type: stored.typeName, shape: stored.shape, byteCount: 0,
              location: stored.location))
        } else {
          try table.append(stored.name, stored.tensor(files))
        }
      }
      return StoredTensors(table: table, metadata: model.metadata)
    }
  }
}
