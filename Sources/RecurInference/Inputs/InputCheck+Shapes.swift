import RecurModel
import RecurTensors

// One function per mistake in a shape. `finding` describes what was expected and found; these
// functions add the reason and the remedies.
extension InputCheck {
  func rankFinding() -> Diagnostic {
    let axes = "\(found.count) \(found.count == 1 ? "axis" : "axes") in place of \(expected.count)"
    func finding(
      _ reason: String, _ remedies: [Diagnostic.Remedy], facts: [Diagnostic.Fact] = []
    ) -> Diagnostic {
      self.finding(.inputRank, "has \(axes)", reason: reason, remedies: remedies, facts: facts)
    }
    if found.count + 1 == expected.count {
      var one = found
      one.insert(1, at: input.batchAxis)
      if fits(one) {
        let example = shapeText(one)
        return finding(
          "the batch axis is missing: this is one sequence, not a batch of sequences",
          [
            numpy(
              input.batchAxis == 0
                ? "x = x[np.newaxis]  # \(example)" : "x = x[:, np.newaxis]  # \(example)"),
            .addBatchAxis(axis: input.batchAxis),
          ])
      }
    }
    if found.count == expected.count + 1 {
      if case .tokens(let layer, let embedding) = use.kind, found.last == embedding.vocabularySize {
        return finding(
          "the last axis is as long as the vocabulary of '\(layer)': these are one-hot vectors, "
            + "where the numbers of the tokens belong",
          [numpy("x = x.argmax(axis=-1)  # \(shapeText(Array(found.dropLast())))")])
      }
      if found.last == 1, fits(Array(found.dropLast())) {
        return finding(
          "the last axis has one element and nothing to say",
          [numpy("x = x[..., 0]  # \(shapeText(Array(found.dropLast())))")],
          facts: [.lastAxisOfOne])
      }
    }
    if found.isEmpty {
      return finding("it is a single number", [numpy("x = np.load(…)[np.newaxis]")])
    }
    return finding(
      "the model takes \(described), one axis each",
      [numpy("x = x.reshape(\(template))  # only if the numbers are stored in that order")])
  }

  /// An array of numbers where the model reads text: it may be what a layer behind the text reads.
  func textFinding() -> Diagnostic {
    finding(
      found.count == expected.count ? .inputFeatures : .inputRank,
      "is text, and the array holds numbers of another shape",
      reason: firstBehindText.map {
        "'\($0)' reads numbers, and stands behind the layers that read text"
      }
    ).advising(
      firstBehindText.map {
        "begin the model behind them, with numbers in place of text: \(.start($0))"
      })
  }

  /// The first layer behind the text that is known and reads numbers.
  private var firstBehindText: String? {
    var behind: Set<Name> = [Name(name)]
    for node in model.nodes where node.inputs.contains(where: { behind.contains(Name($0.node)) }) {
      guard case .opaque = node.layer else { return node.layerName }
      behind.insert(Name(node.name))
    }
    return nil
  }

  func emptyFinding() -> Diagnostic {
    let axis = found.firstIndex(of: 0) ?? 0
    let what = axisName(axis)
    return finding(
      .inputEmpty, "has no \(what == "batch" ? "sequences" : what)",
      reason: "axis \(axis), the \(what), has the extent 0: a filter or a slice took everything",
      remedies: [
        numpy(
          what == "timesteps"
            ? "sequences = [s for s in sequences if len(s) > 0]  # before they are padded"
            : "assert x.size > 0")
      ], facts: what == "timesteps" ? [.noTimesteps] : [])
  }

  func exchangedFinding(_ one: Int, _ other: Int) -> Diagnostic {
    var swapped = found
    swapped.swapAt(one, other)
    let names = [axisName(one), axisName(other)]
    return finding(
      .inputAxes, "has the \(names[0]) and the \(names[1]) exchanged",
      reason: "with axes \(one) and \(other) exchanged it is \(shapeText(swapped)), which fits",
      remedies: [
        numpy("x = np.swapaxes(x, \(one), \(other))  # \(shapeText(swapped))"),
        .exchangeAxes(one, other),
      ], facts: Set(names) == ["batch", "timesteps"] ? [.difference(.firstAxis)] : [])
  }

  func batchFinding() -> Diagnostic {
    let wanted = expected[input.batchAxis].description
    return finding(
      .inputBatch, "is a batch of \(found[input.batchAxis]); the model was built for \(wanted)",
      reason: model.isStateful
        ? "a stateful model keeps one state per sequence, so its batch is fixed when it is built"
        : "the batch is part of the model's declared input",
      remedies: [.rebuild(batch: found[input.batchAxis])],
      notes: ["the weights do not depend on the batch: only the declaration and the state do"])
  }

