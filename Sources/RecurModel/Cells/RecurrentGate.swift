/// The gates of a recurrent cell.
///
/// Gates are named, never numbered: the order in which a framework stacks them is a property of
/// that framework's ``RecurrentLayout`` and exists nowhere else.
public protocol RecurrentGate: CaseIterable, Hashable, Sendable, RawRepresentable<Int>
where AllCases == [Self] {
  /// The name of the cell the gates belong to: `LSTM`.
  static var cellName: String { get }
}

/// The gates of a long short-term memory: i, f, g, o.
public enum LSTMGate: Int, RecurrentGate {
  /// i: how much of the candidate enters the cell.
  case input
  /// f: how much of the cell is kept.
  case forget
  /// g: the candidate, which some call c.
  case cell
  /// o: how much of the cell is shown.
  case output

  /// `LSTM`.
  public static var cellName: String { "LSTM" }
}

/// The gates of a gated recurrent unit: z, r, h̃.
public enum GRUGate: Int, RecurrentGate {
  /// z: how much of the old state is kept.
  case update
  /// r: how much of the old state the candidate sees.
  case reset
  /// h̃: the candidate, which some call n.
  case candidate

  /// `GRU`.
  public static var cellName: String { "GRU" }
}

/// The one product of a simple recurrent cell, as a gate, so that all cells keep weights alike.
public enum SimpleRNNGate: Int, RecurrentGate {
  /// h itself.
  case hidden

  /// `RNN`.
  public static var cellName: String { "RNN" }
}

/// A value for every gate.
///
/// Total by construction.
public struct GateMap<Gate: RecurrentGate, Value: Sendable>: Sendable {
  private var values: [Value]

  /// Asks `value` once for every gate.
  public init<E: Error>(_ value: (Gate) throws(E) -> Value) throws(E) {
    values = []
    for gate in Gate.allCases { values.append(try value(gate)) }
  }

  /// The value of one gate.
  public subscript(gate: Gate) -> Value {
    get { values[gate.rawValue] }
    set { values[gate.rawValue] = newValue }
  }
}
