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
  public internal(set) var mappings: [TensorMapping]
  /// What was restated or lost.
  public internal(set) var diagnostics: [Diagnostic]
  /// The largest difference between the outputs of both models on a random input.
  public let largestDifference: Double
  /// Whether any number was computed anew and rounded once; if not, every weight keeps its bits.
  public let isRounded: Bool
  /// How the written file was compared with the model.
  public let proof: Proof
  /// The type that weights were rounded to before they were written; nil when they were left alone.
  public internal(set) var narrowedTo: ElementType?

  /// Whether both models were run.
  public var wasRun: Bool { proof == .outputs }

  /// The ways to compare a written file with the model, the strictest first.
  public enum Proof: Sendable {
    /// Both models were run on a random input and gave the same outputs.
    case outputs
    /// The model is too large to run: every layer was read back with the same options and with the
    /// weights of the original, bit for bit.
    case layers
    /// The model has layers whose classes are unknown and can't be run: every layer was read back, and
    /// its weights are those of the original, bit for bit, and its options the same.
    case carried
    /// The file alone can't be run: every tensor was read back, bit for bit.
    case tensors
  }
}

extension Checkpoint {
  /// Writes the model with its weights stored as `type`; see ``convert(to:format:module:replacing:)``.
  ///
  /// What is read back is compared with the model whose weights were rounded.
  /// - Parameters:
  ///   - path: the file to write.
  ///   - format: the stable name of a format.
  ///   - module: a Python file to write with it.
  ///   - replacing: whether files that are already there may be replaced.
  ///   - type: float16, bfloat16, float32 or float64.
  ///   - kept: layers whose weights stay as they are, by name, or by the key of their torch module.
  ///   - review: is called with everything that was restated, rounded or lost, before the files get
  ///     their names.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `tensor.overflow` for numbers that would become infinite, `model.layer.unknown`, and
  ///   what converting throws.
  public func convert(
    to path: String, format: String? = nil, module: String? = nil, replacing: Bool = false,
    storing type: ElementType, keeping kept: [String] = [],
    review: ([Diagnostic]) throws(CheckpointError) -> Void = { _ in }
  ) throws(CheckpointError) -> Conversion {
    let encoding = try FormatRegistry.all.encoding(forPath: path, id: format)
    let narrowing = try locating(file: self.path) { () throws(CheckpointError) in
      // A Keras layer computes in the type that it stores. The user of a torch.nn module sets its
      // type.
      let narrowing = try model.narrowed(
        to: type, keeping: kept, computes: !(encoding is any CodeWriting))
      if let error = CheckpointError(findings: narrowing.findings) { throw error }
      return narrowing
    }
    let added = (narrowing.findings + narrowing.effect(on: model))
      .map { $0.located(file: self.path) }
    var conversion = try self.replacing(model: narrowing.model).convert(
      to: path, format: format, module: module, replacing: replacing
    ) { found throws(CheckpointError) in try review(found + added) }
    conversion.narrowedTo = type
    for index in conversion.mappings.indices {
      if conversion.mappings[index].sources.contains(where: narrowing.rounded.contains) {
        conversion.mappings[index].operation += "; rounded to \(type)"
      }
    }
    conversion.diagnostics += added
    return conversion
  }

  /// Writes the model in another format, and on request code that uses it.
  ///
  /// Each file appears complete or not at all. It is written under a temporary name, read back by
  /// this package's own reader, compared with this model, and renamed at the end. Models that can
  /// be run are compared on a random input: the difference must be 0, or as small as rounding makes
  /// it where numbers had to be computed anew. Models too large to run are compared layer by layer,
  /// and files of weights tensor by tensor, bit for bit. No more than a few blocks of any file are
  /// in memory at a time.
  /// - Parameters:
  ///   - path: the file to write; its ending says in which format, unless `format` does.
  ///   - format: the stable name of a format, `keras-h5`.
  ///   - module: a Python file to write with it, `class Model(torch.nn.Module)`.
  ///   - replacing: whether files that are already there may be replaced.
  ///   - review: is given what was restated or lost before the files get their names; what it throws
  ///     leaves nothing behind.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `model.unrepresentable` when the meaning would change, `model.reading-open` when the
  ///   file leaves open what is computed and what is written says it, `file.exists`,
  ///   `file.unwritable`, `file.format-unknown`, `convert.verification-failed`.
  public func convert(
    to path: String, format: String? = nil, module: String? = nil, replacing: Bool = false,
    review: ([Diagnostic]) throws(CheckpointError) -> Void = { _ in }
  ) throws(CheckpointError) -> Conversion {
    let encoding = try FormatRegistry.all.encoding(forPath: path, id: format)
    for output in [path, module].compactMap({ $0 }) {
      try checkOutput(
        output, inputs: [self.path, architecturePath].compactMap { $0 }, replacing: replacing)
    }
    if let module {
      try checkDistinct(path, module)
      guard encoding is any CodeWriting else {
        throw CheckpointError(
          .fileFormatUnknown, "a module is Python code for a state dict; \(encoding.title) is none",
          at: .init(file: module)
        ).advising("leave out \(.module()), or write .pt or .safetensors")
      }
    }
    let options = EncodeOptions(
      source: splitPath(self.path).name, hasModule: module != nil, metadata: metadata)
    if encoding.holdsArchitecture || module != nil {
      try checkAnswered { one throws(CheckpointError) in
        _ = try encoding.encode(one, options: options)
      }
    }
    let encoded: any EncodedModel
    do throws(CheckpointError) {
      encoded = try encoding.encode(model, options: options)
    } catch {
      let canWriteModule = encoding is any CodeWriting && module == nil && model.isConnected
      throw canWriteModule ? error.mapping(\.suggestingModule) : error
    }
    var file = try AtomicFile(replacing: path)
    try encoded.write(to: &file)
    let written = try file.readBack()
    // The disk writes while the file is read back.
    try file.startFlushing()
    let check = try checkWritten(encoded, FileProbe(path: path, bytes: written))
    let diagnostics =
      (encoded.diagnostics + (check.foundAllFinite ? [] : notFiniteWarnings())).map { finding in
        // A place in a file is one in the file that was opened.
        let place = finding.location
        return place.object == nil && place.bytes == nil
          ? finding : finding.located(file: self.path)
      }
    try review(diagnostics)
    if let module, let writer = encoding as? any CodeWriting {
      let code = writer.code(
        for: model, source: splitPath(self.path).name, weights: splitPath(path).name)
      var moduleFile = try AtomicFile(replacing: module)
      try moduleFile.write(Array(code.utf8))
      try file.commit()
      try moduleFile.commit()
    } else {
      try file.commit()
    }
    return Conversion(
      path: path, format: encoding.id, byteCount: written.count, module: module,
      mappings: encoded.mappings, diagnostics: diagnostics,
      largestDifference: check.difference, isRounded: encoded.isRounded, proof: check.proof)
  }

