import RecurModel

/// The gate values of one recurrent layer, in one direction, on some inputs.
///
/// Masked timesteps are not counted.
package struct GateActivity: Sendable {
  /// The values of one gate of one unit.
  package struct Unit: Sendable {
    /// The smallest value.
    package var minimum = Double.infinity
    /// The largest value.
    package var maximum = -Double.infinity
    /// The number of timesteps at which the value was at most ``GateActivity/closed``.
    package var closed = 0
    /// The number of timesteps at which the value was at least ``GateActivity/open``.
    package var open = 0
    /// The number of timesteps counted.
    package var count = 0
  }

  /// Up to this value a gate counts as closed.
  package static let closed = 0.01
  /// From this value on a gate counts as open.
  package static let open = 0.99

  /// The name of the layer.
  package let layerName: String
  /// 0, or 1 for the second direction of a bidirectional layer.
  package let half: Int
  /// `units[cell][gate][unit]`: cells from the bottom up, gates by their raw value in their
  /// `RecurrentGate`.
  package private(set) var units: [[[Unit]]]
  /// The values of the first sequence: `courses[cell][gate][timestep][unit]`, of the first
  /// ``courseLimit`` timesteps; empty unless asked for.
  package private(set) var courses: [[[[Float]]]] = []

  /// The most timesteps of which values are kept.
  package static let courseLimit = 512

  init(_ layerName: String, half: Int, _ layer: Recurrent, keepsCourses: Bool) {
    self.layerName = layerName
    self.half = half
    if keepsCourses {
      courses = layer.cell.cells.map {
        .init(repeating: [], count: $0.reference.observedGates.count)
      }
    }
    units = layer.cell.cells.map { cell in
      let gates = cell.reference.observedGates
      return [[Unit]](
        repeating: [Unit](repeating: Unit(), count: gates.units), count: gates.count)
    }
  }

  /// Adds the values of one gate at one timestep, `[rows, units]`.
  mutating func add<Scalar: ReferenceScalar>(_ values: [Scalar], gate: Int, cell: Int) {
    let count = units[cell][gate].count
    if !courses.isEmpty, courses[cell][gate].count < Self.courseLimit {
      courses[cell][gate].append(values.prefix(count).map { Float($0) })
    }
    for (position, value) in values.enumerated() {
      let (index, value) = (position % count, Double(value))
      units[cell][gate][index].count += 1
      if value <= Self.closed { units[cell][gate][index].closed += 1 }
      if value >= Self.open { units[cell][gate][index].open += 1 }
      units[cell][gate][index].minimum = min(units[cell][gate][index].minimum, value)
      units[cell][gate][index].maximum = max(units[cell][gate][index].maximum, value)
    }
  }
}
