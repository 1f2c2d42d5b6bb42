package import RecurModel
package import RecurTensors

/// What computes a forward pass.
public enum Engine: Sendable {
  /// Packed weights in float32: ``Program``.
  case fast(Kernels = .best, threads: Int = 1)
  /// The equations in Double, on one thread: ``Model/run(_:state:)``.
  case reference
}

extension Model {
  /// Whether only the reference can run this model: `engine.precision`.
  package var needsReference: Bool { nodes.contains { $0.engineRefusal != nil } }

  /// The layers that the engine leaves to the reference's code, in Float: those in 16 bits, and those
  /// it has no form for.
  package var layersOnReference: [String] {
    var seen: Set<Name> = []
    return nodes.filter { node in
      if case .input = node.layer { return false }
      return node.engineLayer == nil && seen.insert(Name(node.layerName)).inserted
    }.map(\.layerName)
  }
}

/// A model made ready for calls on one engine.
package struct ModelRunner: Sendable {
  private let model: Model
  private let program: Program?

  /// - Throws: what ``Program/init(_:kernels:threads:)`` throws.
  package init(_ model: Model, on engine: Engine) throws(CheckpointError) {
    self.model = model
    switch engine {
    case .reference: program = nil
    case .fast(let kernels, let threads):
      program = try Program(model, kernels: kernels, threads: threads)
    }
  }

  /// What ``Model/run(_:state:)`` says.
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
