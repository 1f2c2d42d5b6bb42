package import RecurModel
package import RecurTensors

/// What a model means that the modules of torch.nn can't hold.
///
/// A state dict is loaded into `nn.LSTM`, `nn.GRU`, `nn.RNN`, `nn.Linear`, `nn.Embedding`,
/// `nn.Conv1d` and the normalizations, which have no masks, no other activations and no reversed
/// outputs. Generated code can express all of it.
package enum PyTorchFidelity {
  /// Findings about `model`: errors when only a state dict is written, notes when code is too.
  package static func findings(_ model: Model, withModule: Bool) -> [Diagnostic] {
    let peeping = model.nodes.filter { $0.layer.hasPeepholes }.map { node in
      Diagnostic(
        .modelUnrepresentable, .error,
        "the gates of LSTM '\(node.layerName)' see the cell (peepholes), and those of no module of "
          + "torch.nn do", at: node.location)
    }
    guard peeping.isEmpty else { return peeping }
    // Weights that came from torch modules go back into them.
    let weighted = model.weightedNodes
    let isOfTorch = !weighted.isEmpty && weighted.allSatisfy { $0.place != nil }
    if isOfTorch, !withModule { return [] }
    var findings: [Diagnostic] = []
    if withModule, !model.isConnected {
      findings.append(
        Diagnostic(
          .modelUnrepresentable, .error,
          "how the layers of '\(model.name)' follow each other is not in the file, so no code can "
            + "be written for it"
        ).advising(
          "give the model with \(.architecture) ('\(.declaration)' begins one for PyTorch modules), "
            + "or leave out \(.module())"))
    }
    for node in model.nodes {
      if withModule, case .opaque(let opaque) = node.layer {
        findings.append(
          Diagnostic(
            .modelUnrepresentable, .error,
            "'\(node.layerName)' is of class '\(opaque.className)', which is unknown, so no code "
              + "can be written for it", at: node.location
          ).advising("leave out \(.module()): its tensors are carried as they are"))
        continue
      }
      for limit in reasons(node.layer, node, hasLengths: model.hasLengths(node)) {
        findings.append(
          withModule
            ? Diagnostic(
              .modelExpressedInCode, .note, "\(limit.what); the generated module computes it",
              at: node.location)
            : Diagnostic(
              .modelUnrepresentable, model.isConnected ? .error : .warning,
              "\(limit.what), which a state dict for torch.nn modules can't hold",
              at: node.location, expected: limit.expected, found: limit.found,
              reason: limit.reason
            ).advising(
              model.isConnected
                ? "add \(.module("model.py")): the generated module computes it"
                : "give the model with \(.architecture), and add \(.module("model.py"))"))
      }
      for left in withModule ? [] : leftToCode(node.layer, "'\(node.layerName)'") {
        findings.append(
          Diagnostic(
            .modelLeftToCode, .note, "\(left): your forward() has to, the weights can't",
            at: node.location))
      }
      if node.precision.isHalfWidthFloat {
        findings.append(
          Diagnostic(
            .modelPrecision, .warning,
            "'\(node.layerName)' computes in \(node.precision) in "
              + (isOfTorch
                ? "the original and in float32 in the module" : "Keras and in float32 in torch"),
            at: node.location))
      }
    }
    return findings
  }

  /// Something that no module of torch.nn computes.
  private struct Limit {
    /// As a sentence: `LSTM 'lstm' skips masked timesteps`.
    let what: String
    /// What torch.nn has.
    var expected: String?
    /// What the layer has.
    var found: String?
    /// Why no weights make up for it.
    var reason: String?

    static func masked(_ what: String, _ found: String) -> Limit {
      Limit(
        what: what, expected: "every timestep counts", found: found,
        reason:
          "modules of torch.nn have no masks: padded timesteps would change h and every output "
          + "after them")
    }
  }

  /// What no module of torch.nn computes with these weights.
  private static func reasons(
    _ layer: Layer, _ node: Model.Node, hasLengths: Bool
  ) -> [Limit] {
    let name = "'\(node.layerName)'"
    // Packed sequences are torch's own.
    let isMasked = node.mask != nil && !hasLengths
    switch layer {
    case .recurrent(let recurrent):
      return reasons(recurrent, recurrent.cell.kind, name)
        + (isMasked
          ? [.masked("\(recurrent.cell.kind) \(name) skips masked timesteps", "a mask")] : [])
        + (recurrent.direction == .backward
          ? [Limit(what: "\(recurrent.cell.kind) \(name) reads its input backwards")] : [])
    case .bidirectional(let pair):
      return reasons(pair.forward, "the forward \(pair.forward.cell.kind) of", name)
        + reasons(pair.backward, "the backward \(pair.backward.cell.kind) of", name)
        + (isMasked ? [.masked("\(name) skips masked timesteps", "a mask")] : [])
        + (pair.forward.direction == .backward
          ? [Limit(what: "the forward layer of \(name) reads its input backwards")] : [])
    case .timeDistributed(let layer):
      return reasons(layer, node, hasLengths: hasLengths)
    case .masking(let value):
      return [.masked("\(name) masks timesteps equal to \(value)", "Masking(\(value))")]
    case .embedding(let embedding):
      return embedding.masksZero
        ? [.masked("embedding \(name) masks token 0", "mask_zero=True")] : []
    case .pooling:
      return isMasked ? [Limit(what: "pooling \(name) leaves out masked timesteps")] : []
    case .standardization: return [Limit(what: "\(name) standardizes by moments it holds")]
    case .parametricReLU: return [Limit(what: "PReLU \(name) has an alpha per position")]
    case .attention:
      return layer.parameterCount > 0 ? [Limit(what: "attention \(name) has weights")] : []
    case .notEqual, .anyTrue: return [Limit(what: "\(name) computes a mask")]
    case .input, .dense, .convolution, .batchNormalization, .layerNormalization, .scaling,
      .activation, .reshaping, .selection, .merge, .identity, .lengthMask, .opaque:
      return []
    }
  }

  private static func reasons(_ recurrent: Recurrent, _ kind: String, _ name: String) -> [Limit] {
    recurrent.cell.cells.compactMap { activations($0, kind, name) }
      + recurrent.cell.cells.compactMap { cell in
        guard case .gru(let gru) = cell, gru.resetPlacement == .beforeProduct else { return nil }
        return Limit(
          what: "\(kind) \(name) applies its reset gate before the product",
          expected: "reset_after=True: r ⊙ (U·h + b')",
          found: "reset_after=False: U·(r ⊙ h)",
          reason: "the two forms of a GRU are different functions, and nn.GRU has only one: no "
            + "weights make up for it")
      }
      + (recurrent.isStateful
        ? [Limit(what: "\(kind) \(name) keeps its state between calls")] : [])
  }

  private static func activations(
    _ cell: RecurrentCell, _ kind: String, _ name: String
  ) -> Limit? {
    func limit(_ activation: Activation, _ recurrent: Activation) -> Limit? {
      guard activation != .tanh || recurrent != .sigmoid else { return nil }
      let found = "activation \(activation.name) and recurrent activation \(recurrent.name)"
      let isHard = if case .hardSigmoid = recurrent { true } else { false }
      return Limit(
        what: "\(kind) \(name) has \(found)",
        expected: "activation tanh and recurrent activation sigmoid", found: found,
        reason: isHard
          ? "hard_sigmoid is 0.2x+0.5 in Keras 1 and 2 and x/6+0.5 in Keras 3, and gates of torch.nn "
            + "have sigmoid alone, which is a third function" : nil)
    }
    switch cell {
    case .lstm(let lstm): return limit(lstm.activation, lstm.recurrentActivation)
    case .gru(let gru): return limit(gru.activation, gru.recurrentActivation)
    case .simpleRNN(let rnn):
      return rnn.activation == .tanh || rnn.activation == .relu
        ? nil : Limit(what: "\(kind) \(name) has activation \(rnn.activation.name)")
    case .stacked: return nil
    }
  }

  /// What the modules that take these weights do not do by themselves, and ordinary code does.
  private static func leftToCode(_ layer: Layer, _ name: String) -> [String] {
    func applied(_ activation: Activation, _ kind: String) -> [String] {
      activation == .linear ? [] : ["\(kind) \(name) applies \(activation.name)"]
    }
    switch layer {
    case .recurrent(let recurrent):
      return stack(recurrent, name)
        + (recurrent.returnsSequence
          ? [] : ["\(recurrent.cell.kind) \(name) puts out the last timestep only"])
    case .bidirectional(let pair):
      return stack(pair.forward, name)
        + (pair.isOneModule ? [] : ["\(name) has two unlike directions, a module each"])
        + (pair.forward.returnsSequence
          ? [] : ["\(name) puts out the last output of each end only"])
        + (pair.mergeMode == .concatenate
          ? [] : ["\(name) merges its directions by \(pair.mergeMode?.rawValue ?? "nothing")"])
    case .timeDistributed(let layer):
      return ["\(name) is applied to every timestep by itself"] + leftToCode(layer, name)
    case .dense(let dense): return applied(dense.activation, "Dense")
    case .activation(let activation): return applied(activation, "activation")
    case .convolution(let convolution):
      return ["convolution \(name) has its channels last"]
        + (convolution.padding == .valid
          ? [] : ["convolution \(name) pads its input (\(convolution.padding.rawValue))"])
        + (convolution.stride * convolution.dilation * convolution.groups == 1
          ? []
          : [
            "convolution \(name) has stride \(convolution.stride), dilation "
              + "\(convolution.dilation) and \(convolution.groups) groups"
          ]) + applied(convolution.activation, "convolution")
    case .batchNormalization(let normalization):
      return [
        "\(name) normalizes the last axis by its moving moments, epsilon \(normalization.epsilon)"
      ]
    case .layerNormalization(let normalization):
      return ["\(name) normalizes with epsilon \(normalization.epsilon)"]
    case .pooling, .scaling, .reshaping, .selection, .merge, .lengthMask:
      return ["\(name) computes \(layer.title)"]
    case .attention: return layer.parameterCount > 0 ? [] : ["\(name) computes \(layer.title)"]
    case .opaque(let opaque):
      return [
        "\(name) computes what its class '\(opaque.className)' says, which is not in the file"
      ]
    case .input, .embedding, .standardization, .parametricReLU, .masking, .identity, .notEqual,
      .anyTrue:
      return []
    }
  }

  private static func stack(_ recurrent: Recurrent, _ name: String) -> [String] {
    if case .stacked = recurrent.cell {
      ["\(name) steps through its stacked cells one timestep at a time"]
    } else {
      []
    }
  }
}

