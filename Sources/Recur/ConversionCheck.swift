package import RecurFormats
import RecurInference
import RecurModel
package import RecurTensors
import RecurVerification

// A written file, held against the model.
extension Checkpoint {
  /// The largest number of weights with which a model is run after a conversion.
  ///
  /// The reference keeps weights in binary64 and is slow.
  package static let largestTriedModel = 1 << 22

  /// Compares the written file with the model.
  ///
  /// - Parameters:
  ///   - encoded: the model in the form of the target format.
  ///   - written: the written file.
  ///   - neighbour: the second file, if the model is in two.
  ///   - limit: the number of weights up to which both models are run.
  /// - Returns: the largest difference of the outputs if both models were run, else 0; the kind of
  ///   comparison; and whether all weights were read for it and are finite.
  /// - Throws: `convert.verification-failed`, and what reading throws.
  package func checkWritten(
    _ encoded: any EncodedModel, _ written: FileProbe, neighbour: ByteRegion? = nil,
    limit: Int = largestTriedModel
  ) throws(CheckpointError) -> (difference: Double, proof: Conversion.Proof, foundAllFinite: Bool) {
    switch try encoded.readBack(written, neighbour: neighbour) {
    case .tensors(let pairs):
      for pair in pairs where !pair.written.isBitEqual(to: pair.meant) {
        throw failure(
          "the file that was written holds another '\(pair.name)'", expected: "the same bits",
          found: "\(pair.written.elementType) \(shapeText(pair.written.shape))")
      }
      return (0, .tensors, false)
    case .model(let copy):
      let weights = model.weightedNodes.reduce(0) { $0 + $1.layer.parameterCount }
      guard model.canRun else {
        var screen = NotFiniteScreen()
        guard model.holdsWeights(of: copy, screen: &screen), copy.carriesLayers(of: model) else {
          throw failure(
            "the file that was written holds other layers", expected: "the same layers",
            found: copy.nodes.map(\.layerName).joined(separator: ", "))
        }
        return (0, .carried, false)
      }
      // Weights that were scaled or put into another form can't be told from wrong ones: those models
      // are run whatever their size.
      var screen = NotFiniteScreen()
      if weights > limit, model.holdsWeights(of: copy, screen: &screen) {
        let size = model.weightedNodes.reduce(0) { size, node in
          node.layer.tensors.reduce(size) { $0 + $1.tensor.byteCount }
        }
        return (0, .layers, !screen.mayHoldNotFinite && screen.byteCount == size)
      }
      let difference = try compareOutputs(
        copy, mayDiffer: encoded.isRounded || encoded.isReordered,
        keepsExtents: encoded.isReordered)
      return (difference, .outputs, false)
    }
  }

  private func compareOutputs(
    _ copy: Model, mayDiffer: Bool, keepsExtents: Bool
  ) throws(CheckpointError) -> Double {
    // Operators of a graph hold the extents that the model declares.
    let sample = try SampleInputs(for: model, seed: 1, keepsExtents: keepsExtents)
    let outputs = try sample.model.run(sample.tensors)
    let other = keepsExtents ? copy : SampleInputs.relaxed(copy)
    let copied = try other.run(sample.tensors)
    var floatState = RecurrentState()
    let inFloat =
      mayDiffer ? try sample.model.runInFloat(sample.tensors, state: &floatState) : outputs
    guard outputs.count == copied.count else {
      throw failure(
        "the file that was written has other outputs", expected: "\(outputs.count) outputs",
        found: "\(copied.count)")
    }
    var largest = 0.0
    for (index, (one, other)) in zip(outputs, copied).enumerated() {
      let difference = one.shape == other.shape ? one.largestDifference(from: other) : .infinity
      largest = max(largest, difference)
      // Rounding a weight once may move the outputs as far as 32-bit arithmetic moves them.
      let allowed = mayDiffer ? sample.model.roundingBound(one, inFloat[index]) : 0
      guard difference <= allowed else {
        throw failure(
          "the file that was written does not compute what this model computes",
          expected: "a difference of at most \(scientific(allowed)) in output \(index)",
          found: scientific(difference))
      }
    }
    return largest
  }

  private func failure(_ message: String, expected: String, found: String) -> CheckpointError {
    CheckpointError(
      .convertVerificationFailed, message, at: .init(file: path), expected: expected, found: found,
      hint: "this is a bug in recur; nothing was written")
  }

  /// Numbers that are not finite are copied unchanged and reported.
  func notFiniteWarnings() -> [Diagnostic] {
    model.notFiniteFindings().map { finding in
      var warning = finding.located(file: path)
      warning.severity = .warning
      return warning
    }
  }
}

extension Model {
  /// Whether the same layers of unknown classes are there as in `other`, called with as many values.
  fileprivate func carriesLayers(of other: Model) -> Bool {
    func unknown(_ model: Model) -> [(className: String, inputs: Int)] {
      model.nodes.compactMap { node in
        guard case .opaque(let layer) = node.layer else { return nil }
        return (layer.className, node.inputs.count)
      }
    }
    return unknown(self).elementsEqual(unknown(other), by: ==)
  }

  /// How far an output may move when weights are rounded once: the tolerance that goldens of this
  /// precision are held to (`docs/verification.md`).
  fileprivate func roundingBound(_ output: Tensor, _ inFloat: Tensor) -> Double {
    let scale = output.doubles().reduce(0) { $1.isFinite ? max($0, $1.magnitude) : $0 }
    let tolerance = Tolerance.derived(
      noise: output.largestDifference(from: inFloat), scale: scale,
      precision: arithmeticPrecision(recordedAs: .float64))
    return tolerance.absolute + tolerance.relative * scale
  }
}
