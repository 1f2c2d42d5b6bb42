import RecurInference
import RecurModel
public import RecurTensors

/// A property of one gate, and the units that have the property.
private struct GateState {
  enum Kind { case constant, closed, open }
  let kind: Kind
  let units: [Int]
  let total: Int

  /// `5 of 64 units`, `every unit`.
  var text: String { units.count == total ? "every unit" : "\(units.count) of \(total) units" }
}

extension Model {
  /// Findings about gates that are constant, or that stay at one end for every possible input.
  func gateFindings() -> [Diagnostic] {
    let ranges = valueRanges()
    return weightedNodes.flatMap { node -> [Diagnostic] in
      GatedCells.all(of: node).flatMap { gated -> [Diagnostic] in
        // A cell above the lowest one of a stack reads the output of the cell below.
        let input = gated.position == 0 ? node.inputs.first.flatMap { ranges[$0] } : nil
        let hidden = startsWithinRange(node) ? gated.cell.outputRange : nil
        // Gates with peepholes have no bounds, because the cell state has none.
        guard !gated.cell.hasPeepholes else { return [] }
        return gated.cell.definition.gates.flatMap {
          findings($0, node, gated, input, hidden)
        }
      }
    }
  }

  private func findings(
    _ gate: CellGate, _ node: Node, _ gated: GatedCells, _ input: FeatureRange?,
    _ hidden: ClosedRange<Double>?
  ) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    let activation = gate.function
    let arguments = argumentRanges(gate, input: input, hidden: hidden)
    func state(_ kind: GateState.Kind) -> GateState? {
      let units = arguments.indices.filter { unit in
        let (low, high) = arguments[unit]
        guard low.isFinite || high.isFinite else { return false }
        switch kind {
        case .constant: return low == high
        case .closed:
          return low < high
            && activation.gateValue(high).map { $0 <= GateActivity.closed } == true
        case .open:
          return low < high && activation.gateValue(low).map { $0 >= GateActivity.open } == true
        }
      }
      return units.isEmpty
        ? nil : GateState(kind: kind, units: units, total: arguments.count)
    }
    let location = gate.kernel.location.inMemory
    if let constant = state(.constant) {
      let values = constant.units.compactMap { activation.gateValue(arguments[$0].low) }
      findings.append(
        Diagnostic(
          .modelGateConstant, .warning,
          "the \(gate.name) gate of \(constant.text) of \(gated.name) never changes: its weights are all "
            + "zero", at: location, expected: "weights that are not zero",
          found: "\(constant.unitText), value \(Self.rangeText(values))",
          reason:
            "an array of zeros was stored: weights that were never loaded, or a block that was "
            + "cut off"
        ).advising("compare the tensor with the original: \(.inspection) lists it"))
    }
    for kind in [GateState.Kind.closed, .open] {
      guard let found = state(kind), gate.deadEnd == (kind == .closed ? .closed : .open) else {
        continue
      }
      findings.append(
        Diagnostic(
          .modelGateDead, .warning,
          "the \(gate.name) gate of \(found.text) of \(gated.name) \(kind == .closed ? "never opens" : "never closes"), so "
            + "they can't do anything", at: location,
          expected: "a gate that can leave \(kind == .closed ? "0" : "1")",
          found: "\(found.unitText), whatever the input is",
          reason: "the bias outweighs all weights together",
          hint: "the units could be left out; if the model works, nothing needs to be done"))
    }
    let ignoring = gate.kernel.holdsOnly(0)
    if ignoring, state(.constant)?.units.count != arguments.count {
      findings.append(
        Diagnostic(
          .modelGateConstant, .warning,
          "the \(gate.name) gate of \(gated.name) does not depend on the input: its kernel is all zero",
          at: location, expected: "weights that are not zero", found: "zeros",
          reason: "the kernel was never loaded, or a block of it was cut off"
        ).advising("compare the tensor with the original: \(.inspection) lists it"))
    }
    return findings
  }

  private static func rangeText(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "unknown" }
    return low == high ? scientific(low) : "\(scientific(low)) to \(scientific(high))"
  }

  /// Notes about gates that are saturated on the inputs of a call.
  func activityFindings(_ inputs: [Tensor]) -> [Diagnostic] {
    var state = RecurrentState()
    guard let activity = try? gateActivity(on: inputs, state: &state) else { return [] }
    return weightedNodes.flatMap { node -> [Diagnostic] in
      GatedCells.all(of: node).flatMap { gated -> [Diagnostic] in
        let own = activity.filter { $0.layerName == node.layerName && $0.half == gated.half }
        // Only the first call of a layer that is called several times is reported.
        guard let first = own.first, first.units.indices.contains(gated.position) else { return [] }
        let units = first.units[gated.position]
        return gated.cell.definition.gates.compactMap {
          saturation(units[$0.index], $0.name, gated, node)
        }
      }
    }
  }

  /// A note about a gate that is nearly always at one end or the other.
  private func saturation(
    _ units: [GateActivity.Unit], _ gate: String, _ gated: GatedCells, _ node: Node
  ) -> Diagnostic? {
    let count = units.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    let closed = Double(units.reduce(0) { $0 + $1.closed }) / Double(count)
    let open = Double(units.reduce(0) { $0 + $1.open }) / Double(count)
    guard closed + open >= SaturationThreshold.gate else { return nil }
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
    return Diagnostic(
      .modelGateSaturated, .note,
      "the \(gate) gate of \(gated.name) is saturated at \(percent(closed + open)) of its values on "
        + "this recording",
      at: node.location,
      expected: "less than \(percent(SaturationThreshold.gate)) of the values "
        + "at most \(GateActivity.closed) or at least \(GateActivity.open)",
      found: "\(percent(closed)) closed, \(percent(open)) open",
      reason: "inputs larger than in training, as when they are not scaled as they were then, or "
        + "weights that grew large",
      hint: "check that the recorded input is scaled as in training")
  }
}

/// The share of saturated values from which on a gate gets a note.
enum SaturationThreshold {
  /// The share of one gate's values, over all units and timesteps.
  static let gate = 0.9
}

extension GateState {
  /// The first units by number.
  fileprivate var unitText: String {
    "unit" + (units.count == 1 ? " " : "s ")
      + units.prefix(8).map(String.init).joined(separator: ", ")
      + (units.count > 8 ? ", …" : "")
  }
}

extension Diagnostic.Code {
  /// A gate has the same value whatever the model is given, or does not see the input.
  public static let modelGateConstant = Self(rawValue: "model.gate.constant")
  /// A gate can't open, or can't close, whatever the model is given.
  public static let modelGateDead = Self(rawValue: "model.gate.dead")
  /// A gate is fully open or fully closed nearly all the time on the recorded inputs.
  public static let modelGateSaturated = Self(rawValue: "model.gate.saturated")
}
