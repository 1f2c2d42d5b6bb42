extension RecurrentCell {
  /// The width of the gates; a projection makes the output narrower than this.
  package var hiddenSize: Int {
    if case .lstm(let lstm) = self { lstm.units } else { units }
  }
}
