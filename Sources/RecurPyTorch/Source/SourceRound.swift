import RecurModel

/// One timestep of a loop that is read as a graph of its own, whose inputs are states and parts of
/// sequences.
struct SourceRound {
  /// The graph around the loop.
  var around: GraphBuilder
  /// The number of timesteps.
  let extent: Dimension
  /// The sequences, `[batch, timesteps, …]`, by the names of the inputs that are one timestep of each.
  var sequences: [(input: String, value: GraphValue)] = []
  /// What names of arrays have before the loop, by the names of the inputs that stand for it.
  var states: [(input: String, first: GraphValue)] = []
  /// The names that these arrays belong to, one for each.
  var owners: [String] = []
  /// Arrays all of whose timesteps get a value: the value, and whether the timesteps stand in front.
  var filled: [String: (value: SourceValue, isInFront: Bool)] = [:]

  /// What all names of the graph of a timestep begin with.
  static let prefix = String(Dimension.openMark)

  /// Whether a value belongs to the graph of the timestep.
  static func isInside(_ value: GraphValue) -> Bool {
    guard case .computed(let own) = value else { return false }
    return own.node.hasPrefix(prefix)
  }

  /// The number of the state that a value is.
  func state(_ value: GraphValue) -> Int? {
    guard case .computed(let own) = value else { return nil }
    return states.firstIndex { $0.input == own.node }
  }
}

/// What a timestep computes, and what is behind the loop instead.
struct SourceRoundResult {
  /// The values of all timesteps, `[batch, timesteps, …]`, by the values of one.
  var sequences: [Model.Value: GraphValue] = [:]
  /// The last states, by the values that become them.
  var finals: [Model.Value: GraphValue] = [:]
}

/// The graph of a timestep: which states a value is computed of.
struct SourceRoundGraph {
  private let producers: [String: Model.Node]
  private let states: Set<String>
  /// The next states, which are known as soon as their cell is.
  private let next: Set<Model.Value>

  init(_ nodes: [Model.Node], states: [String], next: [Model.Value]) {
    producers = Dictionary(nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    self.states = Set(states)
    self.next = Set(next)
  }

  /// Whether a value is computed of states before the timestep other than by a next state.
  func dependsOnStates(_ value: Model.Value) -> Bool {
    var (waiting, seen) = ([value], Set<Model.Value>())
    while let own = waiting.popLast() {
      guard seen.insert(own).inserted, !next.contains(own) else { continue }
      if states.contains(own.node) { return true }
      waiting += producers[own.node]?.operands ?? []
    }
    return false
  }

  /// A value before axes of extent 1 were inserted, and their places from the inside to the outside.
  func withoutInsertedAxes(_ value: Model.Value) -> (value: Model.Value, axes: [Int]) {
    var (own, axes) = (value, [Int]())
    while axes.count < 4, let node = producers[own.node],
      case .reshaping(.insertAxis(let axis)) = node.layer, axis >= 0
    {
      axes.insert(axis, at: 0)
      own = node.inputs[0]
    }
    return (own, axes)
  }
}
