import RecurContainers
import RecurModel
import RecurTensors

/// Turns canonical layers into Keras' classes, options and arrays: the inverse of
/// ``KerasLayerReader``.
///
/// Problems are collected in `findings`, so that all layers are reported at once; a layer without a
/// form is nil.
struct KerasLayerWriter {
  let target: KerasTarget
  /// The node whose layer is written, for messages.
  var node: Model.Node
  /// The shapes of its inputs.
  var inputShapes: [[Dimension]]
  /// Whether the node computes masks alone.
  private(set) var isMask: Bool
  var findings: [Diagnostic] = []
  /// Whether a number was computed anew and rounded.
  var isRounded = false
  /// What the layer's input must be multiplied by first, because no weight of its own can be.
  private(set) var inputScale = 1.0

  init(_ target: KerasTarget, _ node: Model.Node, inputShapes: [[Dimension]], isMask: Bool) {
    self.target = target
    self.node = node
    self.isMask = isMask
    self.inputShapes = inputShapes
  }

  /// The form of the node's layer, called `name`.
  mutating func form(named name: String) throws(CheckpointError) -> KerasLayerForm? {
    if target.holdsArchitecture, node.layer.demandsWidth, let shape = inputShapes.first,
      shape.last?.value == nil
    {
      fail(
        "'\(node.layerName)' takes what a sequence of one length gives, and which one is not said: "
          + "Keras needs it to make the weights", found: text(shape))
      return nil
    }
    guard var form = try form(of: node.layer, named: name) else { return nil }
    let types = Set(form.allArrays.map(\.array.tensor.elementType)).subtracting([.int64])
    guard types.count <= 1 else {
      fail(
        "the tensors of '\(node.layerName)' differ in type; a Keras layer keeps all in one",
        found: types.map(\.rawValue).sorted().joined(separator: ", "))
      return nil
    }
    let policy = KerasPolicy(
      compute: node.precision, variable: types.first ?? node.precision)
    form.setPolicy(policy)
    if policy.variable == .bfloat16 { form.avoidOrthogonal() }
    if case .input = node.layer { return form }
    if target.holdsArchitecture, policy.name == nil {
      fail(
        "'\(node.layerName)' computes in \(policy.compute) with \(policy.variable) tensors, for "
          + "which Keras has no dtype policy")
    }
    if let type = types.first, !target.holds(type) {
      fail(
        type == .bfloat16
          ? "\(type) tensors, as '\(node.layerName)' has them, can't be read back by Keras from .h5: "
            + "they are two bytes without a meaning there"
          : "Keras has no layers with \(type) tensors, as '\(node.layerName)' has them",
        hint: type == .bfloat16
          ? "write .keras, which says what they are" : "write .pt, which keeps every type")
    }
    return form
  }

  /// The form of a layer: that of the node, or one inside it.
  mutating func form(
    of layer: Layer, named name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    switch layer {
    case .input(let input): return self.input(input, name)
    case .recurrent(let recurrent): return try form(of: recurrent, named: name)
    case .bidirectional(let pair): return try form(of: pair, named: name)
    case .timeDistributed(let layer): return try timeDistributed(layer, name)
    case .dense(let dense): return try form(of: dense, named: name)
    case .embedding(let embedding):
      return KerasLayerForm(
        className: "Embedding", name: name,
        options: [
          ("input_dim", .integer(embedding.vocabularySize)),
          ("output_dim", .integer(embedding.outputSize)), ("mask_zero", .bool(embedding.masksZero)),
        ], arrays: [array("embeddings", embedding.table)])
    case .convolution(let convolution): return try form(of: convolution, named: name)
    case .pooling(let pooling): return form(of: pooling, named: name)
    case .batchNormalization(let normalization): return form(of: normalization, named: name)
    case .layerNormalization(let normalization): return form(of: normalization, named: name)
    case .standardization(let moments): return form(of: moments, named: name)
    case .scaling(let scaling): return form(of: scaling, named: name)
    case .activation(let activation): return form(of: activation, named: name)
    case .parametricReLU(let alpha): return parametricReLU(alpha, name)
    case .reshaping(let reshaping): return form(of: reshaping, named: name)
    case .selection: return operation("GetItem", name)
    case .merge(let merge):
      if case .stack = merge { checkOperation() }
      return form(of: merge, named: name)
    case .attention(let attention): return form(of: attention, named: name)
    case .masking(let value): return masking(value, name)
    case .identity(let className): return identity(className, name)
    case .notEqual(let value):
      checkCompared(value)
      checkOperation()
      return KerasLayerForm(className: "NotEqual", name: name)
    case .anyTrue(let axis, let keepsAxis):
      checkOperation()
      return KerasLayerForm(
        className: "Any", name: name,
        options: [("axis", .integer(axis)), ("keepdims", .bool(keepsAxis))])
    // Its operations are written where the mask is used.
    case .lengthMask: return nil
    case .opaque(let opaque):
      fail(
        "'\(node.layerName)' is of class '\(opaque.className)', which is unknown: no config can be "
          + "written for it", hint: "write .pt or .safetensors, which hold tensors alone")
      return nil
    }
  }

