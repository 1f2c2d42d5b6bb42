import RecurContainers
package import RecurModel
public import RecurTensors

/// Inputs and outputs recorded from the original model.
///
/// An `.npz` archive holds them as `in_0`, `in_1`, … and `out_0`, `out_1`, …; other arrays beside
/// these are ignored. Without these names, other names do if they can mean one thing only: `x` and
/// `y`, `input` and `output`, with numbers or without, the model's own names, and arrays in order.
///
///     np.savez("golden.npz", in_0=x, out_0=model.predict(x))
public struct GoldenFile: Sendable {
  /// The inputs of the recorded calls, in call order.
  public let inputs: [Tensor]
  /// The outputs of the recorded calls, in call order.
  public let outputs: [Tensor]
  /// Which outputs of the model were recorded; nil for the first ones.
  package var outputPositions: [Int]?
  /// How many recordings these are, each beginning anew; a recording may have several calls in a row.
  ///
  /// An archive says it in an array `recordings` of one number.
  package var setCount = 1
  /// The program that made the recording, as an array `producer` of bytes says; nil where nothing says
  /// it.
  package var producer: String?
  /// The first output of layers in the first call, as arrays `trace/LAYER` have them.
  package var traces: [(layer: String, output: Tensor)] = []

  /// How the producer of a recording made by this program begins.
  package static let ownProducer = "recur"
  static let recordings = "recordings"
  static let producerName = "producer"
  static let tracePrefix = "trace/"

  /// Inputs and outputs that are in memory already, in call order.
  public init(inputs: [Tensor], outputs: [Tensor]) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Reads the archive at `path`, recorded of `model`.
  ///
  /// - Throws: what ``init(_:path:)`` throws, and `file.unreadable`.
  package init(
    at path: String, for model: Model?, watch: InputWatch? = nil
  ) throws(CheckpointError) {
    try self.init(ByteRegion(.opening(path, watch)), path: path, for: model)
  }

  /// Reads an archive.
  ///
  /// - Throws: `golden.incomplete` when inputs or outputs are missing or not numbered from 0, and
  ///   what reading the archive throws.
  public init(_ bytes: ByteRegion, path: String) throws(CheckpointError) {
    try self.init(bytes, path: path, for: nil)
  }

  private init(_ bytes: ByteRegion, path: String, for model: Model?) throws(CheckpointError) {
    let content = try locating(file: path) {
      () throws(CheckpointError) -> (
        inputs: [Tensor], outputs: [Tensor], positions: [Int]?, NPZArchive
      ) in
      if bytes.holds(NPYFile.magic) {
        throw CheckpointError(
          .goldenIncomplete, "the golden file is one array, and inputs and outputs are two",
          at: bytes.location, expected: "an .npz archive, or a file for each array"
        ).advising("two arrays are given as \(.recordedArrays)")
      }
      guard bytes.holds(ZipArchive.magic) else {
        throw CheckpointError(
          .goldenIncomplete, "the golden file is no .npz archive", at: bytes.location,
          expected: "a ZIP archive of arrays", hint: "np.savez('golden.npz', in_0=x, out_0=y)")
      }
      let archive = try NPZArchive(bytes)
      let isNumbered =
        archive.names.contains { Self.isNumbered($0, "in") }
        && archive.names.contains { Self.isNumbered($0, "out") }
      if isNumbered {
        return (
          try Self.arrays("in", in: archive, ModelArrays(model)),
          try Self.arrays("out", in: archive, ModelArrays(nil)), nil, archive
        )
      }
      guard let names = GoldenNames(archive.names, of: model) else {
        throw CheckpointError(
          .goldenIncomplete,
          "nothing tells which arrays of the golden file are inputs and which are outputs",
          expected: "in_0, … and out_0, …; or x and y, input and output, the names of the model, "
            + "h0, c0 and hn, cn",
          found: archive.names.isEmpty ? "no arrays" : archive.names.joined(separator: ", "),
          hint: "np.savez('golden.npz', in_0=x, out_0=model.predict(x))")
      }
      return (
        try Self.arrays(names.inputs, in: archive, ModelArrays(model)),
        try Self.arrays(names.outputs, in: archive, ModelArrays(nil)),
        names.positions, archive
      )
    }
    (inputs, outputs, outputPositions) = (content.inputs, content.outputs, content.positions)
    try locating(file: path) { () throws(CheckpointError) in try readAdditions(content.3) }
  }

