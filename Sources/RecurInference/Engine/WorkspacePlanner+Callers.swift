// What is read and written in the memory of callers.
extension WorkspacePlanner {
  /// Whether a step reads the input of the model as its x.
  func isInput(_ call: Call) -> Bool { call.step.inputs.first == graph.inputs[0].slot }

  /// Whether what a step puts out first is the first output of the model and nothing else.
  func isLastValue(_ call: Call) -> Bool {
    let slot = call.step.outputs.lowerBound
    return graph.outputs[0] == slot && uses[slot] == 1
  }

  /// Notes a step whose cells read their x where the caller has it, if that is the model's input.
  mutating func lendInput(_ call: Call) {
    if isInput(call) { inputReaders += 1 }
  }

  /// Whether the cells may read the one input where the caller has it: nothing else reads it, and its
  /// numbers count as they are.
  func canLendInput(_ inputs: [Workspace.Input]) -> Bool {
    inputs.count == 1 && inputs[0].countsAsGiven && inputReaders == uses[graph.inputs[0].slot]
  }
}
