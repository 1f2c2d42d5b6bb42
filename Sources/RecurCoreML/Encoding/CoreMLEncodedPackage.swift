import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// A model as a package of Core ML, ready to be written: a program, its weights, and a list of both.
struct CoreMLEncodedPackage: EncodedModel {
  let mappings: [TensorMapping]
  let diagnostics: [Diagnostic]
  let isRounded: Bool
  let isReordered = true
  let neighbour: String? = CoreMLPackage.weights
  let folder: EncodedFolder?
  private let message: ProtobufMessage
  private let weights: WeightFileForm
  private let inputTypes: [ElementType]

  /// Encodes a model.
  ///
  /// - Throws: `model.unrepresentable`.
  init(_ model: Model, _ options: EncodeOptions) throws(CheckpointError) {
    var writer = MILModelWriter(model)
    let form = try writer.form(metadata: options.metadata)
    weights = WeightFileForm(form.operations)
    message = form.message(weights.places)
    diagnostics = writer.findings
    isRounded = form.isRounded
    inputTypes = model.inputs.compactMap { name in
      if case .input(let input)? = model.node(name)?.layer { input.elementType } else { nil }
    }
    folder = EncodedFolder(
      main: "\(CoreMLPackage.data)/\(CoreMLPackage.model)",
      files: [(CoreMLPackage.manifest, Array(Self.manifest.utf8))])
    mappings = form.weights.map { weight in
      let parts = weight.sources.isEmpty ? [weight.tensor] : weight.sources
      var objects: [String] = []
      for object in parts.compactMap(\.location.object) where !objects.contains(object) {
        objects.append(object)
      }
      let stored = objects.isEmpty ? nil : parts[0].storedShape
      return TensorMapping(
        sources: objects, sourceShape: stored, target: weight.name,
        targetShape: weight.tensor.shape,
        operation: !weight.sources.isEmpty
          ? "gates in Core ML's order" : weight.tensor.shape == stored ? "copied" : "axes moved")
    }
  }

  /// The list of the package's files; the identifiers mean something in this list alone.
  private static let manifest = """
    {
        "fileFormatVersion": "1.0.0",
        "itemInfoEntries": {
            "6E1E4A0C-5B0D-4C55-9D0B-2F1B7B3C0A01": {
                "author": "com.apple.CoreML",
                "description": "CoreML Model Specification",
                "name": "model.mlmodel",
                "path": "\(CoreMLPackage.model)"
            },
            "6E1E4A0C-5B0D-4C55-9D0B-2F1B7B3C0A02": {
                "author": "com.apple.CoreML",
                "description": "CoreML Model Weights",
                "name": "weights",
                "path": "com.apple.CoreML/weights"
            }
        },
        "rootModelIdentifier": "6E1E4A0C-5B0D-4C55-9D0B-2F1B7B3C0A01"
    }

    """

  func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try message.write(to: &sink)
  }

  func writeNeighbour<Sink: ByteSink & ~Copyable>(
    to sink: inout Sink
  ) throws(CheckpointError) { try weights.write(to: &sink) }

  func readBack(
    _ written: FileProbe, neighbour: ByteRegion?
  ) throws(CheckpointError) -> ReadBack {
    let file = try CoreMLModel(written.bytes, limits: DecodeLimits())
    guard case .program(let program) = file.content, let neighbour else {
      throw CheckpointError(.coreMLInvalid, "what was written is no program")
    }
    var (model, isFixed) = try MILReader.model(
      of: file, program, named: "model",
      weights: WeightFiles(neighbour, named: CoreMLPackage.weights))
    guard !isFixed else {
      throw CheckpointError(
        .modelUnrepresentable, "the program can be read back with fixed extents alone")
    }
    // Tokens that are handed over in 64 bits are the same in 32.
    for index in model.nodes.indices {
      guard case .input(var input) = model.nodes[index].layer,
        let position = model.inputs.firstIndex(of: model.nodes[index].name),
        inputTypes.indices.contains(position), inputTypes[position] != input.elementType
      else { continue }
      input.elementType = inputTypes[position]
      model.nodes[index].layer = .input(input)
    }
    return .model(model)
  }
}

extension CoreMLPackageFormat: FolderWriting {
  package var marker: String { CoreMLPackage.manifest }

  package func encode(
    _ model: Model, options: EncodeOptions
  ) throws(CheckpointError) -> any EncodedModel { try CoreMLEncodedPackage(model, options) }
}
