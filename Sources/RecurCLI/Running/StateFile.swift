#if CommandLine
  import Recur
  import RecurContainers
  import RecurTensors

  /// A file with the state of recurrent layers: an `.npz`, or an `.npy` with one array.
  enum StateFile {
    /// The word for the state before the first timestep.
    static let zeros = "zeros"

    /// The state in the file at `path`.
    ///
    /// - Throws: `input.format` for another kind of file, and what ``StateLayout/state(_:batch:)`` and
    ///   reading throw.
    static func read(
      _ path: String, _ layout: StateLayout, batch: Int?
    ) throws(CheckpointError) -> RecurrentState {
      guard path != zeros else { return RecurrentState() }
      let bytes = ByteRegion(try ByteStorage(mapping: path))
      return try locating(file: path) { () throws(CheckpointError) in
        if bytes.holds(NPYFile.magic) {
          return try layout.state([("arr_0", try NPYFile.tensor(bytes))], batch: batch)
        }
        guard bytes.holds(ZipArchive.magic) else {
          throw CheckpointError(
            .inputFormat, "the state is no .npz archive of arrays", at: bytes.location,
            expected: layout.arrays.map(\.name).joined(separator: ", "),
            hint: "np.savez('state.npz', h=h, c=c)")
        }
        let archive = try NPZArchive(bytes)
        var arrays: [(name: String, tensor: Tensor)] = []
        for name in archive.names {
          if let tensor = try archive.tensor(name) { arrays.append((name, tensor)) }
        }
        return try layout.state(arrays, batch: batch)
      }
    }
  }
#endif
