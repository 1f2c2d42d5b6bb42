import RecurContainers
public import RecurFormats
public import RecurInference
public import RecurModel
public import RecurTensors
public import RecurVerification

/// A file opened as a model.
///
///     let checkpoint = try Checkpoint(opening: "model.h5")
///     let outputs = try checkpoint.model.run([x])
public struct Checkpoint: Sendable {
  /// The path of the file as the caller gave it.
  public let path: String
  /// The path of the file that gives the architecture, if the caller named one.
  let architecturePath: String?
  /// The stable name of its format: `keras-h5`.
  public let format: String
  /// The model, every shape checked.
  public let model: Model
  /// What the reader had to say besides: warnings and notes.
  public internal(set) var diagnostics: [Diagnostic]
  /// What else was said about the file.
  let options: OpeningOptions
  /// The metadata in the file: names and values, in file order.
  public let metadata: [(name: String, value: String)]
  /// What the file leaves open about its model, and nobody has answered; each was assumed.
  public internal(set) var openReadings: [OpenReading]
  /// Where it is said how the weights are computed with.
  public internal(set) var basis: ModelBasis
  /// How the users of the framework speak whose model it is.
  package let convention: any Convention
  /// How much of the file its reader understood.
  var fileCoverage = FileCoverage()

  init(
    path: String, architecturePath: String?, format: String, model: Model,
    diagnostics: [Diagnostic], options: OpeningOptions, metadata: [(name: String, value: String)],
    openReadings: [OpenReading], basis: ModelBasis, convention: any Convention
  ) {
    self.path = path
    self.architecturePath = architecturePath
    self.format = format
    self.model = model
    self.diagnostics = diagnostics
    self.options = options
    self.metadata = metadata
    self.openReadings = openReadings
    self.basis = basis
    self.convention = convention
  }

  /// Opens the file at `path`; its content decides the format.
  ///
  /// - Parameters:
  ///   - path: a file of any format that can be read.
  ///   - architecture: a file that gives the architecture, for a file of weights alone.
  /// - Throws: everything that is wrong with the file, in one error.
  public init(opening path: String, architecture: String? = nil) throws(CheckpointError) {
    try self.init(opening: path, options: OpeningOptions(architecture: architecture))
  }

  /// Opens the file at `path` with options; its content decides the format.
  ///
  /// - Throws: everything that is wrong with the file, in one error; `input.names`,
  ///   `model.returns-fixed` and `file.option-unused` for options that say nothing about such a file.
  public init(opening path: String, options: OpeningOptions) throws(CheckpointError) {
    try self.init(opening: path, options: options, takesMask: false)
  }

  /// Opens a file that is in memory; its content decides the format.
  ///
  /// No other file is opened: a model whose weights are in a second file is refused.
  ///
  /// - Parameters:
  ///   - bytes: the bytes of the file.
  ///   - name: its name, for diagnostics.
  ///   - options: as for a file; an architecture is read from its path.
  /// - Throws: what opening a file throws.
  public init(
    bytes: [UInt8], named name: String, options: OpeningOptions = .init()
  ) throws(CheckpointError) {
    var options = options
    options.contents = ByteStorage(copying: bytes)
    try self.init(opening: name, options: options)
  }

