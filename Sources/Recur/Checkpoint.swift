import RecurFormats
import RecurInference
public import RecurModel
public import RecurTensors
public import RecurVerification

/// A file opened as a model.
///
///     let checkpoint = try Checkpoint(opening: "model.h5")
///     let outputs = try checkpoint.model.run([x])
public struct Checkpoint: Sendable {
  /// The file as it was named.
  public let path: String
  /// The file whose architecture holds, if another one was given.
  let architecturePath: String?
  /// The stable name of its format: `keras-h5`.
  public let format: String
  /// The model, every shape checked.
  public let model: Model
  /// What the reader had to say besides: warnings and notes.
  public let diagnostics: [Diagnostic]
  /// What the file says of itself: names and values, in order.
  public let metadata: [(name: String, value: String)]

  /// Opens the file at `path`, told by its content.
  ///
  /// - Parameters:
  ///   - path: any file `recur formats` lists as readable.
  ///   - architecture: a file whose architecture holds, for weights without one of their own.
  /// - Throws: everything that is wrong with the file, in one error.
  public init(opening path: String, architecture: String? = nil) throws(CheckpointError) {
    let probe = try FileProbe(path: path)
    let format = try RecurFormats.format(of: probe)
    guard let decoding = format as? any ModelDecoding else {
      // A damaged file may have lost what makes it a model; say what is damaged first.
      let title = try format.inspect(probe).title
      throw CheckpointError(
        .fileNoModel, "the file holds no model that can be run: \(title)",
        at: .init(file: path), hint: "'recur inspect' lists what it holds")
    }
    let given = try architecture.map { path throws(CheckpointError) in try FileProbe(path: path) }
    let decoded = try decoding.decode(probe, options: DecodeOptions(architecture: given))
    self.path = path
    architecturePath = architecture
    self.format = format.id
    model = decoded.model
    diagnostics = decoded.diagnostics
    metadata = decoded.metadata
  }

  /// Lists what is in the file at `path` without demanding that it makes sense as a model.
  ///
  /// - Throws: `file.unrecognized`, and what reading the container throws.
  public static func inspect(_ path: String) throws(CheckpointError) -> Inspection {
    let probe = try FileProbe(path: path)
    return try RecurFormats.format(of: probe).inspect(probe)
  }

  /// Runs the model on recorded inputs and compares with the recorded outputs.
  ///
  /// - Parameters:
  ///   - path: an `.npz` with `in_0, …` and `out_0, …`.
  ///   - tolerance: replaces the derived tolerance.
  /// - Returns: one comparison per recorded output.
  /// - Throws: `golden.incomplete`, `verify.shape`, `input.shape` and what reading the file throws.
  public func verify(
    golden path: String, tolerance: Verification.RequestedTolerance? = nil
  ) throws(CheckpointError) -> Verification {
    let golden = try GoldenFile(ByteRegion(ByteStorage(mapping: path)), path: path)
    return try locating(file: path) { () throws(CheckpointError) in
      try Verification(model, golden: golden, tolerance: tolerance)
    }
  }
}

extension Diagnostic.Code {
  package static let fileNoModel = Self(rawValue: "file.no-model")
}
