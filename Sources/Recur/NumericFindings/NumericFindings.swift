import RecurInference
public import RecurModel
public import RecurTensors
import RecurVerification

extension Model {
  /// Findings about the numbers in a model's weights.
  ///
  /// They report numbers that are not finite, gates that never change or never open, a forget bias in
  /// the place of another gate, and equal weights of two layers or directions. The thresholds are in `docs/numbers.md`.
  ///
  /// - Parameter inputs: the inputs of a call, on which saturated gates are measured too.
  /// - Returns: errors for numbers that are not finite, warnings for what no training produces,
  ///   notes for the rest.
  public func numericFindings(sample inputs: [Tensor]? = nil) -> [Diagnostic] {
    let notFinite = notFiniteFindings()
    // Weights that are NaN or infinite allow no further finding.
    guard notFinite.isEmpty else { return notFinite }
    return forgetBiasFindings() + repeatedWeightFindings() + gateFindings()
      + (inputs.map(activityFindings) ?? [])
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
  /// Findings about the numbers in the model's weights, with gates measured on the inputs of a
  /// recording if one is given; see ``Model/numericFindings(sample:)``.
  ///
  /// A recording that can't be read or does not fit is skipped here; ``verify(golden:tolerance:engine:)``
  /// reports it.
  public func numericFindings(golden path: String? = nil) -> [Diagnostic] {
    numericFindings(on: path.flatMap { try? GoldenSource.given($0).read(for: model) })
  }

  /// The same findings with a recording that was already read.
  package func numericFindings(on golden: GoldenFile?) -> [Diagnostic] {
    guard let golden = golden?.firstSet, let calls = model.callCount(inputs: golden.inputs.count)
    else {
      return model.numericFindings()
    }
    return model.numericFindings(
      sample: Array(golden.inputs.prefix(golden.inputs.count / max(calls, 1))))
  }
}

/// A recurrent cell with gates, and its name in messages.
struct GatedCells {
  /// `'lstm'`, `the backward direction of 'bilstm'`, `cell 1 of 'rnn'`.
  let name: String
  let cell: RecurrentCell
  /// The direction, from 0, and the position of the cell in it, from the bottom.
  let half: Int
  let position: Int

  /// The gated cells of one node.
  static func all(of node: Model.Node) -> [GatedCells] {
    let recurrents = node.layer.recurrents
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
  /// Weights hold NaN or infinities.
  public static let tensorNotFinite = Self(rawValue: "tensor.not-finite")
}
