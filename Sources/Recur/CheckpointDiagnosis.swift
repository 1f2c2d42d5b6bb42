import RecurFormats
public import RecurModel
public import RecurTensors
public import RecurVerification

extension Checkpoint {
  /// Looks for the mistake that explains why the model does not compute what was recorded.
  ///
  /// - Parameter path: an `.npz` with `in_0, …` and `out_0, …`.
  /// - Returns: what was found; `repaired` is the model without the mistake.
  /// - Throws: `golden.incomplete` and what reading the file and running the model throws.
  public func diagnose(golden path: String) throws(CheckpointError) -> Diagnosis {
    let golden = try GoldenFile(ByteRegion(ByteStorage(mapping: path)), path: path)
    return try locating(file: path) { () throws(CheckpointError) in
      try Diagnosis(model, golden: golden, conventions: conventions)
    }
  }

  /// How the framework of this file packs weights: PyTorch's where a state dict keeps them.
  private var conventions: RecurrentConventions {
    let isOfTorch = model.framework == .pytorch || model.weightedNodes.contains { $0.place != nil }
    return isOfTorch
      ? RecurrentConventions(
        lstm: PyTorchLayouts.lstm, gru: PyTorchLayouts.gru, simpleRNN: PyTorchLayouts.simpleRNN,
        framework: .pytorch)
      : RecurrentConventions(
        lstm: KerasLayouts.lstm, gru: KerasLayouts.gru, simpleRNN: KerasLayouts.simpleRNN,
        framework: .keras)
  }

  /// This checkpoint with another model, as if the file had held it.
  ///
  /// ``convert(to:format:module:replacing:)`` then writes it, with all its checks.
  public func replacing(model: Model) -> Checkpoint {
    Checkpoint(
      path: path, architecturePath: architecturePath, format: format, model: model,
      diagnostics: diagnostics, metadata: metadata)
  }
}
