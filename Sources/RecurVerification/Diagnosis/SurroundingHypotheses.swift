import RecurModel
import RecurTensors

/// A kind of layer around recurrent layers with which typical mistakes are made.
protocol DiagnosedLayer: LayerKind {
  /// The mistakes that may have been made with this layer, which is the one of `node` or stands
  /// inside its TimeDistributed.
  func hypotheses(_ node: Model.Node, _ context: DiagnosedContext) -> [Hypothesis]
}

/// What hypotheses on a layer may depend on.
struct DiagnosedContext {
  let model: Model
  let shapes: ModelShapes
  let conventions: RecurrentConventions
}

extension Hypothesis {
  /// Every mistake with the layers around the recurrent ones.
  static func surroundings(
    of model: Model, _ conventions: RecurrentConventions
  ) -> [Hypothesis] {
    let context = DiagnosedContext(
      model: model, shapes: ModelShapes(model), conventions: conventions)
    return model.weightedNodes.flatMap { node in
      let layer = node.layer.inmost.definition as? any DiagnosedLayer
      return layer?.hypotheses(node, context) ?? []
    }
  }

  /// A hypothesis that changes the layer of a node, also inside a TimeDistributed.
  init(
    _ kind: Kind, _ node: Model.Node, _ claim: String, expected: String, found: String,
    reason: String?,
    change: @escaping @Sendable (Layer) throws(CheckpointError) -> Layer?
  ) {
    let name = node.layerName
    let location = node.layer.tensors.first?.tensor.location ?? node.location
    self.init(
      kind: kind, claim: claim, expected: expected, found: found, reason: reason,
      location: location.whole
    ) { (trial: Trial) throws(CheckpointError) -> Trial? in
      let node = trial.model.weightedNodes.first { Name($0.layerName) == Name(name) }
      guard let node, let inner = try change(node.layer.inmost) else { return nil }
      return trial.mapping(name) { $0.replacingInmost(inner) }
    }
  }
}

extension Layer {
  /// The layer itself, or the one inside a TimeDistributed.
  fileprivate var inmost: Layer {
    if case .timeDistributed(let distributed) = self { distributed.inner.inmost } else { self }
  }

  /// This layer with another one in place of the inmost.
  fileprivate func replacingInmost(_ inner: Layer) -> Layer {
    guard case .timeDistributed(var distributed) = self else { return inner }
    distributed.inner = distributed.inner.replacingInmost(inner)
    return .timeDistributed(distributed)
  }
}