  mutating func fail(
    _ message: String, expected: String? = nil, found: String? = nil,
    hint: Diagnostic.Wording? = nil
  ) {
    findings.append(
      node.unrepresentable(message, expected: expected, found: found).advising(hint))
  }

  func array(_ name: String, _ tensor: Tensor, _ details: String...) -> KerasArrayForm {
    KerasArrayForm(name: name, tensor: tensor, parts: [tensor], details: details)
  }

  // MARK: activations

  /// The value of an option `activation`, and what its input must be multiplied by first.
  mutating func activation(
    _ activation: Activation
  ) -> (value: JSONValue, inputScale: Double)? {
    guard let form = KerasActivationForm(activation, target) else {
      // Weights by themselves are loaded into a model that has its own activation.
      guard target.holdsArchitecture else { return (.null, 1) }
      failForActivation(activation)
      return nil
    }
    let policy = KerasPolicy(compute: node.precision, variable: node.precision)
    return (form.value(target, policy), form.inputScale)
  }

  mutating func failForActivation(_ activation: Activation) {
    fail(
      "'\(node.layerName)' applies \(activation.name), for which \(target.reader) has no activation",
      hint: target.isKeras3
        ? "write a PyTorch module: \(.moduleConversion)"
        : "write .keras for Keras 3, or a PyTorch module")
  }

  /// Says that weights were multiplied because `hard_sigmoid` is another function in the target.
  mutating func noteRescaling(_ what: String, by factor: Double) {
    isRounded = true
    findings.append(
      Diagnostic(
        .kerasHardSigmoidRescaled, .warning,
        "hard_sigmoid of '\(node.layerName)' is another function in \(target.reader): \(what) were "
          + "multiplied by \(factor), each rounded once", at: node.location
      ).advising(
        target.isKeras3
          ? "exact, with every bit of the weights: \(.format("keras2-h5")), or a PyTorch module"
          : "exact, with every bit of the weights: .keras for Keras 3, or a PyTorch module"))
  }

  private mutating func form(of activation: Activation, named name: String) -> KerasLayerForm? {
    guard let form = KerasActivationForm(activation, target) else {
      guard target.holdsArchitecture else {
        return KerasLayerForm(className: "Activation", name: name)
      }
      failForActivation(activation)
      return nil
    }
    inputScale = form.inputScale
    switch form.word {
    case .name(let word):
      return KerasLayerForm(
        className: "Activation", name: name, options: [("activation", .string(word))])
    case .layer(let className, let options):
      return KerasLayerForm(className: className, name: name, options: options)
    }
  }

  // MARK: layers without arrays

  private func input(_ input: Input, _ name: String) -> KerasLayerForm {
    let shape = JSONValue.array(input.shape.map { $0.map { .integer($0) } ?? .null })
    var options: [(name: String, value: JSONValue)] = [
      (target.isKeras3 ? "batch_shape" : "batch_input_shape", shape),
      ("dtype", .string(input.elementType.rawValue)), ("sparse", false),
    ]
    if !target.isKeras3 { options.append(("ragged", false)) }
    return KerasLayerForm(className: "InputLayer", name: name, options: options)
  }

