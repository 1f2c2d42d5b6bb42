import RecurContainers
public import RecurInference
import RecurModel
public import RecurTensors
public import RecurVerification

extension Checkpoint {
  /// Records what the model computes on inputs that show mistakes, and writes it as an `.npz`.
  ///
  /// The recording proves that conversions of this model compute the same; it proves nothing about how
  /// the file is read. See ``GoldenRecording``.
  ///
  /// - Parameters:
  ///   - path: the archive to write.
  ///   - seed: the seed of the inputs.
  ///   - batch: the number of sequences of the first of the recordings.
  ///   - timesteps: the number of timesteps of the first recording.
  ///   - tracesLayers: whether the outputs of all layers are written too.
  ///   - overwriting: whether a file at `path` may be replaced.
  /// - Returns: what was recorded.
  /// - Throws: `model.not-connected`, `golden.incomplete`, `file.exists`, and what running the model and
  ///   writing the file throws.
  @discardableResult
  public func recordGolden(
    to path: String, seed: UInt64 = 0, batch: Int = 3, timesteps: Int = 12,
    tracesLayers: Bool = false, overwriting: Bool = false
  ) throws(CheckpointError) -> GoldenRecording {
    try checkOutput(
      path, inputs: [self.path] + [architecturePath].compactMap { $0 }, replacing: overwriting)
    let recording = try explaining { () throws(CheckpointError) in
      try locating(file: self.path) { () throws(CheckpointError) in
        try GoldenRecording(
          model, seed: seed, batch: batch, timesteps: timesteps, tracesLayers: tracesLayers)
      }
    }
    var file = try AtomicFile(replacing: path)
    try NPZArchive.write(recording.arrays(producer: GoldenFile.ownProducer), to: &file)
    try file.commit()
    return recording
  }

  /// Says which of the mistakes that people make a recording of the model would show.
  ///
  /// - Parameters:
  ///   - path: an `.npz` with `in_0, …` and `out_0, …`.
  ///   - engine: makes the mistakes; the reference judges those that are near the tolerance.
  /// - Returns: every mistake, and whether the recording shows it.
  /// - Throws: `golden.incomplete` and what reading the file and running the model throws.
  public func audit(
    golden path: String, engine: Engine = .reference
  ) throws(CheckpointError) -> GoldenAudit {
    try audit(GoldenSource.given(path).read(for: model), at: path, engine: engine)
  }

  /// The same with a recording that was read from `path` before.
  package func audit(
    _ golden: GoldenFile, at path: String, engine: Engine, budget: Double = GoldenAudit.budget,
    progress: (Int) -> Void = { _ in }
  ) throws(CheckpointError) -> GoldenAudit {
    try explaining { () throws(CheckpointError) in
      try locating(file: self.path) { () throws(CheckpointError) in try model.checkConnected() }
      return try locating(file: path) { () throws(CheckpointError) in
        try GoldenAudit(
          model, golden: golden, conventions: convention.recurrent, engine: engine, budget: budget,
          progress: progress)
      }
    }
  }

  /// A note of the mistakes that a recording which passed doesn't show, where these are many; nothing where
  /// making them would take long.
  package func weaknesses(of golden: GoldenFile, at path: String) -> [Diagnostic] {
    // The look at the inputs costs nothing, so it comes first. Then some fifty mistakes are made on the fast
    // engine, within a tenth of a second; every layer has more of them.
    guard GoldenAudit.isPoor(golden, for: model), model.nodes.count <= 8,
      model.cost(of: golden) < 4e5, !model.needsReference,
      let audit = try? audit(golden, at: path, engine: .fast()),
      audit.invisible.count * 4 >= audit.mistakes.count
    else { return [] }
    return audit.notes(golden: path)
  }
}
