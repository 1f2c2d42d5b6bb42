package import RecurTensors

/// What a recurrent layer does at one timestep.
public indirect enum RecurrentCell: Sendable {
  /// i, f, g, o; its state is h and c.
  case lstm(LSTM)
  /// z, r, h̃; its state is h.
  case gru(GRU)
  /// No gates; its state is h.
  case simpleRNN(SimpleRNN)
  /// Cells one on top of the other within each timestep; its state is all of theirs, in order.
  case stacked([RecurrentCell])

  /// The width of x.
  public var inputSize: Int {
    switch self {
    case .lstm(let lstm): lstm.inputSize
    case .gru(let gru): gru.inputSize
    case .simpleRNN(let rnn): rnn.inputSize
    case .stacked(let cells): cells.first?.inputSize ?? 0
    }
  }

  /// The width of the output.
  public var units: Int {
    switch self {
    case .lstm(let lstm): lstm.outputSize
    case .gru(let gru): gru.units
    case .simpleRNN(let rnn): rnn.units
    case .stacked(let cells): cells.last?.units ?? 0
    }
  }

  /// The width of every state, in order: h and c of an LSTM, h of the others.
  public var stateSizes: [Int] {
    switch self {
    case .lstm(let lstm): [lstm.outputSize, lstm.units]
    case .gru(let gru): [gru.units]
    case .simpleRNN(let rnn): [rnn.units]
    case .stacked(let cells): cells.flatMap(\.stateSizes)
    }
  }

  /// What every state is called, in the same order: `h`, `c`; with the cell's number before it in a
  /// stack: `1.h`.
  package var stateNames: [String] {
    switch self {
    case .lstm: ["h", "c"]
    case .gru, .simpleRNN: ["h"]
    case .stacked(let cells):
      cells.enumerated().flatMap { index, cell in cell.stateNames.map { "\(index).\($0)" } }
    }
  }

  /// The cells from the bottom to the top; one unless it is stacked.
  public var cells: [RecurrentCell] {
    if case .stacked(let cells) = self { cells.flatMap(\.cells) } else { [self] }
  }

  /// A short name for tables: `LSTM(4)`.
  public var title: String {
    switch self {
    case .lstm(let lstm):
      lstm.projection == nil ? "LSTM(\(lstm.units))" : "LSTM(\(lstm.units)→\(lstm.outputSize))"
    case .gru(let gru): "GRU(\(gru.units))"
    case .simpleRNN(let rnn): "RNN(\(rnn.units))"
    case .stacked(let cells): cells.map(\.title).joined(separator: "+")
    }
  }

  /// Whether any gate sees the cell; see ``LSTM``.
  package var hasPeepholes: Bool {
    switch self {
    case .lstm(let lstm): lstm.peepholes != nil
    case .gru, .simpleRNN: false
    case .stacked(let cells): cells.contains(where: \.hasPeepholes)
    }
  }

  /// Every tensor with its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    switch self {
    case .lstm(let lstm):
      lstm.weights.tensors + (lstm.projection.map { [("the projection", $0)] } ?? [])
        + (lstm.peepholes?.tensors ?? [])
    case .gru(let gru): gru.weights.tensors
    case .simpleRNN(let rnn): rnn.weights.tensors
    case .stacked(let cells):
      cells.enumerated().flatMap { index, cell in
        cell.tensors.map { ("\($0.role) in cell \(index)", $0.tensor) }
      }
    }
  }

  /// What is wrong with the shapes of its weights, and with how stacked cells follow each other.
  func shapeFindings(_ name: String) -> [Diagnostic] {
    switch self {
    case .lstm(let lstm):
      return lstm.weights.shapeFindings(
        name, inputSize: lstm.inputSize, units: lstm.units, outputSize: lstm.outputSize)
        + lstm.projectionFindings(name) + lstm.peepholeFindings(name)
    case .gru(let gru):
      return gru.weights.shapeFindings(name, inputSize: gru.inputSize, units: gru.units)
    case .simpleRNN(let rnn):
      return rnn.weights.shapeFindings(name, inputSize: rnn.inputSize, units: rnn.units)
    case .stacked(let cells):
      var findings = cells.flatMap { $0.shapeFindings(name) }
      if cells.isEmpty {
        findings.append(Diagnostic(.graphInvalid, .error, "'\(name)' is a stack of no cells"))
      }
      for (below, above) in zip(cells, cells.dropFirst()) where below.units != above.inputSize {
        findings.append(
          Diagnostic(
            .tensorShapeMismatch, .error,
            "a cell of '\(name)' does not take what the cell below puts out",
            expected: "input size \(below.units)", found: "input size \(above.inputSize)"))
      }
      return findings
    }
  }
}
