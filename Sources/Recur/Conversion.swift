import RecurFormats
import RecurInference
import RecurModel
public import RecurTensors
import RecurVerification

/// A finished conversion: what was written, what was done to every tensor, and the proof.
public struct Conversion: Sendable {
  /// The file that was written.
  public let path: String
  /// The stable name of its format.
  public let format: String
  /// Its size in bytes.
  public let byteCount: Int
  /// The Python file that was written with it.
  public let module: String?
  /// What became of every tensor, in the target's order.
  public let mappings: [TensorMapping]
  /// What was restated or lost.
  public let diagnostics: [Diagnostic]
  /// The largest difference between the outputs of both models on a random input.
  public let largestDifference: Double
}

extension Checkpoint {
  /// Writes the model's weights as a PyTorch state dict, and code that uses it.
  ///
  /// Each file appears complete or not at all: the weights are written beside their place, read back
  /// and compared with this model on a random input, and both files get their names at the end.
  /// - Parameters:
  ///   - path: the file to write, `.pt`, `.pth` or `.safetensors`.
  ///   - module: a Python file to write with it, `class Model(torch.nn.Module)`.
  ///   - replacing: whether files that are already there may be replaced.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `model.unrepresentable` when the meaning would change, `file.exists`,
  ///   `file.unwritable`, `file.format-unknown`, `convert.verification-failed`.
  public func convert(
    to path: String, module: String? = nil, replacing: Bool = false
  ) throws(CheckpointError) -> Conversion {
    let encoding = try RecurFormats.encoding(forPath: path)
    for output in [path, module].compactMap({ $0 }) {
      try checkOutput(
        output, inputs: [self.path, architecturePath].compactMap { $0 }, replacing: replacing)
    }
    if let module { try checkDistinct(path, module) }
    let fidelity = PyTorchFidelity.findings(model, withModule: module != nil)
    if let error = CheckpointError(findings: fidelity) { throw error }
    let mapping = StateDictMapping(model)
    let (tensors, mappings) = try mapping.encode()
    let stateDict = StateDict(tensors: tensors, metadata: metadata(mappings))
    var file = try AtomicFile(replacing: path)
    try encoding.encode(stateDict, into: &file)
    let written = try file.readBack()
    let difference = try check(written, mapping)
    if let module {
      let code = PyTorchModule(model).code(
        source: splitPath(self.path).name, weights: splitPath(path).name)
      var moduleFile = try AtomicFile(replacing: module)
      try moduleFile.write(Array(code.utf8))
      try file.commit()
      try moduleFile.commit()
    } else {
      try file.commit()
    }
    return Conversion(
      path: path, format: encoding.id, byteCount: written.count, module: module,
      mappings: mappings, diagnostics: fidelity + restated(mappings) + notFiniteWarnings(),
      largestDifference: difference)
  }

  /// Reads back what was written and runs both models on a random input.
  private func check(
    _ written: ByteRegion, _ mapping: StateDictMapping
  ) throws(CheckpointError) -> Double {
    let tensors = try StateDict.read(FileProbe(path: path, bytes: written)).tensors
    let (copy, unused) = try mapping.decode(tensors)
    let sample = try SampleInputs(for: model, seed: 1)
    let copied = try SampleInputs.relaxed(copy).run(sample.tensors)
    var difference = 0.0
    for (one, other) in zip(try sample.model.run(sample.tensors), copied) {
      for pair in zip(one.doubles(), other.doubles()) {
        // A number that is NaN or infinite in both models did not change.
        if pair.0.isNaN && pair.1.isNaN || pair.0 == pair.1 { continue }
        let size = (pair.0 - pair.1).magnitude
        difference = max(difference, size.isNaN ? .infinity : size)
      }
    }
    guard difference == 0, unused.isEmpty else {
      throw CheckpointError(
        .convertVerificationFailed,
        "the file that was written does not compute what this model computes",
        at: .init(file: path),
        expected: "a difference of 0", found: scientific(difference),
        hint: "this is a bug in recur; nothing was written")
    }
    return difference
  }

  /// Numbers that are not finite are carried over as they are, and said.
  private func notFiniteWarnings() -> [Diagnostic] {
    model.notFiniteFindings().map { finding in
      var warning = finding.located(file: path)
      warning.severity = .warning
      return warning
    }
  }

  private func restated(_ mappings: [TensorMapping]) -> [Diagnostic] {
    mappings.filter { $0.source == nil }.map { mapping in
      Diagnostic(.modelBiasSplit, .note, "'\(mapping.target)' is new: \(mapping.operation)")
    }
  }

  /// What a safetensors file says about its origin; the same input gives the same text.
  private func metadata(_ mappings: [TensorMapping]) -> [(name: String, value: String)] {
    [("format", "pt"), ("recur.source", splitPath(path).name), ("recur.producer", model.producer)]
      + mappings.map { mapping in
        ("recur.tensor.\(mapping.target)", "\(mapping.source ?? "new"): \(mapping.operation)")
      }
  }
}

extension Diagnostic.Code {
  package static let convertVerificationFailed = Self(rawValue: "convert.verification-failed")
  package static let modelBiasSplit = Self(rawValue: "model.bias.split")
}
