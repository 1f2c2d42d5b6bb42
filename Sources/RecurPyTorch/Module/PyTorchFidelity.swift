import RecurFormats
package import RecurModel
package import RecurTensors

/// Finds what the modules of torch.nn can't hold of a model.
///
/// A state dict is loaded into `nn.LSTM`, `nn.GRU`, `nn.RNN`, `nn.Linear`, `nn.Embedding`,
/// `nn.Conv1d` and normalizations. These have no masks, no other activations and no reversed
/// outputs. Generated code can express all of it.
package enum PyTorchFidelity {
  /// Findings about `model`: errors for a state dict alone, notes for one with generated code.
  package static func findings(_ model: Model, withModule: Bool) -> [Diagnostic] {
    let peeping = model.nodes.filter { node in
      node.layer.recurrents.contains(where: \.cell.hasPeepholes)
    }.map { node in
      Diagnostic(
        .modelUnrepresentable, .error,
        "the gates of LSTM '\(node.layerName)' see the cell (peepholes), and those of no module of "
          + "torch.nn do", at: node.location)
    }
    let twofold = model.nodes.filter { node in
      node.layer.recurrents.flatMap(\.cell.cells).contains { cell in
        if case .lstm(let lstm) = cell { lstm.outputActivation != nil } else { false }
      }
    }.map { node in
      Diagnostic(
        .modelUnrepresentable, .error,
        "LSTM '\(node.layerName)' applies one function to its candidate and another one to its cell, "
          + "and no module here does", at: node.location)
    }
    let limited = model.nodes.filter { node in
      node.layer.recurrents.flatMap(\.cell.cells).contains { cell in
        if case .lstm(let lstm) = cell { lstm.isLimited } else { false }
      }
    }.map { node in
      Diagnostic(
        .modelUnrepresentable, .error,
        "LSTM '\(node.layerName)' keeps its cell or its projection within a limit, and no module of "
          + "torch.nn does", at: node.location)
    }
    guard (peeping + twofold + limited).isEmpty else { return peeping + twofold + limited }
    // Weights from torch modules fit into torch modules, but for those of cells that no module computes.
    let isOfTorch = model.isOfTorch
    let isKept = isOfTorch && !withModule
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
      // torch itself has packed sequences.
      let isMasked = node.mask != nil && !model.hasLengths(node)
      let (layer, name) = (node.layer.pytorch, "'\(node.layerName)'")
      let limits =
        isKept
        ? node.layer.recurrents.flatMap {
          $0.cellLimits(of: "\($0.cell.pytorch.form.kind) \(name)")
        }
        : layer.limits(name, isMasked: isMasked)
      for limit in limits {
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
      if isKept { continue }
      for left in withModule ? [] : layer.leftToCode(name) {
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
}

extension Model {
  /// Whether the mask of a node comes from lengths of padded sequences, which torch can pack.
  fileprivate func hasLengths(_ node: Node) -> Bool {
    guard node.isOfTorch || node.layer.firstCell == nil, let mask = node.mask,
      case .lengthMask = self.node(mask.node)?.layer
    else { return false }
    return true
  }
}

extension Diagnostic.Code {
  package static let modelExpressedInCode = Self(rawValue: "model.expressed-in-code")
  package static let modelLeftToCode = Self(rawValue: "model.left-to-code")
  package static let modelPrecision = Self(rawValue: "model.precision.differs")
}
