package import RecurFormats
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
  /// Whether numbers were computed anew, each rounded once; else every bit is the original's.
  public let isRounded: Bool
  /// Whether both models were run; tensors alone were compared otherwise.
  public let wasRun: Bool
}

extension Checkpoint {
  /// Writes the model in another format, and on request code that uses it.
  ///
  /// Each file appears complete or not at all: it is written beside its place, read back by this
  /// package's own reader and compared with this model, and gets its name at the end. Models that
  /// can be run are compared on a random input: the difference must be 0, or what rounding alone
  /// does where numbers had to be computed anew. Others are compared tensor by tensor, bit for bit.
  /// - Parameters:
  ///   - path: the file to write; its ending says in which format, unless `format` does.
  ///   - format: the stable name of a format, `keras-h5`.
  ///   - module: a Python file to write with it, `class Model(torch.nn.Module)`.
  ///   - replacing: whether files that are already there may be replaced.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `model.unrepresentable` when the meaning would change, `file.exists`,
  ///   `file.unwritable`, `file.format-unknown`, `convert.verification-failed`.
  public func convert(
    to path: String, format: String? = nil, module: String? = nil, replacing: Bool = false
  ) throws(CheckpointError) -> Conversion {
    let encoding = try RecurFormats.encoding(forPath: path, id: format)
    for output in [path, module].compactMap({ $0 }) {
      try checkOutput(
        output, inputs: [self.path, architecturePath].compactMap { $0 }, replacing: replacing)
    }
    if let module {
      try checkDistinct(path, module)
      guard encoding is any StateDictEncoding else {
        throw CheckpointError(
          .fileFormatUnknown, "a module is Python code for a state dict; \(encoding.title) is none",
          at: .init(file: module), hint: "leave out --module, or write .pt or .safetensors")
      }
    }
    let encoded = try encoding.encode(
      model,
      options: EncodeOptions(
        source: splitPath(self.path).name, hasModule: module != nil, metadata: metadata))
    var file = try AtomicFile(replacing: path)
    try encoded.write(to: &file)
    let written = try file.readBack()
    let (difference, wasRun) = try checkWritten(encoded, FileProbe(path: path, bytes: written))
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
      mappings: encoded.mappings, diagnostics: encoded.diagnostics + notFiniteWarnings(),
      largestDifference: difference, isRounded: encoded.isRounded, wasRun: wasRun)
  }

  /// Compares what was written with the model.
  ///
  /// - Returns: the largest difference of their outputs, if they were run.
  /// - Throws: `convert.verification-failed`, and what reading throws.
  package func checkWritten(
    _ encoded: any EncodedModel, _ written: FileProbe
  ) throws(CheckpointError) -> (difference: Double, wasRun: Bool) {
    switch try encoded.readBack(written) {
    case .tensors(let pairs):
      for pair in pairs where !pair.written.isBitEqual(to: pair.meant) {
        throw failure(
          "the file that was written holds another '\(pair.name)'", expected: "the same bits",
          found: "\(pair.written.elementType) \(shapeText(pair.written.shape))")
      }
      return (0, false)
    case .model(let copy):
      return (try compareOutputs(copy, isRounded: encoded.isRounded), true)
    }
  }

  private func compareOutputs(_ copy: Model, isRounded: Bool) throws(CheckpointError) -> Double {
    let sample = try SampleInputs(for: model, seed: 1)
    let outputs = try sample.model.run(sample.tensors)
    let copied = try SampleInputs.relaxed(copy).run(sample.tensors)
    var floatState = RecurrentState()
    let inFloat =
      isRounded ? try sample.model.runInFloat(sample.tensors, state: &floatState) : outputs
    guard outputs.count == copied.count else {
      throw failure(
        "the file that was written has other outputs", expected: "\(outputs.count) outputs",
        found: "\(copied.count)")
    }
    var largest = 0.0
    for (index, (one, other)) in zip(outputs, copied).enumerated() {
      let difference = one.largestDifference(from: other)
      largest = max(largest, difference)
      // What 32-bit arithmetic does to the outputs is what rounding a weight once may do to them.
      let allowed = isRounded ? sample.model.roundingBound(one, inFloat[index]) : 0
      guard one.shape == other.shape, difference <= allowed else {
        throw failure(
          "the file that was written does not compute what this model computes",
          expected: "a difference of at most \(scientific(allowed)) in output \(index)",
          found: scientific(difference))
      }
    }
    return largest
  }

  private func failure(_ message: String, expected: String, found: String) -> CheckpointError {
    CheckpointError(
      .convertVerificationFailed, message, at: .init(file: path), expected: expected, found: found,
      hint: "this is a bug in recur; nothing was written")
  }

  /// Numbers that are not finite are carried over as they are, and said.
  private func notFiniteWarnings() -> [Diagnostic] {
    model.notFiniteFindings().map { finding in
      var warning = finding.located(file: path)
      warning.severity = .warning
      return warning
    }
  }
}

extension Tensor {
  /// The largest difference between elements; a number that is NaN or infinite in both did not change.
  fileprivate func largestDifference(from other: Tensor) -> Double {
    zip(doubles(), other.doubles()).reduce(0) { largest, pair in
      if pair.0.isNaN && pair.1.isNaN || pair.0 == pair.1 { return largest }
      let size = (pair.0 - pair.1).magnitude
      return max(largest, size.isNaN ? .infinity : size)
    }
  }
}

extension Model {
  /// How far an output may move when weights are rounded once: the tolerance that goldens of this
  /// precision are held to (`docs/verification.md`).
  fileprivate func roundingBound(_ output: Tensor, _ inFloat: Tensor) -> Double {
    let scale = output.doubles().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    let tolerance = Tolerance.derived(
      noise: output.largestDifference(from: inFloat), scale: scale,
      precision: arithmeticPrecision(recordedAs: .float64))
    return tolerance.absolute + tolerance.relative * scale
  }
}

extension Diagnostic.Code {
  package static let convertVerificationFailed = Self(rawValue: "convert.verification-failed")
}
