/// The gates of a recurrent cell.
///
/// Gates have names and no numbers. The order in which a framework stacks gates is part of the
/// framework's ``RecurrentLayout`` and exists nowhere else.
public protocol RecurrentGate: CaseIterable, Hashable, Sendable, RawRepresentable<Int>
where AllCases == [Self] {
  /// The name of the cell to which the gates belong: `LSTM`.
  static var cellName: String { get }
}

/// The gates of a long short-term memory: i, f, g, o.
public enum LSTMGate: Int, RecurrentGate {
  /// i: the share of the candidate that enters the cell.
  case input
  /// f: the share of the cell that is kept.
  case forget
  /// g: the candidate, also called c.
  case cell
  /// o: the share of the cell that is put out.
  case output

  /// `LSTM`.
  public static var cellName: String { "LSTM" }
}

/// The gates of a gated recurrent unit: z, r, h̃.
public enum GRUGate: Int, RecurrentGate {
  /// z: the share of the old state that is kept.
  case update
  /// r: the share of the old state that the candidate reads.
  case reset
  /// h̃: the candidate, also called n.
  case candidate

  /// `GRU`.
  public static var cellName: String { "GRU" }
}

/// The one product of a simple recurrent cell, treated as a gate, so that all cells store weights
/// alike.
public enum SimpleRNNGate: Int, RecurrentGate {
  /// h itself.
  case hidden

  /// `RNN`.
  public static var cellName: String { "RNN" }
}

/// One value for each gate.
///
/// No gate can be missing, because the only initializer asks for every gate's value.
public struct GateMap<Gate: RecurrentGate, Value: Sendable>: Sendable {
  private var values: [Value]

  /// Calls `value` once for every gate.
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

extension GateMap: Sequence {
  /// Every gate with its value, in the order of ``RecurrentGate``'s cases.
  public func makeIterator() -> some IteratorProtocol<(gate: Gate, value: Value)> {
    zip(Gate.allCases, values).lazy.map { (gate: $0, value: $1) }.makeIterator()
  }
}