extension Model {
  /// Whether a node is masked by lengths of padded sequences, where torch packs them.
  fileprivate func hasLengths(_ node: Node) -> Bool {
    guard node.place != nil || node.layer.firstCell == nil, let mask = node.mask,
      case .lengthMask = self.node(mask.node)?.layer
    else { return false }
    return true
  }
}

extension RecurrentCell {
  /// The kind of cell in words.
  fileprivate var kind: String {
    switch self {
    case .lstm: "LSTM"
    case .gru: "GRU"
    case .simpleRNN: "RNN"
    case .stacked: "stack"
    }
  }
}

extension Diagnostic.Code {
  package static let modelUnrepresentable = Self(rawValue: "model.unrepresentable")
  package static let modelExpressedInCode = Self(rawValue: "model.expressed-in-code")
  package static let modelLeftToCode = Self(rawValue: "model.left-to-code")
  package static let modelPrecision = Self(rawValue: "model.precision.differs")
}

extension Layer {
  /// Whether any gate of a recurrent layer sees the cell.
  fileprivate var hasPeepholes: Bool {
    switch self {
    case .recurrent(let recurrent): recurrent.cell.hasPeepholes
    case .bidirectional(let pair):
      pair.forward.cell.hasPeepholes || pair.backward.cell.hasPeepholes
    case .timeDistributed(let layer): layer.hasPeepholes
    case .input, .dense, .embedding, .convolution, .pooling, .batchNormalization,
      .layerNormalization, .standardization, .scaling, .activation, .parametricReLU, .reshaping,
      .selection, .merge, .attention, .masking, .identity, .notEqual, .anyTrue, .lengthMask,
      .opaque:
      false
    }
  }
}
