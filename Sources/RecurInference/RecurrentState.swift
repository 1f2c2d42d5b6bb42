import RecurTensors

/// What a model remembers between calls: h and c of its stateful layers.
///
/// A value: one per stream.
public struct RecurrentState: Sendable {
  /// h and c of one layer, one row of `units` numbers per sequence.
  public struct Layer: Sendable, Hashable {
    /// h, `[batch][units]`.
    public var hidden: [[Double]]
    /// c, `[batch][units]`.
    public var cell: [[Double]]

    /// Makes a state.
    public init(hidden: [[Double]], cell: [[Double]]) {
      self.hidden = hidden
      self.cell = cell
    }

    /// Whether every number is zero.
    var isZero: Bool { (hidden + cell).allSatisfy { $0.allSatisfy { $0 == 0 } } }
  }

  private var layers: [Name: Layer] = [:]

  /// Zeros everywhere: the state before the first call.
  public init() {}

  /// The state of the layer called `name`; nil means zeros.
  public subscript(name: String) -> Layer? {
    get { layers[Name(name)] }
    set { layers[Name(name)] = newValue }
  }
}
