/// What a call of a layer takes and puts out.
package struct LayerPorts: Sendable {
  /// The number of values the layer takes besides its initial state and mask.
  package var inputs: ClosedRange<Int>
  /// The number of values the layer puts out.
  package var outputs: Int
  /// The states a call may begin with, in order; empty for layers without a state.
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

  /// One value in, one value out.
  package static let oneToOne = LayerPorts(inputs: 1...1, outputs: 1)
}
