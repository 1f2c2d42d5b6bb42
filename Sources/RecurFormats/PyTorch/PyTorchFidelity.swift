package import RecurModel
package import RecurTensors

/// What a model means that the modules of torch.nn can't hold.
///
/// A state dict is loaded into `nn.LSTM`, `nn.Linear` and `nn.Embedding`, which have no masks, no
/// other activations and no reversed outputs. Generated code can express all of it.
package enum PyTorchFidelity {
  /// Findings about `model`: errors when only a state dict is written, notes when code is too.
  package static func findings(_ model: Model, withModule: Bool) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for node in model.nodes {
      for reason in reasons(node) {
        findings.append(
          withModule
            ? Diagnostic(
              .modelExpressedInCode, .note, "\(reason); the generated module computes it",
              at: node.location)
            : Diagnostic(
              .modelUnrepresentable, .error,
              "\(reason), which a state dict for torch.nn modules can't hold", at: node.location,
              hint: "add --module model.py: the generated module computes it"))
      }
      if !withModule, let left = leftToCode(node) {
        findings.append(
          Diagnostic(
            .modelLeftToCode, .note, "\(left): your forward() has to, the weights can't",
            at: node.location))
      }
      if node.precision.isHalfWidthFloat {
        findings.append(
          Diagnostic(
            .modelPrecision, .warning,
            "'\(node.layerName)' computes in \(node.precision) in Keras and in float32 in torch",
            at: node.location))
      }
    }
    return findings
  }

  /// What the modules that take these weights do not do by themselves, and ordinary code does.
  private static func leftToCode(_ node: Model.Node) -> String? {
    switch node.layer {
    case .lstm(let lstm):
      lstm.returnsSequence ? nil : "LSTM '\(node.layerName)' puts out the last timestep only"
    case .dense(let dense):
      dense.activation == .linear
        ? nil : "Dense '\(node.layerName)' applies \(dense.activation.name)"
    case .activation(let activation): "'\(node.layerName)' applies \(activation.name)"
    case .input, .embedding, .masking, .identity, .notEqual, .anyTrue: nil
    }
  }

  private static func reasons(_ node: Model.Node) -> [String] {
    let name = "'\(node.layerName)'"
    switch node.layer {
    case .lstm(let lstm):
      var reasons: [String] = []
      if lstm.activation != .tanh || lstm.recurrentActivation != .sigmoid {
        reasons.append(
          "LSTM \(name) has activation \(lstm.activation.name) and recurrent activation "
            + lstm.recurrentActivation.name)
      }
      if node.mask != nil { reasons.append("LSTM \(name) skips masked timesteps") }
      if lstm.direction == .backward { reasons.append("LSTM \(name) reads its input backwards") }
      if lstm.isStateful { reasons.append("LSTM \(name) keeps its state between calls") }
      return reasons
    case .masking(let value): return ["\(name) masks timesteps equal to \(value)"]
    case .embedding(let embedding):
      return embedding.masksZero ? ["embedding \(name) masks token 0"] : []
    case .notEqual, .anyTrue: return ["\(name) computes a mask"]
    case .input, .dense, .activation, .identity: return []
    }
  }
}

extension Diagnostic.Code {
  package static let modelUnrepresentable = Self(rawValue: "model.unrepresentable")
  package static let modelExpressedInCode = Self(rawValue: "model.expressed-in-code")
  package static let modelLeftToCode = Self(rawValue: "model.left-to-code")
  package static let modelPrecision = Self(rawValue: "model.precision.differs")
}
