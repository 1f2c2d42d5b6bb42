#if CommandLine
  import Recur
  import RecurContainers
  import RecurFormats
  import RecurModel
  import RecurTensors
  import RecurVerification

  /// Arrays for a model from `.npy` and `.npz` files.
  struct InputFiles {
    private let paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    /// The arrays of all files, in order.
    ///
    /// - Throws: `input.format`, `input.count`, and what reading the files throws.
    func tensors(for model: Model) throws(CheckpointError) -> [Tensor] {
      var tensors: [Tensor] = []
      let given = ModelArrays(model)
      for path in paths {
        let position = tensors.count
        let bytes = ByteRegion(try ByteStorage(mapping: path))
        tensors += try locating(file: path) { () throws(CheckpointError) in
          if bytes.holds(NPYFile.magic) { return [try given.tensor(bytes, at: position)] }
          guard bytes.holds(ZipArchive.magic) else {
            if given.takesText { return [try given.lines(bytes, at: position)] }
            throw CheckpointError(
              .inputFormat, "the input is neither an .npy array nor an .npz archive",
              at: bytes.location, hint: "np.save('x.npy', x)")
          }
          return try arrays(of: NPZArchive(bytes), model)
        }.map { tensor in
          var location = tensor.location
          location.file = path
          return tensor.located(at: location)
        }
      }
      return tensors
    }

    /// The axes of the arrays, as far as they can be read without a model.
    var recorded: [RecordedInput] {
      let empty = Model(name: "", producer: "", nodes: [], inputs: [], outputs: [])
      return ((try? tensors(for: empty)) ?? []).map(RecordedInput.init)
    }

    private func arrays(
      of archive: NPZArchive, _ model: Model
    ) throws(CheckpointError) -> [Tensor] {
      func tensor(_ name: String, _ position: Int) throws(CheckpointError) -> Tensor? {
        try archive.tensor(name) { bytes throws(CheckpointError) in
          try ModelArrays(model).tensor(bytes, at: position)
        }
      }
      for prefix in ["in_", "arr_"] {
        var tensors: [Tensor] = []
        while let tensor = try tensor("\(prefix)\(tensors.count)", tensors.count) {
          tensors.append(tensor)
        }
        if !tensors.isEmpty { return tensors }
      }
      var tensors: [Tensor] = []
      let isGiven = model.inputs.allSatisfy(archive.names.contains)
      for name in isGiven ? model.inputs : model.requiredInputs {
        guard let tensor = try tensor(name, tensors.count) else {
          throw CheckpointError(
            .inputCount, "the archive has neither in_0 nor arr_0 nor '\(name)'",
            expected: "in_0, …", found: archive.names.joined(separator: ", "))
        }
        tensors.append(tensor)
      }
      return tensors
    }
  }

  extension Diagnostic.Code {
    static let inputFormat = Self(rawValue: "input.format")
  }
#endif
