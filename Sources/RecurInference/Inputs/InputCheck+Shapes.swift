import RecurModel
import RecurTensors

// One function per mistake in a shape: what is expected and found is said by `finding`, the reason
// and the fixes here. What the frameworks do with each mistake and with its repair was run with
// Keras 3.15, tf_keras 2.21 and torch 2.13 (testdata/generators/gen_questions.py).
extension InputCheck {
  func rankFinding() -> Diagnostic {
    let axes = "\(found.count) \(found.count == 1 ? "axis" : "axes") in place of \(expected.count)"
    func finding(
      _ reason: String, _ fixes: [Diagnostic.Fix], notes: [String] = []
    ) -> Diagnostic {
      self.finding(.inputRank, "has \(axes)", reason: reason, fixes: fixes, notes: notes)
    }
    if found.count + 1 == expected.count {
      var one = found
      one.insert(1, at: input.batchAxis)
      if fits(one) {
        let example = shapeText(one)
        return finding(
          "the batch axis is missing: this is one sequence, not a batch of sequences",
          [
            .init(
              .numpy,
              input.batchAxis == 0
                ? "x = x[np.newaxis]  # \(example)" : "x = x[:, np.newaxis]  # \(example)")
          ]
            + frameworkFix(
              keras: "model.predict(x[np.newaxis])",
              pytorch: "model(x.unsqueeze(\(input.batchAxis)))"))
      }
    }
    if found.count == expected.count + 1 {
      if case .tokens(let layer, let vocabularySize) = use.kind, found.last == vocabularySize {
        return finding(
          "the last axis is as long as the vocabulary of '\(layer)': these are one-hot vectors, "
            + "where the numbers of the tokens belong",
          [.init(.numpy, "x = x.argmax(axis=-1)  # \(shapeText(Array(found.dropLast())))")])
      }
      if found.last == 1, fits(Array(found.dropLast())) {
        return finding(
          "the last axis has one element and nothing to say",
          [.init(.numpy, "x = x[..., 0]  # \(shapeText(Array(found.dropLast())))")],
          notes: framework == .keras ? ["Keras drops such an axis without a word"] : [])
      }
    }
    if found.isEmpty {
      return finding("it is a single number", [.init(.numpy, "x = np.load(…)[np.newaxis]")])
    }
    return finding(
      "the model takes \(described), one axis each",
      [.init(.numpy, "x = x.reshape(\(template))  # only if the numbers are stored in that order")])
  }

  func emptyFinding() -> Diagnostic {
    let axis = found.firstIndex(of: 0) ?? 0
    let what = axisName(axis)
    return finding(
      .inputEmpty, "has no \(what == "batch" ? "sequences" : what)",
      reason: "axis \(axis), the \(what), has the extent 0: a filter or a slice took everything",
      fixes: [
        .init(
          .numpy,
          what == "timesteps"
            ? "sequences = [s for s in sequences if len(s) > 0]  # before they are padded"
            : "assert x.size > 0")
      ],
      notes: framework == .keras && what == "timesteps"
        ? ["predict() of Keras 3 may answer with zeros here; calling the model raises an error"]
        : framework == .pytorch && what == "timesteps"
          ? ["torch: \"Expected sequence length to be larger than 0 in RNN\""] : [])
  }

  func exchangedFinding(_ one: Int, _ other: Int) -> Diagnostic {
    var swapped = found
    swapped.swapAt(one, other)
    let names = [axisName(one), axisName(other)]
    let isBatchAndTime = Set(names) == ["batch", "timesteps"]
    return finding(
      .inputAxes, "has the \(names[0]) and the \(names[1]) exchanged",
      reason: "with axes \(one) and \(other) exchanged it is \(shapeText(swapped)), which fits"
        + (isBatchAndTime
          ? "; torch modules without batch_first=True take and give [timesteps, batch, …]" : ""),
      fixes: [
        .init(.numpy, "x = np.swapaxes(x, \(one), \(other))  # \(shapeText(swapped))")
      ]
        + frameworkFix(
          keras: "model.predict(np.swapaxes(x, \(one), \(other)))",
          pytorch: "model(x.transpose(\(one), \(other)))"))
  }