  /// Opens the file; with `takesMask`, a Keras model gets an input for the mask of its sequence.
  init(
    opening path: String, options: OpeningOptions, takesMask: Bool
  ) throws(CheckpointError) {
    let probe =
      if let contents = options.contents {
        try FileProbe(path: path, watch: InputWatch(holding: contents, for: path))
      } else {
        try FormatRegistry.all.probe(path, watch: options.watch)
      }
    let format = try FormatRegistry.all.format(of: probe)
    guard let decoding = format as? any ModelDecoding else {
      // A damaged file may no longer look like a model. Then the damage is the error to report.
      let title = try format.inspect(probe).title
      throw CheckpointError(
        .fileNoModel, "the file holds no model that can be run: \(title)",
        at: .init(file: path)
      ).advising("'\(.inspection)' lists what it holds")
    }
    if options.key != nil, !(format is any KeyedDecoding) {
      throw .unusedOption(.key(), format, file: path)
    }
    if options.foldsWeightNorm, !(format is any WeightNormFolding) {
      throw .unusedOption(.weightNormFolding, format, file: path)
    }
    if let outputs = options.outputs, !(format is any OutputChoosing) {
      throw .unusedOption(.outputs(outputs), format, file: path)
    }
    if !options.readings.isEmpty, !(format is any ArchitectureDeclaring) {
      throw .unusedOption(.readings(options.readings), format, file: path)
    }
    if !options.lambdas.isEmpty, !(format is any LambdaTaking) {
      throw .unusedOption(.lambda, format, file: path)
    }
    let settings = options.settings.sorted { $0.key < $1.key }.map {
      (name: $0.key, value: $0.value)
    }
    let source = try options.architecture.flatMap { path throws(CheckpointError) in
      try ArchitectureSource(path, settings: settings, watch: options.watch)
    }
    let given =
      source != nil
      ? nil
      : try options.architecture.map { path throws(CheckpointError) in
        try FormatRegistry.all.probe(path, watch: options.watch)
      }
    guard
      source == nil
        ? settings.isEmpty || options.architecture == nil && format is any ValueTaking
        : format is any SourceTaking
    else {
      throw .unusedOption(source == nil ? .settings : .architecture, format, file: path)
    }
    var reading = DecodeOptions(architecture: given, formats: .all)
    reading.source = source
    reading.program = FormatRegistry.program
    reading.settings = source == nil ? settings : []
    reading.source?.recorded = options.recordedInputs
    reading.recorded = options.recordedInputs
    reading.lambdas = options.lambdas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    reading.key = options.key
    reading.foldsWeightNorm = options.foldsWeightNorm
    reading.inputs = options.inputs
    reading.outputs = options.outputs
    reading.readings = options.readings
    reading.takesMask = takesMask
    reading.limits.checksArrays = options.checksWeights
    let decoded = try decoding.convention.explaining { () throws(CheckpointError) in
      try decoding.decode(probe, options: reading)
    }
    if let inputs = options.inputs, inputs != decoded.model.inputs {
      throw CheckpointError(
        .inputNames, "the model is not called with \(inputs.joined(separator: ", "))",
        at: .init(file: path), expected: decoded.model.inputs.joined(separator: ", "),
        found: inputs.joined(separator: ", ")
      ).advising("\(.inputs()) chooses what models of PyTorch modules are called with")
    }
    let (started, left) = try decoded.model.starting(at: options.startsAt, in: path)
    self.path = path
    architecturePath = options.architecture
    self.options = options
    self.format = format.id
    convention = decoded.convention
    model = try decoded.convention.explaining { () throws(CheckpointError) in
      let returning = try started.returning(
        sequences: options.returnsSequences, states: options.returnsStates)
      return options.freesTimesteps ? try returning.freeingTimesteps() : returning
    }
    diagnostics = (decoded.diagnostics.filter { !left.answers($0) } + left.diagnostics).map {
      $0.explained(by: decoding.convention)
    }
    metadata = decoded.metadata
    fileCoverage = decoded.coverage
    openReadings = decoded.openReadings
    basis = decoded.basis
  }

  /// Refuses everything that was read of the file when it changed meanwhile.
  ///
  /// - Throws: `file.changed`.
  package func checkUnchanged() throws(CheckpointError) { try options.watch?.check() }

  /// Lists what is in the file at `path` without demanding that it makes sense as a model.
  ///
  /// - Throws: `file.unrecognized`, and what reading the container throws.
  public static func inspect(
    _ path: String, key: String? = nil
  ) throws(CheckpointError) -> Inspection {
    let probe = try FormatRegistry.all.probe(path)
    let format = try FormatRegistry.all.format(of: probe)
    do throws(CheckpointError) {
      guard let key else { return try format.inspect(probe) }
      guard let keyed = format as? any KeyedDecoding else {
        throw .unusedOption(.key(), format, file: path)
      }
      return try keyed.inspect(probe, key: key)
    } catch {
      throw (format as? any ModelDecoding).map { error.explained(by: $0.convention) } ?? error
    }
  }

