import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// What both kinds of Core ML's models have in common: how a file is read and listed.
enum CoreMLReading {
  /// The model of a file.
  ///
  /// - Throws: what reading throws.
  static func decoded(
    _ probe: FileProbe, _ options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    let file = try CoreMLModel(probe.bytes, limits: options.limits)
    let name = splitPath(CoreMLPackage.folder(of: probe.path) ?? probe.path).name
    let (model, isFixed) = try model(of: file, probe, named: name)
    var decoded = DecodedModel(
      model: model, diagnostics: notes(file, model, isFixed: isFixed, at: probe.path),
      convention: CoreMLConvention())
    decoded.metadata = file.metadata
    decoded.coverage.tensorCount = stored(file, weights(probe)).count
    return decoded
  }

  private static func model(
    of file: CoreMLModel, _ probe: FileProbe, named name: String
  ) throws(CheckpointError) -> (Model, Bool) {
    switch file.content {
    case .network(let network):
      return try NetworkReader.model(of: file, network, named: name)
    case .program(let program):
      return try MILReader.model(of: file, program, named: name, weights: weights(probe))
    }
  }

  /// The files of weights beside a model.
  static func weights(_ probe: FileProbe) -> WeightFiles {
    WeightFiles(FolderFiles(folder: splitPath(probe.path).folder, watch: probe.watch))
  }

  private static func notes(
    _ file: CoreMLModel, _ model: Model, isFixed: Bool, at path: String
  ) -> [Diagnostic] {
    var notes: [Diagnostic] = []
    if isFixed {
      notes.append(
        Diagnostic(
          .coreMLDiffers, .note,
          "the model takes arrays of several extents, and is read with those with which it was "
            + "written", at: .init(file: path)))
    }
    if case .program(let program) = file.content, program.functionCount > 1 {
      notes.append(
        Diagnostic(
          .coreMLDiffers, .note,
          "the program has \(program.functionCount) functions, of which the main one is read",
          at: .init(file: path)))
    }
    let isGRU = model.nodes.contains { node in
      node.layer.recurrents.contains { layer in
        if case .gru(let cell) = layer.cell {
          cell.resetPlacement == .beforeProduct
        } else {
          false
        }
      }
    }
    if isGRU {
      notes.append(
        Diagnostic(
          .coreMLDiffers, .note,
          "a GRU is computed as Core ML's own tests compute it, with the reset gate before the product; "
            + "its documentation says the other, and its results for a batch above 1 are reported to be "
            + "wrong", at: .init(file: path)))
    }
    return notes
  }

  // MARK: listing

  static func inspection(
    _ probe: FileProbe, format: String, title: String
  ) throws(CheckpointError) -> Inspection {
    let file = try CoreMLModel(probe.bytes, limits: .init())
    var facts: [(name: String, value: String)] = [("specification", "\(file.version)")]
    for (role, ports) in [("input", file.inputs), ("output", file.outputs), ("state", file.states)]
    {
      for port in ports { facts.append((role, port.text)) }
    }
    facts += file.metadata
    return Inspection(
      format: format, title: title, facts: facts, layers: layers(file),
      tensors: stored(file, weights(probe)).map { own in
        Inspection.StoredTensor(
          name: own.name, shape: own.shape, type: own.type, byteCount: own.byteCount, remark: nil)
      }, diagnostics: [])
  }

  private static func layers(_ file: CoreMLModel) -> [Inspection.DeclaredLayer] {
    switch file.content {
    case .network(let network):
      network.layers.map { layer in
        Inspection.DeclaredLayer(
          name: layer.name, className: NetworkLayers.name(layer.kind), detail: "",
          isSupported: NetworkLayers.table[layer.kind] != nil)
      }
    case .program(let program):
      program.main.block.operations.filter { $0.type != "const" }.map { operation in
        Inspection.DeclaredLayer(
          name: operation.outputs.first?.name ?? "", className: operation.type, detail: "",
          isSupported: MILOperators.knows(operation.type))
      }
    }
  }

  /// An array of a file.
  struct StoredArray {
    var name: String
    var shape: [Int]
    var type: String
    var byteCount: Int
    var tensor: @Sendable () throws(CheckpointError) -> Tensor
  }

  /// The arrays of a program; those of a network stand in its layers and have no names.
  static func stored(_ file: CoreMLModel, _ weights: WeightFiles) -> [StoredArray] {
    guard case .program(let program) = file.content else { return [] }
    return program.main.block.constants.compactMap { name, value in
      guard value.type.elementType != nil, !value.type.shape.isEmpty,
        let count = value.byteCount
      else { return nil }
      return StoredArray(
        name: name, shape: value.type.shape.compactMap { $0 }, type: value.type.typeName,
        byteCount: count
      ) { () throws(CheckpointError) in try value.tensor(weights, named: name) }
    }
  }
}

extension MILBlock {
  /// The constants of the block, and of those in it.
  fileprivate var constants: [(name: String, value: MILValue)] {
    operations.flatMap { operation -> [(name: String, value: MILValue)] in
      let inner = operation.blocks.flatMap(\.constants)
      guard operation.type == "const", let value = operation.attribute("val"),
        let name = operation.outputs.first?.name
      else { return inner }
      return [(name, value)]
    }
  }
}

extension Diagnostic.Code {
  /// What Core ML computes otherwise than is computed here, or leaves open.
  static let coreMLDiffers = Self(rawValue: "coreml.differs")
}