  /// The largest number of weights with which a model is run after a conversion.
  ///
  /// The reference keeps weights in binary64 and is slow.
  package static let largestTriedModel = 1 << 22

  /// Compares the written file with the model.
  ///
  /// - Parameters:
  ///   - encoded: the model in the form of the target format.
  ///   - written: the written file.
  ///   - limit: the number of weights up to which both models are run.
  /// - Returns: the largest difference of the outputs if both models were run, else 0; the kind of
  ///   comparison; and whether all weights were read for it and are finite.
  /// - Throws: `convert.verification-failed`, and what reading throws.
  package func checkWritten(
    _ encoded: any EncodedModel, _ written: FileProbe, limit: Int = largestTriedModel
  ) throws(CheckpointError) -> (difference: Double, proof: Conversion.Proof, foundAllFinite: Bool) {
    switch try encoded.readBack(written) {
    case .tensors(let pairs):
      for pair in pairs where !pair.written.isBitEqual(to: pair.meant) {
        throw failure(
          "the file that was written holds another '\(pair.name)'", expected: "the same bits",
          found: "\(pair.written.elementType) \(shapeText(pair.written.shape))")
      }
      return (0, .tensors, false)
    case .model(let copy):
      let weights = model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }
      guard model.canRun else {
        var screen = NotFiniteScreen()
        guard model.holdsWeights(of: copy, screen: &screen), copy.carriesLayers(of: model) else {
          throw failure(
            "the file that was written holds other layers", expected: "the same layers",
            found: copy.nodes.map(\.layerName).joined(separator: ", "))
        }
        return (0, .carried, false)
      }
      // Weights that were scaled or put into another form can't be told from wrong ones: those models
      // are run whatever their size.
      var screen = NotFiniteScreen()
      if weights > limit, model.holdsWeights(of: copy, screen: &screen) {
        let size = model.weightedNodes.reduce(0) { size, node in
          node.layer.tensors.reduce(size) { $0 + $1.tensor.byteCount }
        }
        return (0, .layers, !screen.mayHoldNotFinite && screen.byteCount == size)
      }
      return (try compareOutputs(copy, isRounded: encoded.isRounded), .outputs, false)
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
      let difference = one.shape == other.shape ? one.largestDifference(from: other) : .infinity
      largest = max(largest, difference)
      // Rounding a weight once may move the outputs as far as 32-bit arithmetic moves them.
      let allowed = isRounded ? sample.model.roundingBound(one, inFloat[index]) : 0
      guard difference <= allowed else {
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

  /// Numbers that are not finite are copied unchanged and reported.
  private func notFiniteWarnings() -> [Diagnostic] {
    model.notFiniteFindings().map { finding in
      var warning = finding.located(file: path)
      warning.severity = .warning
      return warning
    }
  }
}

extension Diagnostic {
  /// The same finding; if it has no remedy yet, its remedy is to write a module with the weights.
  fileprivate var suggestingModule: Diagnostic {
    guard code == .modelUnrepresentable, severity == .error, remedies.isEmpty else { return self }
    var copy = self
    copy.hint = nil
    copy.remedies = [.writeModule]
    copy.notes.append("the generated module computes it")
    return copy
  }
}

extension Model {
  /// Whether the same layers of unknown classes are there as in `other`, called with as many values.
  fileprivate func carriesLayers(of other: Model) -> Bool {
    func unknown(_ model: Model) -> [(className: String, inputs: Int)] {
      model.nodes.compactMap { node in
        guard case .opaque(let layer) = node.layer else { return nil }
        return (layer.className, node.inputs.count)
      }
    }
    return unknown(self).elementsEqual(unknown(other), by: ==)
  }

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
