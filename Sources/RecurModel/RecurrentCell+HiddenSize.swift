extension RecurrentCell {
  /// The width of what the gates compute, which a projection narrows behind them.
  package var hiddenSize: Int {
    if case .lstm(let lstm) = self { lstm.units } else { units }
  }
}
