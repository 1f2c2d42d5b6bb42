/// The inputs and outputs of a layer call.
package struct LayerPorts: Sendable {
  /// The number of inputs besides the initial state and the mask.
  package var inputs: ClosedRange<Int>
  /// The number of outputs.
  package var outputs: Int
  /// The states with which a call may begin, in order; empty for layers without a state.
  package var states: [CellState]
  /// Whether the last output is a Boolean mask of timesteps.
  package var makesMask: Bool

  /// Describes the ports of a layer.
  package init(
    inputs: ClosedRange<Int>, outputs: Int, states: [CellState] = [], makesMask: Bool = false
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.states = states
    self.makesMask = makesMask
  }

  /// One input, one output.
  package static let oneToOne = LayerPorts(inputs: 1...1, outputs: 1)
}
