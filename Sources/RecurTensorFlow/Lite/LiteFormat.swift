package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// Models of TensorFlow Lite.
package struct LiteFormat: ModelDecoding, ArchitectureLending, TensorListing {
  package let id = "tflite"
  package let title = "TensorFlow Lite model"
  package let extensions = [".tflite"]
  package var convention: any Convention { TensorFlowConvention() }

  package init() {}

  package func recognizes(_ probe: FileProbe) -> Bool { LiteModel.recognizes(probe.bytes) }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let (reader, model) = try Self.model(
        LiteModel(probe.bytes, limits: options.limits), splitPath(probe.path).name)
      return DecodedModel(
        model: model, diagnostics: reader.notes(at: .init(file: probe.path)),
        convention: convention)
    }
  }

  /// The model; one that computes with free extents is read with those that it was converted with.
  private static func model(
    _ file: LiteModel, _ name: String
  ) throws(CheckpointError) -> (LiteModelReader, Model) {
    var reader = LiteModelReader(file)
    do throws(CheckpointError) {
      let model = try reader.model(named: name)
      return (reader, model)
    } catch {
      let main = file.graphs[0]
      let isOpen = main.inputs.contains { main.tensors[$0].signature?.contains { $0 < 0 } ?? false }
      var fixed = LiteModelReader(file)
      fixed.fixesExtents = true
      guard isOpen, let model = try? fixed.model(named: name) else { throw error }
      return (fixed, model)
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let file = try LiteModel(probe.bytes, limits: .init())
      var inspection = Inspection(
        format: id, title: title, facts: [], layers: [], tensors: [], diagnostics: [])
      if !file.description.isEmpty { inspection.facts.append(("producer", file.description)) }
      let main = file.graphs[0]
      for (role, list) in [("input", main.inputs), ("output", main.outputs)] {
        for index in list { inspection.facts.append((role, main.tensors[index].text)) }
      }
      for (index, graph) in file.graphs.enumerated() {
        inspection.layers += graph.operators.map { own in
          let name = own.outputs.first.map { graph.tensors[$0].name } ?? ""
          return Inspection.DeclaredLayer(
            name: index == 0 ? name : "graph \(index): \(name)", className: own.title, detail: "",
            isSupported: LiteOperators.knows(own))
        }
      }
      inspection.tensors = Self.constants(file).map { name, tensor in
        Inspection.StoredTensor(
          name: name, shape: tensor.shape, type: tensor.typeName,
          byteCount: tensor.bytes?.count ?? 0,
          remark: tensor.isQuantized ? "stands for real numbers" : nil)
      }
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      var stored = StoredTensors(table: TensorTable())
      for (name, tensor) in Self.constants(try LiteModel(probe.bytes, limits: limits)) {
        if tensor.elementType != nil, !tensor.isSparse, let numbers = try tensor.stored() {
          try stored.table.append(name, numbers)
        } else {
          try stored.table.append(
            UnreadableTensor(
              name: name, type: tensor.typeName, shape: tensor.shape,
              byteCount: tensor.bytes?.count ?? 0, location: tensor.location))
        }
      }
      return stored
    }
  }

  /// The tensors whose numbers the file has, under the numbers of graph and tensor, and their names.
  private static func constants(_ file: LiteModel) -> [(name: String, tensor: LiteTensor)] {
    file.graphs.enumerated().flatMap { graph, content in
      content.tensors.enumerated().compactMap { index, tensor in
        tensor.bytes == nil ? nil : ("\(graph)/\(index):\(tensor.name)", tensor)
      }
    }
  }
}

extension LiteTensor {
  /// The name, the element type and the shape.
  fileprivate var text: String {
    let extents = shape.enumerated().map { axis, extent in
      signature.map { $0.indices.contains(axis) && $0[axis] < 0 } == true ? "?" : "\(extent)"
    }
    return "\(LiteModelReader.plain(name)): \(typeName) [\(extents.joined(separator: ", "))]"
  }
}
