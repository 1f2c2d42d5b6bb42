import RecurModel

/// All kinds of cells; a new kind needs a line.
extension RecurrentCell {
  /// What the writer of ONNX knows of the cell.
  var onnx: any ONNXCell {
    switch self {
    case .lstm(let cell): cell
    case .gru(let cell): cell
    case .simpleRNN(let cell): cell
    case .minimalGated(let cell): cell
    case .stacked(let cell): cell
    }
  }
}