  private mutating func masking(_ value: Double, _ name: String) -> KerasLayerForm {
    checkCompared(value)
    return KerasLayerForm(
      className: "Masking", name: name, options: [("mask_value", .number(value))])
  }

  /// Refuses a number that the target compares after rounding it (``KerasLayerReader/compared``).
  mutating func checkCompared(_ value: Double) {
    let type = target.isKeras3 ? ElementType.float32 : node.precision
    guard target.holdsArchitecture, !value.isNaN, type.rounded(value) != value else { return }
    fail(
      "'\(node.layerName)' compares with \(value), which \(target.reader) rounds to \(type) first",
      expected: "\(value)", found: "\(type.rounded(value))")
  }

  private mutating func checkOperation() {
    guard target.holdsArchitecture, !target.holdsOperations else { return }
    fail(
      "'\(node.layerName)' is \(node.layer.title), an operation, which can't be loaded from this "
        + "format", hint: "write .keras, which can hold operations")
  }

  /// A call of an operation that has no options.
  private mutating func operation(_ className: String, _ name: String) -> KerasLayerForm? {
    checkOperation()
    return KerasLayerForm(className: className, name: name)
  }

  /// The first two axes exchanged.
  mutating func transposed(_ name: String) -> KerasLayerForm? {
    checkOperation()
    let rank = inputShapes.first?.count ?? 3
    let axes = [1, 0] + (2..<max(rank, 2)).map { $0 }
    return KerasLayerForm(
      className: "Transpose", name: name, options: [("axes", .array(axes.map { .integer($0) }))])
  }

  private mutating func identity(_ className: String, _ name: String) -> KerasLayerForm {
    let zero: [(name: String, value: JSONValue)]
    var written = className
    switch className {
    case "Dropout", "SpatialDropout1D", "GaussianDropout", "AlphaDropout": zero = [("rate", 0.0)]
    case "GaussianNoise": zero = [("stddev", 0.0)]
    case "ActivityRegularization": zero = [("l1", 0.0), ("l2", 0.0)]
    default:
      // Identity is younger than TensorFlow 2, and loses masks in it.
      written = target.isKeras3 ? "Identity" : "Dropout"
      zero = target.isKeras3 ? [] : [("rate", 0.0)]
    }
    if !zero.isEmpty, target.holdsArchitecture {
      findings.append(
        Diagnostic(
          .kerasRateUnknown, .note,
          "\(written) '\(node.layerName)' is written with \(zero[0].name) 0: the model says what "
            + "layers do at inference, and this one does nothing", at: node.location,
          hint: "set it before training goes on"))
    }
    return KerasLayerForm(className: written, name: name, options: zero)
  }

  private mutating func timeDistributed(
    _ layer: Layer, _ name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    let outer = inputShapes
    inputShapes = outer.map { $0.count > 2 ? [$0[0]] + $0.dropFirst(2) : $0 }
    defer { inputShapes = outer }
    guard var inner = try form(of: layer, named: "inner") else { return nil }
    guard inputScale == 1 else {
      fail(
        "'\(node.layerName)' applies hard_sigmoid to every timestep, which is another function in "
          + target.reader,
        hint: target.isKeras3
          ? "exact: \(.format("keras2-h5")), or a PyTorch module"
          : "exact: .keras, or a PyTorch module")
      return nil
    }
    inner.name = KerasNativeWeights.snakeCase(inner.className)
    return KerasLayerForm(
      className: "TimeDistributed", name: name, children: [.init(option: "layer", form: inner)])
  }
}

extension Diagnostic.Code {
  static let kerasHardSigmoidRescaled = Self(rawValue: "keras.hard-sigmoid.rescaled")
  static let kerasRateUnknown = Self(rawValue: "keras.rate.unknown")
}
