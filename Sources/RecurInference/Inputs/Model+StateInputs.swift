import RecurModel
import RecurTensors

extension Model {
  /// Errors of the inputs that are initial states.
  func stateFindings(_ checks: [InputCheck], batch: Int?) -> [Diagnostic] {
    checks.compactMap { check in
      guard case .state(let layer, let size) = check.use.kind else { return nil }
      // The shape is [layers·directions, batch, units] for stacked layers, else [batch, units].
      let count = check.input.batchAxis == 1 ? check.input.shape.first ?? nil : nil
      let place = nodes.first { Name($0.layerName) == Name(layer) }?.place?.key
      let isPair = nodes.contains { node in
        guard Name(node.layerName) == Name(layer), case .bidirectional = node.layer else {
          return false
        }
        return true
      }
      let demand = StateDemand(
        name: check.name, layer: place.flatMap { $0.isEmpty ? nil : $0 } ?? layer, units: size,
        layersTimesDirections: count, directions: isPair ? 2 : 1, batch: batch,
        origin: .input)
      return demand.problem(with: check.found, at: check.tensor.location)
    }
  }
}
