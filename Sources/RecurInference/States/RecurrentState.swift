import RecurTensors

/// What a model remembers between calls: the states of its stateful layers.
///
/// A value: one per stream.
public struct RecurrentState: Sendable {
  /// The states of one layer, in the order of ``RecurrentCell/stateSizes``: h and c of an LSTM, h of
  /// a GRU; those of both directions of a bidirectional layer follow each other.
  public struct LayerState: Sendable, Hashable {
    /// One entry per state, each `[batch][units]`.
    public var values: [[[Double]]]
    /// What the layer put out last, `[batch][units]`, which masked timesteps repeat; nil for zeros.
    ///
    /// Each call of a stateful layer begins with zeros; only streams carry it on.
    package var output: [[Double]]?

    /// Makes a state.
    public init(values: [[[Double]]]) { self.values = values }

    /// Whether every number is zero.
    var isZero: Bool { values.allSatisfy { $0.allSatisfy { $0.allSatisfy { $0 == 0 } } } }
  }

  private var layers: [Name: LayerState] = [:]
  /// Whether calls are pieces of one sequence.
  var isStream = false

  /// Zeros everywhere: the state before the first call.
  public init() {}

  /// The state of the layer called `name`; nil means zeros.
  public subscript(name: String) -> LayerState? {
    get { layers[Name(name)] }
    set { layers[Name(name)] = newValue }
  }
}
