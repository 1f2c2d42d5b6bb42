package import RecurContainers
package import RecurFormats
import RecurModel
package import RecurTensors

/// Frozen graphs of TensorFlow 1: operators, and weights as constants among them.
package struct FrozenGraphFormat: ModelDecoding, TensorListing, SeveralFiles, ValueTaking,
  OutputChoosing
{
  package let id = "tensorflow-graph"
  package let title = "frozen TensorFlow graph"
  package let extensions = [".pb"]
  package var convention: any Convention { TensorFlowConvention() }

  package init() {}

  /// `GraphDef`: nodes with a name and an operation (tensorflow/core/framework/graph.proto).
  package func recognizes(_ probe: FileProbe) -> Bool {
    guard probe.bytes.holds([0x0A]), let outline = ProtobufOutline(probe.bytes, bound: 8),
      case .bytes(let first) = outline.fields.first?.value, let node = ProtobufOutline(first)
    else { return false }
    guard node.text(1)?.isEmpty == false, let operation = node.text(2) else { return false }
    return operation.first?.isUppercase == true
      && operation.allSatisfy { $0.isLetter || $0.isNumber }
      && outline.fields.allSatisfy { $0.number <= 4 }
  }

  package func isModelFolder(_ path: String) -> Bool { false }

  package func entry(at path: String) -> String? {
    guard isFolder(path) else { return nil }
    let files = fileNames(in: path).filter { $0.hasSuffix(".pb") }
    guard files.count == 1 else { return nil }
    let file = path.hasSuffix("/") ? path + files[0] : "\(path)/\(files[0])"
    return (try? FileProbe(path: file)).map(recognizes) == true ? file : nil
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let graph = try GraphMessage(probe.bytes, limits: options.limits)
      let variables = try variables(of: graph)
      let model = GraphModel(
        graph, variables: TensorTable(),
        weights: variables.names.filter { !NamedCells.isLeftover($0) })
      return try NamedModel.decoded(probe, options, running: model) {
        () throws(CheckpointError) in
        try NamedModel(
          variables, graph: graph, architecture: options.architecture, limits: options.limits)
      }
    }
  }

  /// The constants that were variables: those that an operator hands on under the name `x/read`, and all of
  /// floating-point numbers with axes where none is.
  private func variables(of graph: GraphMessage) throws(CheckpointError) -> TensorTable {
    let constants = try graph.constants()
    let read = Set(
      graph.nodes.filter { $0.operation == "Identity" && $0.name.hasSuffix("/read") }
        .compactMap { $0.inputs.first }.map { Name($0) })
    var table = TensorTable()
    for (name, tensor) in constants.entries
    where read.contains(Name(name))
      || read.isEmpty && tensor.rank > 0
        && tensor.elementType.isFloatingPoint
    {
      try table.append(name, tensor)
    }
    return table
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let graph = try GraphMessage(probe.bytes, limits: .init())
      let named = try NamedModel(variables(of: graph), graph: graph)
      var inspection = Inspection(
        format: id, title: title, facts: [("operators", "\(graph.nodes.count)")],
        layers: named.layers, tensors: [], diagnostics: named.notes(probe))
      inspection.tensors = try graph.constants().stored
      return inspection
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      StoredTensors(table: try GraphMessage(probe.bytes, limits: limits).constants())
    }
  }
}