  /// Reads what an archive of numbered arrays may say besides.
  private mutating func readAdditions(_ archive: NPZArchive) throws(CheckpointError) {
    guard archive.names.contains("in_0") else { return }
    if archive.names.contains(Self.recordings),
      let number = try archive.tensor(Self.recordings)?.doubles().first
    {
      guard number >= 1, number == number.rounded(), let count = Int(exactly: number),
        inputs.count % count == 0, outputs.count % count == 0
      else {
        throw CheckpointError(
          .goldenIncomplete, "the golden file says that it holds \(number) recordings",
          expected: "a number that divides \(inputs.count) inputs and \(outputs.count) outputs",
          found: "\(number)")
      }
      setCount = count
    }
    if archive.names.contains(Self.producerName),
      let bytes = try? archive.tensor(Self.producerName), bytes.count < 256
    {
      let codes = bytes.doubles().compactMap { UInt8(exactly: $0) }
      producer = String(decoding: codes, as: UTF8.self)
    }
    for name in archive.names where name.hasPrefix(Self.tracePrefix) {
      guard let tensor = try archive.tensor(name) else { continue }
      traces.append((String(name.dropFirst(Self.tracePrefix.count)), tensor))
    }
  }

  /// Every recording by itself.
  package var sets: [GoldenFile] {
    let (given, recorded) = (inputs.count / setCount, outputs.count / setCount)
    return (0..<setCount).map { index in
      var set = GoldenFile(
        inputs: Array(inputs[index * given..<(index + 1) * given]),
        outputs: Array(outputs[index * recorded..<(index + 1) * recorded]))
      set.outputPositions = outputPositions
      set.producer = producer
      if index == 0 { set.traces = traces }
      return set
    }
  }

  /// The first recording alone.
  package var firstSet: GoldenFile { setCount > 1 ? sets[0] : self }

  /// The model with the outputs that were recorded alone.
  func recorded(of model: Model) -> Model {
    guard let positions = outputPositions,
      positions.allSatisfy(model.outputs.indices.contains)
    else { return model }
    var copy = model
    copy.outputs = positions.map { model.outputs[$0] }
    return copy
  }

  private static func isNumbered(_ name: String, _ prefix: String) -> Bool {
    name.hasPrefix(prefix + "_") && Int(name.dropFirst(prefix.count + 1)) != nil
  }

  private static func arrays(
    _ names: [String], in archive: NPZArchive, _ arrays: ModelArrays
  ) throws(CheckpointError) -> [Tensor] {
    var tensors: [Tensor] = []
    for name in names {
      let position = tensors.count
      let tensor = try archive.tensor(name) { bytes throws(CheckpointError) in
        try arrays.tensor(bytes, at: position)
      }
      if let tensor { tensors.append(tensor) }
    }
    return tensors
  }

  private static func arrays(
    _ prefix: String, in archive: NPZArchive, _ arrays: ModelArrays
  ) throws(CheckpointError) -> [Tensor] {
    let present = archive.names.filter { isNumbered($0, prefix) }
    let names = present.indices.map { "\(prefix)_\($0)" }
    let tensors = try Self.arrays(names, in: archive, arrays)
    guard tensors.count == present.count else {
      throw CheckpointError(
        .goldenIncomplete, "the golden file needs arrays \(prefix)_0, \(prefix)_1, … without gaps",
        expected: "\(prefix)_0, \(prefix)_1, …", found: present.sorted().joined(separator: ", "),
        hint: "np.savez('golden.npz', in_0=x, out_0=model.predict(x))")
    }
    return tensors
  }
}

extension Diagnostic.Code {
  /// The recorded arrays don't fit the model's inputs and outputs.
  public static let goldenIncomplete = Self(rawValue: "golden.incomplete")
  /// Recur made the recording, so it proves conversions and not the reading.
  public static let goldenSelfRecorded = Self(rawValue: "golden.self-recorded")
  /// Outputs of the model were not recorded, and are not compared.
  public static let goldenPartial = Self(rawValue: "golden.partial")
}
