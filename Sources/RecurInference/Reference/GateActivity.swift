import RecurModel

/// How the gates of one recurrent layer, in one direction, behaved on some inputs.
///
/// Only timesteps that count are seen.
package struct GateActivity: Sendable {
  /// What one gate of one unit did.
  package struct Unit: Sendable {
    /// The smallest value.
    package var minimum = Double.infinity
    /// The largest value.
    package var maximum = -Double.infinity
    /// At how many timesteps the value was at most ``GateActivity/closed``.
    package var closed = 0
    /// At how many timesteps the value was at least ``GateActivity/open``.
    package var open = 0
    /// The number of timesteps seen.
    package var count = 0
  }

  /// A gate with a value up to this lets next to nothing through.
  package static let closed = 0.01
  /// A gate with a value from this on lets next to everything through.
  package static let open = 0.99

  /// The layer.
  package let layerName: String
  /// 0, or 1 for the second direction of a bidirectional layer.
  package let half: Int
  /// `units[cell][gate][unit]`: cells from the bottom, gates by their number in their `RecurrentGate`.
  package private(set) var units: [[[Unit]]]

  init(_ layerName: String, half: Int, _ layer: Recurrent) {
    self.layerName = layerName
    self.half = half
    units = layer.cell.cells.map { cell in
      let gates = cell.reference.observedGates
      return [[Unit]](
        repeating: [Unit](repeating: Unit(), count: gates.units), count: gates.count)
    }
  }

  /// Adds the values of one gate at one timestep, one per unit.
  mutating func add<Scalar: ReferenceScalar>(_ values: [Scalar], gate: Int, cell: Int) {
    for (index, value) in values.enumerated() {
      let value = Double(value)
      units[cell][gate][index].count += 1
      if value <= Self.closed { units[cell][gate][index].closed += 1 }
      if value >= Self.open { units[cell][gate][index].open += 1 }
      units[cell][gate][index].minimum = min(units[cell][gate][index].minimum, value)
      units[cell][gate][index].maximum = max(units[cell][gate][index].maximum, value)
    }
  }
}