  /// The declaration of the PyTorch modules in the file at `path`, as JSON.
  ///
  /// The declaration is inferred from the names and shapes of the tensors, and from the options in
  /// pickled modules. Edit the JSON and give it back as an architecture. Of a file that holds its
  /// architecture, the declaration is the whole graph: the weights that are converted to a state dict make
  /// the same model with it. So it is of weights that are given an architecture by `options`.
  ///
  /// - Throws: `file.no-model` when no module is known, `file.option-unused` for a file without a model,
  ///   `model.unrepresentable` for layers that neither modules nor functions of torch compute, and what
  ///   reading the file throws.
  public static func declaration(
    of path: String, options: OpeningOptions = .init()
  ) throws(CheckpointError) -> (json: String, diagnostics: [Diagnostic]) {
    let probe = try FormatRegistry.all.probe(path)
    let format = try FormatRegistry.all.format(of: probe)
    let isGiven = options.architecture != nil
    guard !isGiven, let declaring = format as? any ArchitectureDeclaring else {
      let lends = format is any ArchitectureLending
      let writers = FormatRegistry.all.formats.lazy.compactMap { $0 as? any CodeWriting }
      if isGiven || options.key == nil, format is any ModelDecoding, let writer = writers.first {
        let checkpoint = try Checkpoint(opening: path, options: options)
        guard checkpoint.model.isConnected else {
          throw CheckpointError(
            Diagnostic(.fileNoModel, .error, "", at: .init(file: path))
              .saying("the file does not say how its layers are connected")
              .advising("'\(.inspection)' lists what it holds"))
        }
        return (try writer.architecture(of: checkpoint.model), checkpoint.diagnostics)
      }
      throw CheckpointError(
        Diagnostic(.fileOptionUnused, .error, "", at: .init(file: path))
          .saying(
            "\(.declaration) is for weights by themselves in torch's names; this is a file of another "
              + "kind: \(format.title)"
          ).advising(
            lends
              ? "the file holds its architecture: give the file itself as \(.architecture)"
              : "'\(.inspection)' lists what it holds"))
    }
    return try declaring.declaration(probe, key: options.key)
  }

  /// Runs the model on recorded inputs and compares with the recorded outputs.
  ///
  /// - Parameters:
  ///   - path: an `.npz` with `in_0, …` and `out_0, …`; or a folder of ONNX's model zoo, with
  ///     `input_0.pb, …` and `output_0.pb, …`.
  ///   - tolerance: replaces the derived tolerance.
  ///   - engine: computes the outputs that are compared; the reference always derives the
  ///     tolerance.
  /// - Returns: one comparison per recorded output.
  /// - Throws: `golden.incomplete`, `verify.shape`, `input.shape` and what reading the file throws.
  public func verify(
    golden path: String, tolerance: Verification.RequestedTolerance? = nil,
    engine: Engine = .reference
  ) throws(CheckpointError) -> Verification {
    try verify(
      GoldenSource.given(path).read(for: model), at: path, tolerance: tolerance, engine: engine)
  }

  /// Compares with a recording that was already read from `path`.
  package func verify(
    _ golden: GoldenFile, at path: String, tolerance: Verification.RequestedTolerance? = nil,
    engine: Engine = .reference
  ) throws(CheckpointError) -> Verification {
    try explaining { () throws(CheckpointError) in
      try locating(file: self.path) { () throws(CheckpointError) in try model.checkConnected() }
    }
    var verification = try explaining { () throws(CheckpointError) in
      try locating(file: path) { () throws(CheckpointError) in
        try Verification(model, golden: golden, tolerance: tolerance, engine: engine)
      }
    }
    verification.file = path
    return verification
  }
}

extension Diagnostic.Code {
  /// --inputs names other arguments than the model takes.
  public static let inputNames = Self(rawValue: "input.names")
  /// The file is known, but holds no model that can be run.
  public static let fileNoModel = Self(rawValue: "file.no-model")
}
