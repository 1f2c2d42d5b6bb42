import RecurModel
import RecurTensors

/// The timesteps of a sequence that count, for operators that only know how long sequences are.
///
/// A timestep that doesn't count leaves the state unchanged. So the timesteps that count are moved to
/// the front, in their order; the operator gets their number; and its outputs are moved back.
struct ONNXMaskedTimesteps {
  /// The mask `[batch, timesteps]`, Boolean.
  let mask: ONNXValue
  /// The number of timesteps that count, `[batch]` in int32.
  let lengths: ONNXValue
  /// Whether the timesteps that count are the first ones.
  private let isPrefix: Bool

  /// The mask of a call; nil without one.
  init?(_ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter) {
    guard let mask = call.mask else { return nil }
    self.mask = mask
    isPrefix = call.lengths != nil
    lengths =
      call.lengths
      ?? graph.cast(
        graph.reduced("ReduceSum", graph.cast(mask, to: .int64), axes: [1], keepsAxes: false),
        to: .int32)
  }

  /// The timesteps of `x`, `[batch, timesteps, width]`, that count, in front of the others.
  func compact(_ x: ONNXValue, _ graph: inout ONNXGraphWriter) -> ONNXValue {
    guard !isPrefix else { return x }
    // The largest first, and of equal ones the first.
    let order = graph.apply(
      "TopK", [graph.cast(mask, to: .float32), graph.extents(of: mask, [1])],
      [.integer("axis", 1)], types: [.float32, .int64])[1]
    return graph.taken(x, order)
  }

  /// The final states: those at the beginning where nothing counts.
  func states(
    _ states: [ONNXValue], _ initial: [ONNXValue], _ graph: inout ONNXGraphWriter
  ) -> [ONNXValue] {
    guard !isPrefix || !initial.isEmpty else { return states }
    let counts = graph.insertingAxes(graph.compare("Greater", lengths, 0), [1])
    return states.enumerated().map { index, state in
      graph.choose(
        counts, state, initial.isEmpty ? graph.number(0, state.type) : initial[index])
    }
  }

  /// The outputs of all timesteps in the order of time.
  ///
  /// `y` holds the outputs of the timesteps that count, in front of zeros, and `output` says that of the others. In
  /// a backward layer the sequence is processed from its end. `shown` is the initial state that is the output,
  /// `[batch, units]`; nil stands for zeros.
  func spread(
    _ y: ONNXValue, units: Int, _ output: Recurrent.MaskedOutput, isBackward: Bool,
    shown: ONNXValue?, _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    if isPrefix, output == .zero { return y }
    let whole = graph.cast(mask, to: .int64)
    let axis = graph.numbers([1], .int64, shape: [])
    let count = graph.apply("CumSum", whole, axis)
    // The place of the timestep itself, or of the one processed before it.
    let before = graph.subtract(count, isBackward ? whole : graph.number(1, .int64))
    let place: ONNXValue
    let isReached: ONNXValue
    if isBackward {
      // Where none is left, at least one timestep doesn't count: the place is one all the same.
      let total = graph.insertingAxes(graph.cast(lengths, to: .int64), [1])
      place = before
      isReached = graph.compare("Less", before, total)
    } else {
      place = graph.apply("Max", before, graph.number(0, .int64))
      isReached = graph.compare("Greater", count, 0)
    }
    let found = graph.taken(y, place)
    let shows = graph.insertingAxes(output == .zero ? mask : isReached, [2])
    let other =
      output == .state ? shown.map { graph.insertingAxes($0, [1]) } : nil
    return graph.choose(shows, found, other ?? graph.number(0, y.type))
  }

  /// The output of the timestep that is processed last.
  func last(
    _ state: ONNXValue, _ output: Recurrent.MaskedOutput, isBackward: Bool, hasInitial: Bool,
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    let shows: ONNXValue
    switch output {
    case .state: return state
    case .previous:
      guard hasInitial else { return state }
      shows = graph.compare("Greater", lengths, 0)
    case .zero: shows = graph.selected(mask, axis: 1, isBackward ? 0 : -1)
    }
    return graph.choose(graph.insertingAxes(shows, [1]), state, graph.number(0, state.type))
  }
}

extension ONNXGraphWriter {
  /// The timesteps of `[batch, timesteps, width]` at the given places, `[batch, timesteps]`.
  mutating func taken(_ x: ONNXValue, _ places: ONNXValue) -> ONNXValue {
    let spread = expanded(insertingAxes(places, [2]), to: shape(of: x))
    return apply("GatherElements", x, spread, attributes: [.integer("axis", 1)])
  }
}
