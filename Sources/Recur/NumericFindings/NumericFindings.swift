import RecurInference
public import RecurModel
public import RecurTensors
import RecurVerification

extension Model {
  /// What the numbers of a model say against it.
  ///
  /// Numbers that are not finite, gates that never change or never open, and forget biases that
  /// stand at another gate. Thresholds: `docs/numbers.md`.
  ///
  /// - Parameter inputs: a call's inputs; what gates do on them is measured too.
  /// - Returns: errors for numbers that are not finite, warnings for what can't be meant, notes for
  ///   what is worth knowing.
  public func numericFindings(sample inputs: [Tensor]? = nil) -> [Diagnostic] {
    let notFinite = notFiniteFindings()
    // Nothing more can be said of numbers that are none.
    guard notFinite.isEmpty else { return notFinite }
    return forgetBiasFindings() + gateFindings() + (inputs.map(activityFindings) ?? [])
  }

  /// A finding for every weight tensor that holds NaN or infinities.
  public func notFiniteFindings() -> [Diagnostic] {
    var findings: [Diagnostic] = []
    for node in weightedNodes {
      for (role, tensor) in node.layer.tensors {
        guard let found = tensor.notFiniteNumbers() else { continue }
        findings.append(
          Diagnostic(
            .tensorNotFinite, .error,
            "\(role) of '\(node.layerName)' holds \(found.count) numbers that are not finite",
            at: tensor.location, expected: "finite numbers",
            found: "\(found.value) at element \(found.first) of this view",
            hint: "training diverged, or the file was damaged"))
      }
    }
    return findings
  }
}

extension Checkpoint {
  /// What the numbers of the model say against it, gates measured on a recording's inputs if there is
  /// one; see ``RecurModel/Model/numericFindings(sample:)``.
  ///
  /// A recording that can't be read or does not fit says nothing here; ``verify(golden:tolerance:)``
  /// reports it.
  public func numericFindings(golden path: String? = nil) -> [Diagnostic] {
    numericFindings(on: path.flatMap { try? GoldenFile(at: $0, for: model) })
  }

  /// The same with a recording that was read before.
  package func numericFindings(on golden: GoldenFile?) -> [Diagnostic] {
    guard let golden, let calls = model.callCount(inputs: golden.inputs.count) else {
      return model.numericFindings()
    }
    return model.numericFindings(
      sample: Array(golden.inputs.prefix(golden.inputs.count / max(calls, 1))))
  }
}

/// The cells with gates of a layer, and what they are called in messages.
struct GatedCells {
  /// `'lstm'`, `the backward direction of 'bilstm'`, `cell 1 of 'rnn'`.
  let name: String
  let cell: RecurrentCell
  /// The direction, from 0, and the position of the cell in it, from the bottom.
  let half: Int
  let position: Int

  /// Those of one node.
  static func all(of node: Model.Node) -> [GatedCells] {
    let recurrents: [Recurrent] =
      switch node.layer {
      case .recurrent(let recurrent): [recurrent]
      case .bidirectional(let pair): [pair.forward, pair.backward]
      default: []
      }
    return recurrents.enumerated().flatMap { half, recurrent in
      let cells = recurrent.cell.cells
      return cells.enumerated().map { position, cell in
        let direction =
          recurrents.count == 1 ? "" : "the \(half == 0 ? "forward" : "backward") direction of "
        let place = cells.count == 1 ? "" : "cell \(position) of "
        return GatedCells(
          name: "\(place)\(direction)'\(node.layerName)'", cell: cell, half: half,
          position: position)
      }
    }
  }
}

extension Diagnostic.Code {
  package static let tensorNotFinite = Self(rawValue: "tensor.not-finite")
}
