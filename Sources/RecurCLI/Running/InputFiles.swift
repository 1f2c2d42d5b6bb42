#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors

  /// Arrays for a model from `.npy` and `.npz` files.
  struct InputFiles {
    private let paths: [String]

    init(_ paths: [String]) { self.paths = paths }

    /// The arrays of all files, in order.
    ///
    /// - Throws: `input.format`, `input.count`, and what reading the files throws.
    func tensors(for model: Model) throws(CheckpointError) -> [Tensor] {
      var tensors: [Tensor] = []
      for path in paths {
        let bytes = ByteRegion(try ByteStorage(mapping: path))
        tensors += try locating(file: path) { () throws(CheckpointError) in
          if bytes.holds(NPYFile.magic) { return [try NPYFile.tensor(bytes)] }
          guard bytes.holds(ZipArchive.magic) else {
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

    private func arrays(
      of archive: NPZArchive, _ model: Model
    ) throws(CheckpointError) -> [Tensor] {
      for prefix in ["in_", "arr_"] {
        let tensors = try archive.numbered(prefix)
        if !tensors.isEmpty { return tensors }
      }
      var tensors: [Tensor] = []
      let isGiven = model.inputs.allSatisfy(archive.names.contains)
      for name in isGiven ? model.inputs : model.requiredInputs {
        guard let tensor = try archive.tensor(name) else {
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
