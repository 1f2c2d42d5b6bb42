public import RecurTensors

/// The states of a ``Program``'s recurrent layers between two pieces of a sequence.
///
///     var state = try program.makeState()
///     try program.step(frame, state: &state, into: &y)
///     let hidden = try state.values(named: "lstm.h")       // [batch · units]
///
/// The state is a value: after copying it, both copies continue independently. It belongs to one
/// program and one batch size. A new state stands for the beginning of the sequence.
public struct ProgramState: Sendable {
  /// The number of sequences; 0 for ``init()`` before the first piece.
  public internal(set) var batch = 0
  /// The number of timesteps read so far.
  public internal(set) var timesteps = 0
  /// The states of all layers, one after the other.
  var values: [Float] = []
  /// The states by name; empty for ``init()``.
  private(set) var fields: [Field] = []
  /// Whether the values replace those that the model begins with.
  var hasBegun = false

  /// One state of one layer.
  struct Field: Sendable {
    /// The layer and its state: `lstm.h`.
    let name: String
    let range: Range<Int>
    /// Whether the model computes the values of the beginning, so that they are not zeros.
    let isComputed: Bool
  }

  /// The state before the first timestep of any program; ``Program/makeState(batch:timesteps:)``
  /// makes one that has names.
  public init() {}

  init(batch: Int, fields: [Field]) {
    self.batch = batch
    self.fields = fields
    values = [Float](repeating: 0, count: fields.last?.range.upperBound ?? 0)
  }

  /// The names of the states: `LAYER.h`, and `LAYER.c` for an LSTM.
  ///
  /// A masked layer also has `LAYER.output`, which masked timesteps repeat.
  public var names: [String] { fields.map(\.name) }

  /// The numbers of one state, `[batch, units]` in rows.
  ///
  /// - Parameter name: one of ``names``.
  /// - Returns: `batch · units` numbers.
  /// - Throws: `state.unknown` for another name, and for a state that the model computes when it was
  ///   not computed yet.
  public func values(named name: String) throws(CheckpointError) -> [Float] {
    Array(values[try field(name).range])
  }

  /// Replaces one state; every state that was not set is as it was, zeros at the beginning.
  ///
  /// - Parameters:
  ///   - numbers: `batch · units` numbers, `[batch, units]` in rows.
  ///   - name: one of ``names``.
  /// - Throws: `state.units` for another number of them, `state.unknown` for another name, and for a
  ///   state that the model computes when it was not computed yet.
  public mutating func set(_ numbers: [Float], named name: String) throws(CheckpointError) {
    let range = try field(name).range
    guard numbers.count == range.count else {
      throw CheckpointError(
        .stateUnits,
        "the state '\(name)' has \(range.count) numbers and was given \(numbers.count)",
        expected: "\(range.count), batch · units", found: "\(numbers.count)")
    }
    try begin(name)
    values.replaceSubrange(range, with: numbers)
  }

  /// Calls `body` with the numbers of one state in place, without a copy.
  ///
  /// - Parameters:
  ///   - name: one of ``names``.
  ///   - body: reads and changes `batch · units` numbers.
  /// - Returns: what `body` returns.
  /// - Throws: what ``set(_:named:)`` throws.
  public mutating func withValues<Result>(
    named name: String, _ body: (inout MutableSpan<Float>) -> Result
  ) throws(CheckpointError) -> Result {
    let range = try field(name).range
    try begin(name)
    var whole = values.mutableSpan
    var part = whole._mutatingExtracting(range)
    return body(&part)
  }

  /// Makes the program go on from these values instead of its beginning.
  private mutating func begin(_ name: String) throws(CheckpointError) {
    // Layers whose beginning the model computes would begin with zeros otherwise.
    if !hasBegun, let other = fields.first(where: \.isComputed) { throw .notComputed(other.name) }
    hasBegun = true
  }

  private func field(_ name: String) throws(CheckpointError) -> Field {
    guard let field = fields.first(where: { $0.name == name }) else {
      throw CheckpointError(
        .stateUnknown, "no recurrent layer has a state '\(name)'",
        expected: fields.isEmpty ? "no states" : names.joined(separator: ", "), found: name,
        hint: fields.isEmpty ? "make the state with the program's makeState()" : nil)
    }
    if !hasBegun, field.isComputed { throw .notComputed(name) }
    return field
  }
}

extension CheckpointError {
  /// The error for a state that is not known before the first timestep.
  fileprivate static func notComputed(_ name: String) -> CheckpointError {
    CheckpointError(
      .stateUnknown, "the model computes '\(name)' at its first timestep",
      expected: "a timestep before",
      hint: "run one timestep, then read or replace states")
  }
}
