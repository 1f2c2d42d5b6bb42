package import RecurModel
package import RecurTensors

/// The implementation that computes a forward pass.
public enum Engine: Sendable {
  /// Packed weights and float32 arithmetic: ``Program``.
  ///
  /// Weights may be held in a narrower type; the layers in `keeping` hold theirs in float32.
  case fast(
    Kernels = .best, threads: Int = 1, weights: WeightType = .float32, keeping: [String] = [])
  /// The layers' equations in Double, on one thread: ``Model/run(_:state:)``.
  case reference
}

extension Model {
  /// Whether only the reference can run this model; ``Program`` then throws `engine.precision`.
  package var needsReference: Bool { nodes.contains { $0.engineRefusal != nil } }

  /// The layers that the engine runs with the reference's code in Float: layers in 16 bits, and
  /// layers without an engine form.
  package var layersOnReference: [String] {
    var seen: Set<Name> = []
    return nodes.filter { node in
      if case .input = node.layer { return false }
      return node.engineLayer == nil && seen.insert(Name(node.layerName)).inserted
    }.map(\.layerName)
  }
}

/// A model prepared for calls on one engine.
package struct ModelRunner: Sendable {
  private let model: Model
  private let program: Program?

  /// - Throws: what ``Program/init(_:weights:keeping:kernels:threads:)`` throws.
  package init(_ model: Model, on engine: Engine) throws(CheckpointError) {
    self.model = model
    switch engine {
    case .reference: program = nil
    case .fast(let kernels, let threads, let weights, let kept):
      program = try Program(
        model, weights: weights, keeping: kept, kernels: kernels, threads: threads)
    }
  }

  /// Runs the model as ``Model/run(_:state:)`` does.
  package func run(
    _ inputs: [Tensor], state: inout RecurrentState
  ) throws(CheckpointError) -> [Tensor] {
    if let program {
      try program.run(inputs, state: &state)
    } else {
      try model.run(inputs, state: &state)
    }
  }
}
