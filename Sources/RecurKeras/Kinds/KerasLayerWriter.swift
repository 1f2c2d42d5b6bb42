import RecurContainers
import RecurModel
import RecurTensors

/// Class, options and arrays for one node's layer: the inverse of ``KerasLayerReader``.
///
/// The rooms of the kinds say how each kind is written.
///
/// Problems are collected in `findings`, so that the problems of all layers are reported at once. A
/// layer without a form is nil.
struct KerasLayerWriter {
  let target: KerasTarget
  /// The node of the layer, for messages.
  var node: Model.Node
  /// The shapes of the node's inputs.
  var inputShapes: [[Dimension]]
  /// Whether the node computes nothing but masks.
  let isMask: Bool
  /// Whether the node has two inputs, which hold Booleans.
  var takesBooleans = false
  /// Whether the node's first input holds integers.
  var takesIntegers = false
  var findings: [Diagnostic] = []
  /// Whether the layer is an operation that the target can't store.
  var isRefusedOperation = false
  /// Whether any number was computed anew and rounded.
  var isRounded = false
  /// The factor for the input of the layer, when no weight of the layer can be scaled instead.
  var inputScale = 1.0

  init(_ target: KerasTarget, _ node: Model.Node, inputShapes: [[Dimension]], isMask: Bool) {
    self.target = target
    self.node = node
    self.isMask = isMask
    self.inputShapes = inputShapes
  }

  /// The form of the node's layer, called `name`.
  mutating func form(named name: String) throws(CheckpointError) -> KerasLayerForm? {
    // Behind a layer whose class nobody knows no shape is known.
    if target.holdsArchitecture, node.layer.inputWidth != nil, let shape = inputShapes.first,
      let last = shape.last, last.value == nil
    {
      fail(
        "'\(node.layerName)' takes what a sequence of one length gives, and which one is not said: "
          + "Keras needs it to make the weights", found: text(shape),
        hint:
          "give the model a fixed number of timesteps; a Python source takes it as the axes of an "
          + "argument: x=['batch', 24, 3]")
      return nil
    }
    guard var form = try form(of: node.layer, named: name) else { return nil }
    if form.carried != nil { return form }
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
    if form.isBare { return form }
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

  /// The form of the node's layer, or of a layer inside it.
  mutating func form(
    of layer: Layer, named name: String
  ) throws(CheckpointError) -> KerasLayerForm? {
    var form = try layer.keras.form(named: name, &self)
    if form?.layer == nil { form?.layer = layer }
    return form
  }

  mutating func fail(
    _ message: String, expected: String? = nil, found: String? = nil,
    hint: Diagnostic.Wording? = nil
  ) {
    findings.append(
      node.unrepresentable(message, expected: expected, found: found).advising(hint))
  }

  /// Whether axes of the first input leave the batch alone; a finding when they don't.
  ///
  /// Operations across axis 0 mix the sequences of a batch, and are not read again.
  mutating func spares(batchIn axes: [Int]) -> Bool {
    let rank = inputShapes.first.flatMap { $0.isEmpty ? nil : $0.count }
    let reached = rank.flatMap { positions(of: axes, rank: $0) } ?? axes
    guard reached.contains(0) else { return true }
    fail(
      "'\(node.layerName)', \(node.layer.title), computes across axis 0, which is the batch in "
        + "Keras",
      hint: "export the model with the batch as an axis that nothing computes across")
    return false
  }

  func array(_ name: String, _ tensor: Tensor, _ details: String...) -> KerasArrayForm {
    KerasArrayForm(name: name, tensor: tensor, parts: [tensor], details: details)
  }

  // MARK: activations

  /// The value of an option `activation`, and the factor for the input of the function.
  mutating func activation(
    _ activation: Activation
  ) -> (value: JSONValue, inputScale: Double)? {
    guard let form = KerasActivationForm(activation, target) else {
      // A file of weights alone is loaded into a model with its own activation.
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

  /// Reports that weights were scaled because `hard_sigmoid` is another function in the target.
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

  /// Refuses a mask number that the target rounds to another number
  /// (``KerasLayerReader/compared``).
  mutating func checkCompared(_ value: Double) {
    let type = target.isKeras3 ? ElementType.float32 : node.precision
    guard target.holdsArchitecture, !value.isNaN, type.rounded(value) != value else { return }
    fail(
      "'\(node.layerName)' compares with \(value), which \(target.reader) rounds to \(type) first",
      expected: "\(value)", found: "\(type.rounded(value))")
  }

  // MARK: what several kinds write

  /// An operation; one that the target can't store is marked.
  mutating func operation(
    _ className: String, _ name: String, _ options: [(name: String, value: JSONValue)] = [],
    operand: JSONValue? = nil
  ) -> KerasLayerForm {
    if target.holdsArchitecture, !target.holdsOperations { isRefusedOperation = true }
    return KerasLayerForm(
      className: className, name: name, options: options, isOperation: true, operand: operand)
  }

  /// Kernel, with outputs last, and bias of a linear layer, both multiplied by `scale`.
  mutating func linear(
    _ kernel: Tensor, _ bias: Tensor?, scale: Double
  ) throws(CheckpointError) -> [KerasArrayForm] {
    var arrays = [KerasArrayForm(name: "kernel", tensor: kernel, parts: [kernel])]
    if let bias { arrays.append(KerasArrayForm(name: "bias", tensor: bias, parts: [bias])) }
    for index in arrays.indices {
      if scale != 1 { arrays[index].details.append("times \(scale)") }
      arrays[index].tensor = try arrays[index].tensor.scaled(by: scale)
    }
    let last = arrays[0].tensor
    arrays[0].tensor = last.rank < 2 ? last : last.permuted(Array(2..<last.rank) + [1, 0])
    if scale != 1 { noteRescaling("kernel and bias", by: scale) }
    return arrays
  }
}

extension Diagnostic.Code {
  static let kerasHardSigmoidRescaled = Self(rawValue: "keras.hard-sigmoid.rescaled")
}