  func featuresFinding() -> Diagnostic {
    let wanted = expected[featureAxis].description
    let given = found[featureAxis]
    let isOutput = model.nodes.contains { $0.layer.firstCell?.units == given }
    return finding(
      .inputFeatures, "has \(given) features per timestep; the model takes \(wanted)",
      reason: "the kernel has one column per feature"
        + (isOutput ? "; \(given) is as wide as what a recurrent layer here puts out" : "")
        + ": the array was made for another model, or with other columns than in training",
      remedies: [
        numpy("assert x.shape[\(featureAxis)] == \(wanted)  # the columns of the training data"),
        .compareShapes(
          declared: expected.map(\.value),
          given: found.enumerated().map { axis, extent in
            axis == featureAxis ? expected[axis].value ?? extent : extent
          }, featureAxis: featureAxis),
      ])
  }

  func timestepsFinding() -> Diagnostic {
    let axis = expected.indices.first { axis in
      axis != featureAxis && axis != input.batchAxis
        && !expected[axis].agrees(with: .fixed(found[axis]))
    }
    guard let axis, let wanted = expected[axis].value else { return featuresFinding() }
    let given = found[axis]
    var free = input
    free.shape[axis] = nil
    var relaxed = model
    for index in relaxed.nodes.indices where Name(relaxed.nodes[index].name) == Name(name) {
      relaxed.nodes[index].layer = .input(free)
    }
    let anyLength =
      ModelShapes(relaxed).findings.isEmpty
      && ModelShapes(relaxed, inputShapes: [found.map(Dimension.fixed)]).findings.isEmpty
    return finding(
      .inputTimesteps,
      "has \(given) timesteps; the model was built for \(wanted)",
      reason: "\(wanted) timesteps are declared in the model's input"
        + (anyLength
          ? ", although its layers take any number" : ", and a layer needs exactly as many"),
      remedies: anyLength
        ? maskingRemedies(axis, wanted, given) : [countingRemedy(axis, wanted, given)],
      facts: [.declaredTimesteps(declared: expected.map(\.value), found: found)])
  }

  /// Repairs that mask the padding: the sequence then gives the same output as alone.
  private func maskingRemedies(_ axis: Int, _ wanted: Int, _ given: Int) -> [Diagnostic.Remedy] {
    [
      .padTimesteps(
        to: wanted, from: given, file: tensor.location.file, masksItself: isMasking,
        isFloat: tensor.elementType.isFloatingPoint)
    ] + (isChain ? [.freeAxis(axis, declared: expected.map(\.value))] : [])
  }

  /// The repair for models without masks, in which padded timesteps count as in training.
  private func countingRemedy(_ axis: Int, _ wanted: Int, _ given: Int) -> Diagnostic.Remedy {
    if given > wanted {
      let before = [String](repeating: ":", count: axis).joined(separator: ", ")
      return numpy("x = x[\(before), :\(wanted)]  # or the last ones, as in training")
    }
    let pads = found.indices.map { $0 == axis ? "(0, \(wanted - given))" : "(0, 0)" }
    return numpy(
      "x = np.pad(x, (\(pads.joined(separator: ", "))))  # zeros that count; pad as in training")
  }

  /// Whether the model masks timesteps by itself.
  private var isMasking: Bool {
    model.nodes.contains(where: \.layer.ports.makesMask)
  }

  // MARK: words

  /// A remedy: a line of NumPy code that makes the array.
  func numpy(_ code: String) -> Diagnostic.Remedy { .code(.init(.numpy, code)) }

  func fits(_ shape: [Int]) -> Bool {
    shape.count == expected.count
      && zip(expected, shape).allSatisfy { $0.agrees(with: .fixed($1)) }
  }

  /// `batch, timesteps and features`.
  private var described: String {
    let names = expected.indices.map(axisName)
    return names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "")
      + (names.last ?? "")
  }

  /// `batch, 10, 128`.
  private var template: String { expected.map(\.description).joined(separator: ", ") }

  /// Whether every layer has one input and no value is read twice.
  private var isChain: Bool {
    model.nodes.allSatisfy { node in
      if case .input = node.layer { return true }
      return node.inputs.count == 1 && node.initialState.isEmpty
    } && model.inputs.count == 1 && model.outputs.count == 1
  }
}
