// Reading and writing the memory of callers without a copy.
extension WorkspacePlanner {
  /// Whether the step's x is the input of the model.
  func isInput(_ call: Call) -> Bool { call.step.inputs.first == graph.inputs[0].slot }

  /// Whether the step's first output is the first output of the model and has no other use.
  func isLastValue(_ call: Call) -> Bool {
    let slot = call.step.outputs.lowerBound
    return graph.outputs[0] == slot && uses[slot] == 1
  }

  /// Records a step whose cells can read their x from the caller's buffer, if x is the model's
  /// input.
  mutating func lendInput(_ call: Call) {
    if isInput(call) { inputReaders += 1 }
  }

  /// Whether the cells may read the only input from the caller's buffer: no other layer reads the
  /// input, and its numbers need no rounding and no check.
  func canLendInput(_ inputs: [Workspace.Input]) -> Bool {
    inputs.count == 1 && inputs[0].countsAsGiven && inputReaders == uses[graph.inputs[0].slot]
  }
}
