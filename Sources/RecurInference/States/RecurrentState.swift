import RecurTensors

/// The states of a model's stateful layers between calls.
///
/// The state is a value; each stream has its own.
public struct RecurrentState: Sendable {
  /// The states of one layer, in the order of ``RecurrentCell/stateSizes``.
  ///
  /// These are h and c of an LSTM, and h of a GRU. A bidirectional layer has the states of both
  /// directions, one after the other.
  public struct LayerState: Sendable, Hashable {
    /// One entry per state, each `[batch][units]`.
    public var values: [[[Double]]]
    /// The last output of the layer, `[batch][units]`, which masked timesteps repeat; nil for
    /// zeros.
    ///
    /// Only streams keep the output. Each call of a stateful layer begins with an output of zeros.
    package var output: [[Double]]?

    /// Makes a state.
    public init(values: [[[Double]]]) { self.values = values }

    /// Whether every number is zero.
    var isZero: Bool { values.allSatisfy { $0.allSatisfy { $0.allSatisfy { $0 == 0 } } } }
  }

  private var layers: [Name: LayerState] = [:]
  /// Whether calls are pieces of one sequence.
  var isStream = false

  /// Makes the state before the first call: zeros.
  public init() {}

  /// The state of the layer called `name`; nil means zeros.
  public subscript(name: String) -> LayerState? {
    get { layers[Name(name)] }
    set { layers[Name(name)] = newValue }
  }
}