  func batchFinding() -> Diagnostic {
    let wanted = expected[input.batchAxis].description
    return finding(
      .inputBatch, "is a batch of \(found[input.batchAxis]); the model was built for \(wanted)",
      reason: model.isStateful
        ? "a stateful model keeps one state per sequence, so its batch is fixed when it is built"
        : "the batch is part of the model's declared input",
      fixes: [
        .init(
          .keras,
          "build the model with batch_size=\(found[input.batchAxis]), then "
            + "new.set_weights(model.get_weights())")
      ], notes: ["the weights do not depend on the batch: only the declaration and the state do"])
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
      fixes: [
        .init(
          .numpy, "assert x.shape[\(featureAxis)] == \(wanted)  # the columns of the training data"),
        .init(
          .recur,
          "recur summary \(modelFile) --input-shape "
            + zip(expected, found).enumerated().map { axis, pair in
              axis == featureAxis ? wanted : String(pair.1)
            }.joined(separator: ",")),
      ]
        + frameworkFix(
          keras: "model.input_shape  # \(kerasShape)",
          pytorch: "lstm.input_size  # \(wanted)"))
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
      fixes: anyLength ? maskingFixes(axis, wanted, given) : countingFixes(axis, wanted, given),
      notes: framework == .keras
        ? [
          "a functional model of Keras raises \"expected shape=\(kerasShape), found "
            + "shape=\(pythonTuple(found))\"; a Sequential one of Keras 3 runs without a word"
        ] : [])
  }

  /// Repairs in which padded timesteps do not count: the sequence gives what it gives alone.
  private func maskingFixes(_ axis: Int, _ wanted: Int, _ given: Int) -> [Diagnostic.Fix] {
    let isShort = given < wanted
    var fixes: [Diagnostic.Fix] = [
      .init(
        .recur,
        "recur run \(modelFile) --input \(inputFile) --pad post"
          + (isShort ? "" : " --truncate post") + " --maxlen \(wanted)")
    ]
    guard framework == .keras else { return fixes }
    let type = tensor.elementType.isFloatingPoint ? ", dtype=\"float32\"" : ""
    fixes.append(
      .init(
        .keras,
        isShort
          ? "x = keras.utils.pad_sequences(x, maxlen=\(wanted), padding=\"post\"\(type)); "
            + (isMasking
              ? "model(x)"
              : "model(x, mask=np.arange(\(wanted))[np.newaxis] < \(given))")
          : "x = keras.utils.pad_sequences(x, maxlen=\(wanted), truncating=\"post\"\(type))"))
    if isChain {
      fixes.append(
        .init(
          .keras,
          "model = keras.Sequential([keras.Input((\(freeKerasShape(axis)))), *[layer for layer in "
            + "model.layers if not isinstance(layer, keras.layers.InputLayer)]])"
            + "  # the same weights, any number of timesteps"))
    }
    return fixes
  }

  /// Repairs for models in which every timestep counts, as in training.
  private func countingFixes(_ axis: Int, _ wanted: Int, _ given: Int) -> [Diagnostic.Fix] {
    if given > wanted {
      let before = [String](repeating: ":", count: axis).joined(separator: ", ")
      return [.init(.numpy, "x = x[\(before), :\(wanted)]  # or the last ones, as in training")]
    }
    let pads = found.indices.map { $0 == axis ? "(0, \(wanted - given))" : "(0, 0)" }
    return [
      .init(
        .numpy,
        "x = np.pad(x, (\(pads.joined(separator: ", "))))  # zeros that count; pad as in training")
    ]
  }

  /// Whether the model leaves out timesteps by itself.
  private var isMasking: Bool {
    model.nodes.contains(where: \.layer.ports.makesMask)
  }

  // MARK: words

  private func fits(_ shape: [Int]) -> Bool {
    shape.count == expected.count
      && zip(expected, shape).allSatisfy { $0.agrees(with: .fixed($1)) }
  }

  private func frameworkFix(keras: String, pytorch: String) -> [Diagnostic.Fix] {
    switch framework {
    case .keras: [.init(.keras, keras)]
    case .pytorch: [.init(.pytorch, pytorch)]
    case nil: []
    }
  }

  /// `batch, timesteps and features`.
  private var described: String {
    let names = expected.indices.map(axisName)
    return names.dropLast().joined(separator: ", ") + (names.count > 1 ? " and " : "")
      + (names.last ?? "")
  }

  /// `batch, 10, 128`.
  private var template: String { expected.map(\.description).joined(separator: ", ") }

  /// Whether every layer has one input and nobody reads a value twice.
  private var isChain: Bool {
    model.nodes.allSatisfy { node in
      if case .input = node.layer { return true }
      return node.inputs.count == 1 && node.initialState.isEmpty
    } && model.inputs.count == 1 && model.outputs.count == 1
  }

  /// The shape as Keras prints it: `(None, 10, 128)`.
  private var kerasShape: String {
    "(" + expected.map { $0.value.map(String.init) ?? "None" }.joined(separator: ", ") + ")"
  }

  /// The shape after the batch with one axis free: `None, 128`.
  private func freeKerasShape(_ axis: Int) -> String {
    let extents = expected.indices.dropFirst().map { index in
      index == axis ? "None" : expected[index].value.map(String.init) ?? "None"
    }
    return extents.joined(separator: ", ") + (extents.count == 1 ? "," : "")
  }

  private func pythonTuple(_ shape: [Int]) -> String {
    "(" + shape.map(String.init).joined(separator: ", ") + ")"
  }
}
