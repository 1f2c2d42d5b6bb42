import RecurFormats
import RecurModel
public import RecurTensors

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
  /// Whether the file computes the same in other operators, so that outputs differ by rounding.
  public let isReordered: Bool
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
  /// Writes the model with its weights stored as `type`; see ``convert(to:format:module:overwriting:operatorSet:exposesStates:review:)``.
  ///
  /// What is read back is compared with the model whose weights were rounded.
  /// - Parameters:
  ///   - path: the file to write.
  ///   - format: the stable name of a format.
  ///   - module: a Python file to write with it.
  ///   - overwriting: whether files that are already there may be replaced.
  ///   - type: float16, bfloat16, float32 or float64.
  ///   - kept: layers whose weights stay as they are, by name, or by the key of their torch module.
  ///   - operatorSet: the version of the operators of an ONNX graph; nil for the usual one.
  ///   - exposesStates: whether the states of recurrent layers become inputs and outputs.
  ///   - review: is called with everything that was restated, rounded or lost, before the files get
  ///     their names.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `tensor.overflow` for numbers that would become infinite, `model.layer.unknown`, and
  ///   what converting throws.
  public func convert(
    to path: String, format: FileFormat? = nil, module: String? = nil, overwriting: Bool = false,
    storing type: ElementType, keeping kept: [String] = [], operatorSet: Int? = nil,
    exposesStates: Bool = false,
    review: ([Diagnostic]) throws(CheckpointError) -> Void = { _ in }
  ) throws(CheckpointError) -> Conversion {
    let encoding = try FormatRegistry.all.encoding(forPath: path, id: format?.rawValue)
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
      to: path, format: format, module: module, overwriting: overwriting, operatorSet: operatorSet,
      exposesStates: exposesStates
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
  ///   - overwriting: whether files that are already there may be replaced.
  ///   - operatorSet: the version of the operators of an ONNX graph; nil for the usual one.
  ///   - exposesStates: whether the states of recurrent layers become inputs and outputs: a call then
  ///     takes the states that the call before put out.
  ///   - review: is given what was restated or lost before the files get their names; what it throws
  ///     leaves nothing behind.
  /// - Returns: what was written and what was done to every tensor.
  /// - Throws: `model.unrepresentable` when the meaning would change, `model.reading-open` when the
  ///   file leaves open what is computed and what is written says it, `file.exists`,
  ///   `file.unwritable`, `file.format-unknown`, `convert.verification-failed`.
  public func convert(
    to path: String, format: FileFormat? = nil, module: String? = nil, overwriting: Bool = false,
    operatorSet: Int? = nil, exposesStates: Bool = false,
    review: ([Diagnostic]) throws(CheckpointError) -> Void = { _ in }
  ) throws(CheckpointError) -> Conversion {
    if exposesStates {
      let encoding = try FormatRegistry.all.encoding(forPath: path, id: format?.rawValue)
      guard encoding.holdsArchitecture || module != nil else {
        throw .unusedOption(.states, encoding, file: path)
      }
      let exposed = try locating(file: self.path) { () throws(CheckpointError) in
        try model.exposingStates()
      }
      return try self.replacing(model: exposed).convert(
        to: path, format: format, module: module, overwriting: overwriting,
        operatorSet: operatorSet,
        review: review)
    }
    let encoding = try FormatRegistry.all.encoding(forPath: path, id: format?.rawValue)
    guard operatorSet == nil || encoding is any OperatorSetChoosing else {
      throw .unusedOption(.operatorSet, encoding, file: path)
    }
    if let folder = encoding as? any FolderWriting {
      try checkOutputFolder(
        path, marker: folder.marker, inputs: [self.path, architecturePath].compactMap { $0 },
        replacing: overwriting)
    }
    for output in [encoding is any FolderWriting ? nil : path, module].compactMap({ $0 }) {
      try checkOutput(
        output, inputs: [self.path, architecturePath].compactMap { $0 }, replacing: overwriting)
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
    var options = EncodeOptions(
      source: splitPath(self.path).name, hasModule: module != nil, metadata: metadata)
    options.operatorSet = operatorSet
    options.target = splitPath(path).name
    let encoded: any EncodedModel
    do throws(CheckpointError) {
      if encoding.holdsArchitecture || module != nil {
        try checkAnswered { one throws(CheckpointError) in
          _ = try encoding.encode(one, options: options)
        }
      }
      encoded = try encoding.encode(model, options: options)
    } catch {
      throw offeringWhatWorks(error, encoding, options)
    }
    if let folder = encoded.folder {
      return try writeFolder(folder, encoded, encoding.id, to: path, review)
    }
    var file = try AtomicFile(replacing: path)
    try encoded.write(to: &file)
    let written = try file.readBack()
    // The disk writes while the file is read back.
    try file.startFlushing()
    let probe = FileProbe(path: path, bytes: written)
    let outcome: CheckedConversion
    if let other = try neighbour(of: encoded, beside: path, replacing: overwriting) {
      var second = try AtomicFile(replacing: other)
      try encoded.writeNeighbour(to: &second)
      outcome = try checked(encoded, probe, neighbour: second.readBack(), review)
      try second.commit()
    } else {
      outcome = try checked(encoded, probe, neighbour: nil, review)
    }
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
      mappings: encoded.mappings, diagnostics: outcome.diagnostics,
      largestDifference: outcome.difference, isRounded: encoded.isRounded,
      isReordered: encoded.isReordered, proof: outcome.proof)
  }

  /// What the check of a written file found.
  struct CheckedConversion {
    var difference: Double
    var proof: Conversion.Proof
    var diagnostics: [Diagnostic]
  }

  /// Compares what was written with the model, and lets what was restated or lost be reviewed.
  func checked(
    _ encoded: any EncodedModel, _ written: FileProbe, neighbour: ByteRegion?,
    _ review: ([Diagnostic]) throws(CheckpointError) -> Void
  ) throws(CheckpointError) -> CheckedConversion {
    let check = try checkWritten(encoded, written, neighbour: neighbour)
    let diagnostics =
      (encoded.diagnostics + (check.foundAllFinite ? [] : notFiniteWarnings())).map { finding in
        // A place in a file is one in the file that was opened.
        let place = finding.location
        return place.object == nil && place.bytes == nil
          ? finding : finding.located(file: self.path)
      }
    try review(diagnostics)
    return CheckedConversion(
      difference: check.difference, proof: check.proof, diagnostics: diagnostics)
  }

  /// The path of the second file of a conversion, which may be written; nil without one.
  private func neighbour(
    of encoded: any EncodedModel, beside path: String, replacing overwriting: Bool
  ) throws(CheckpointError) -> String? {
    guard let name = encoded.neighbour else { return nil }
    let own = splitPath(path).folder + "/" + name
    try checkOutput(
      own, inputs: [self.path, architecturePath].compactMap { $0 }, replacing: overwriting)
    return own
  }
}

extension Diagnostic.Code {
  /// The written weights, read back, do not compute what the model computes.
  public static let convertVerificationFailed = Self(rawValue: "convert.verification-failed")
}
