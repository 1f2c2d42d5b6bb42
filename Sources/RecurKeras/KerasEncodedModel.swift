#if HDF5Writing
  import RecurContainers
  package import RecurFormats
  import RecurHDF5Writing
  package import RecurModel
  package import RecurTensors

  /// A model in the form of Keras, ready to be written.
  struct KerasEncodedModel: EncodedFile {
    let mappings: [TensorMapping]
    let diagnostics: [Diagnostic]
    let isRounded: Bool
    private let target: KerasTarget
    private let config: String
    private let image: HDF5Image
    private let placed: [(path: String, array: KerasArrayForm)]

    init(_ model: Model, _ target: KerasTarget) throws(CheckpointError) {
      var graph = KerasGraphWriter(model, target)
      let form = try graph.written()
      self.target = target
      diagnostics = graph.findings
      isRounded = graph.isRounded
      config = KerasConfigWriter(target).model(form).pythonText
      var writer = KerasWeightsWriter(target)
      switch target {
      case .archive, .weights: image = try HDF5Writer.image(of: try writer.native(form))
      case .legacy, .keras2:
        image = try HDF5Writer.image(of: try writer.legacy(form, config: config))
      }
      placed = writer.placed
      mappings = placed.map(Self.mapping)
    }

    private static func mapping(_ path: String, _ array: KerasArrayForm) -> TensorMapping {
      let stored = array.parts.first?.storedShape
      let shape = array.tensor.shape
      // A square matrix was transposed if the rows of its view are not contiguous.
      let isTransposed =
        shape.count > 1 && stored == shape.reversed()
        && (stored != shape || array.parts[0].transposed().strides.last != 1)
      let isSum = array.summand != nil
      let moved =
        array.parts.isEmpty ? [] : [isSum ? "summed" : isTransposed ? "transposed" : "copied"]
      return TensorMapping(
        sources: [array.parts.first, array.summand].compactMap { $0?.location.object },
        sourceShape: stored, target: path,
        targetShape: shape, operation: (moved + array.details).joined(separator: "; "))
    }

    func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
      guard target == .archive else { return try image.write(to: &sink) }
      // The same model gives the same bytes, so the date is the fixed date of the ZIP entries.
      let metadata: JSONValue = [
        "keras_version": .string(target.version), "date_saved": "1980-01-01@00:00:00",
      ]
      var archive = ZipWriter(alignment: 64)
      for (name, text) in [("metadata.json", metadata.text), ("config.json", config)] {
        let bytes = ByteRegion(ByteStorage(copying: Array(text.utf8)))
        try archive.append(name, bytes, to: &sink)
      }
      try archive.append("model.weights.h5", image, to: &sink)
      try archive.finish(to: &sink)
    }

    func readBack(_ written: FileProbe) throws(CheckpointError) -> ReadBack {
      let format: any ModelDecoding
      switch target {
      case .archive: format = KerasArchiveFormat()
      case .legacy, .keras2: format = KerasH5Format()
      case .weights: return .tensors(try tensors(written))
      }
      let decoded = try format.decode(written, options: DecodeOptions())
      // The written file must be read without a warning about an unused array.
      if let finding = decoded.diagnostics.first(where: { $0.code == .tensorUnused }) {
        throw CheckpointError(finding)
      }
      return .model(decoded.model)
    }

    private func tensors(
      _ written: FileProbe
    ) throws(CheckpointError) -> [(name: String, written: Tensor, meant: Tensor)] {
      let file = try written.hdf5File()
      var pairs: [(name: String, written: Tensor, meant: Tensor)] = []
      for (path, array) in placed {
        guard let object = file[path], object.isDataset else {
          throw CheckpointError(.kerasWeightsMissing, "there is no dataset '\(path)'")
        }
        var tensor = try file.tensor(object)
        if array.tensor.elementType == .bfloat16 { tensor = tensor.reinterpreted(as: .bfloat16) }
        pairs.append((path, tensor, array.tensor))
      }
      return pairs
    }
  }

  extension KerasArchiveFormat: ModelEncoding {
    package func encode(
      _ model: Model, options: EncodeOptions
    ) throws(CheckpointError) -> any EncodedModel { try KerasEncodedModel(model, .archive) }
  }

  extension KerasH5Format: ModelEncoding {
    package func encode(
      _ model: Model, options: EncodeOptions
    ) throws(CheckpointError) -> any EncodedModel { try KerasEncodedModel(model, .legacy) }
  }

  extension KerasWeightsFormat: ModelEncoding {
    package var holdsArchitecture: Bool { false }

    package func encode(
      _ model: Model, options: EncodeOptions
    ) throws(CheckpointError) -> any EncodedModel { try KerasEncodedModel(model, .weights) }
  }

  extension KerasTwoFormat: ModelEncoding {
    package func encode(
      _ model: Model, options: EncodeOptions
    ) throws(CheckpointError) -> any EncodedModel { try KerasEncodedModel(model, .keras2) }
  }
#endif
