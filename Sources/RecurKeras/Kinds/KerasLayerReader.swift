import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// The options and arrays of one layer, from which a layer of the model is made.
///
/// The rooms of the kinds make the layer; this type gives them options and arrays, and checks both.
///
/// Problems are collected in `findings`, so that the problems of all layers are reported at once. A
/// layer with an error is nil.
struct KerasLayerReader {
  let version: KerasVersion
  let config: KerasArchitecture.LayerConfig
  /// The shapes of the layer's inputs, as far as the layers before it could be read.
  let inputShapes: [[Dimension]]
  var options: KerasOptions
  var findings: [Diagnostic] = []
  var precision = ElementType.float32
  /// Where the channels are, if they are not last.
  var featureAxis: FeatureAxis?
  /// The arrays that were not read yet, in Keras' order.
  private(set) var arrays: ArraySlice<Tensor>
  /// The shapes of the arrays that stand for those of the weights; nil when the arrays are the weights.
  private(set) var placeholders: [[Int]]?
  /// Whether every gate has its own arrays (Keras 1).
  let isPerGate: Bool

  /// A reader of a layer; without arrays, zeros of the shapes that the config declares stand for them.
  init(
    _ config: KerasArchitecture.LayerConfig, arrays: [Tensor]?, inputShapes: [[Dimension]],
    version: KerasVersion
  ) {
    self.config = config
    self.arrays = (arrays ?? [])[...]
    placeholders = arrays == nil ? [] : nil
    self.inputShapes = inputShapes
    self.version = version
    let plan = KerasArrayPlan(config)
    let count = arrays?.count
    isPerGate = plan.map { count != $0.arrays.count && count == $0.perGateCount } ?? false
    options = KerasOptions(config)
  }

  /// A reader for a layer inside this one, which reads the next arrays of this reader.
  init(
    _ config: KerasArchitecture.LayerConfig, inside outer: KerasLayerReader,
    inputShapes: [[Dimension]]
  ) {
    self.config = config
    arrays = outer.arrays
    placeholders = outer.placeholders
    self.inputShapes = inputShapes
    version = outer.version
    isPerGate = outer.isPerGate
    options = KerasOptions(config)
    var outerOptions = outer.options
    options.inherited = outerOptions.policy()
  }

  /// Takes the findings and the position of a reader for a layer inside this one.
  mutating func finish(_ inner: KerasLayerReader) {
    var inner = inner
    inner.options.finish()
    arrays = inner.arrays
    placeholders = inner.placeholders
    findings += inner.findings + inner.options.findings
  }

  /// The width of the first input, when it is known.
  var inputSize: Int? {
    guard let shape = inputShapes.first, let axis = featureAxis?.axis else {
      return inputShapes.first?.last?.value
    }
    return shape.indices.contains(axis) ? shape[axis].value : nil
  }

  mutating func layer() -> Layer? {
    if let finding = config.refusedRestating {
      findings.append(finding)
      return nil
    }
    guard checkCount() else {
      // The options are checked even if the arrays are wrong.
      _ = read()
      options.finish()
      findings += options.findings
      return nil
    }
    let layer = read()
    options.finish()
    findings += options.findings
    return findings.contains { $0.severity == .error } ? nil : layer
  }

  /// Whether the layer has as many arrays as its class and options ask for.
  private mutating func checkCount() -> Bool {
    guard placeholders == nil, let plan = KerasArrayPlan(config), !isPerGate,
      arrays.count != plan.arrays.count
    else { return true }
    let names = plan.arrays.map(\.name)
    // Keras 1 has one array per matrix, or one per matrix and gate.
    let perGate = version.isKeras1 && plan.perGateCount > names.count ? plan.perGateCount : nil
    findings.append(
      Diagnostic(
        arrays.count < perGate ?? names.count ? .tensorMissing : .tensorUnused, .error,
        "layer '\(config.name)' of class '\(config.className)' has \(arrays.count) arrays in the "
          + "file and needs \(names.count)"
          + (perGate.map { ", or \($0) when every gate has its own" } ?? ""),
        at: config.location,
        expected: names.isEmpty ? "no arrays" : names.joined(separator: ", "),
        found: arrays.isEmpty
          ? "no arrays" : arrays.map { tuple($0.shape) }.joined(separator: ", "),
        hint: "the config and the weights belong to different models, or to different options "
          + "(use_bias)"))
    arrays = []
    return false
  }

  /// Reads the layer by its class.
  mutating func read() -> Layer? {
    guard let kerasClass = config.kerasClass else {
      // The options of an unknown class can't be checked.
      options = KerasOptions(
        JSONObject(), className: config.className, layerName: config.name, at: config.location)
      return nil
    }
    switch kerasClass.role {
    case .input: break
    case .layer: setPrecision()
    case .operation:
      // Compared as text, because NaN does not equal NaN.
      func arguments(_ call: KerasArchitecture.Call) -> String? {
        call.plain.map { JSONValue.object($0).text }
      }
      if let call = config.calls.first,
        config.calls.contains(where: { arguments($0) != arguments(call) || $0.roles != call.roles })
      {
        return fail("operation '\(config.name)' is called with several plain arguments")
      }
    }
    return kerasClass.read(&self)
  }

  /// The arrays that the options ask for; reading the options marks them as known.
  mutating func plan() -> KerasArrayPlan {
    KerasArrayPlan.declared(config, &options) ?? KerasArrayPlan([])
  }

  // MARK: arrays and checks

  /// Sets the precision of the layer to the compute type of its policy.
  mutating func setPrecision() { precision = options.policy().compute }

  mutating func fail(_ message: String) -> Layer? {
    findings.append(Diagnostic(.kerasConfigInvalid, .error, message, at: config.location))
    return nil
  }

  /// The next array in Keras' order, if there is one with numbers.
  ///
  /// An opaque array that holds bfloat16 gets this type.
  ///
  /// - Parameters:
  ///   - name: Keras' name of it.
  ///   - declared: the shape that the config and the layer before declare, which is not checked here;
  ///     nil is any extent.
  ///   - inComputeType: whether it is kept in the type that the layer computes in.
  ///   - mayCount: whether it may hold whole numbers.
  /// - Returns: the array; nil when there is none, or it was refused, which was reported.
  mutating func take(
    _ name: String, declared: [Int?], inComputeType: Bool = false, mayCount: Bool = false
  ) -> Tensor? {
    let policy = options.policy()
    let type = inComputeType ? policy.compute : policy.variable
    guard placeholders == nil else { return placeholder(name, type, declared) }
    guard let array = arrays.popFirst() else { return nil }
    if type == .bfloat16, array.elementType == .uint16 {
      if !findings.contains(where: { $0.code == .kerasBFloat16Assumed }) {
        findings.append(
          Diagnostic(
            .kerasBFloat16Assumed, .note,
            "the arrays of '\(config.name)' are opaque; its dtype says they are bfloat16",
            at: array.location))
      }
      return array.reinterpreted(as: .bfloat16)
    }
    guard array.elementType.isFloatingPoint || mayCount else {
      findings.append(
        Diagnostic(
          .tensorDtypeUnsupported, .error,
          "\(name) of '\(config.name)' holds \(array.elementType), not floating-point numbers",
          at: array.location, expected: "floating-point numbers", found: "\(array.elementType)",
          reason: "the weights were quantized, or another tool wrote them"))
      return nil
    }
    return array
  }

  /// The next array, if it has this shape, in which nil stands for any extent.
  mutating func take(_ name: String, _ shape: [Int?]) -> Tensor? {
    guard let tensor = take(name, declared: shape) else { return nil }
    let fits =
      tensor.rank == shape.count
      && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
    guard !fits else { return tensor }
    let expected = shape.map { $0.map(String.init) ?? "input size" }.joined(separator: ", ")
    findings.append(
      Diagnostic(
        .tensorShapeMismatch, .error,
        "\(name) of '\(config.name)' has shape \(tuple(tensor.shape)); the config and the layer "
          + "before it declare (\(expected))", at: tensor.location, expected: "(\(expected))",
        found: tuple(tensor.shape)))
    return nil
  }

  /// Zeros of the declared shape, all of which are one number in memory.
  private mutating func placeholder(
    _ name: String, _ type: ElementType, _ declared: [Int?]
  ) -> Tensor? {
    let shape = declared.compactMap { $0 }
    guard shape.count == declared.count,
      let zero = try? Tensor(
        ByteRegion(ByteStorage(copying: [UInt8](repeating: 0, count: type.byteCount))), type,
        shape: shape, strides: shape.map { _ in 0 }, offset: 0)
    else {
      findings.append(
        Diagnostic(
          .kerasConfigInvalid, .error,
          "the shape of \(name) of '\(config.name)' is not in the config: the layer before it puts out "
            + "a free number of features", at: config.location))
      return nil
    }
    placeholders?.append(shape)
    return zero
  }

  // MARK: arguments of operations

  /// Whether an argument of the operation is a tensor.
  func isTensor(_ name: String) -> Bool { config.calls.first?.roles.contains(name) == true }

  /// An argument that may be a tensor, a number or an array; nil, with a finding, for any other one.
  mutating func operand(_ name: String) -> Operand? {
    guard !isTensor(name) else { return .input }
    guard let value = options.value(name) else {
      _ = fail(
        "operation '\(config.name)' has no argument \"\(name)\": the file does not hold it")
      return nil
    }
    if let constant = Operand.Constant(value) { return .constant(constant) }
    options.refuse(name, because: "a tensor, a number or an array of numbers belongs there")
    return nil
  }

  /// The axes that an argument names: a number or a list; nil, with a finding, without axes and for
  /// the batch.
  mutating func axes(_ name: String = "axis") -> [Int]? {
    let value = options.value(name) ?? .null
    let axes = value.integer.map { [$0] } ?? value.array?.compactMap(\.integer) ?? []
    guard !axes.isEmpty, axes.count == value.array?.count ?? 1 else {
      options.refuse(name, because: "axes belong there; over all axes the sequences of a batch mix")
      return nil
    }
    guard let rank = inputShapes.first?.count else { return axes }
    guard let positions = positions(of: axes, rank: rank) else {
      options.refuse(name, because: "the input has \(rank) axes")
      return nil
    }
    guard positions[0] > 0 else {
      options.refuse(name, because: "axis 0 is the batch, and the sequences of a batch would mix")
      return nil
    }
    return positions
  }

  // MARK: what several kinds check

  /// Refuses quantized weights, and weights with low-rank updates (LoRA).
  mutating func refuseQuantization() {
    options.only("quantization_config", nil)
    options.only("lora_rank", nil)
    options.only("lora_alpha", nil)
  }

  /// A mask number as Keras compares it.
  ///
  /// Keras 3 rounds it to float32 whatever the layer's type, Keras 2 rounds it to that type
  /// (keras/src/backend/tensorflow/numpy.py, `not_equal`; reproduced with 3.15 and 2.21 in float64
  /// and float16).
  func compared(_ value: Double) -> Double {
    version.isKeras3 ? ElementType.float32.rounded(value) : precision.rounded(value)
  }

  /// Refuses a layer that computes in two precisions, which the model can't hold.
  mutating func checkPrecision(_ inner: KerasLayerReader) {
    guard inner.precision != precision else { return }
    findings.append(
      Diagnostic(
        .kerasOptionUnsupported, .error,
        "'\(inner.config.name)' computes in \(inner.precision) inside '\(config.name)', which "
          + "computes in \(precision)", at: config.location))
  }

  /// Refuses a layer whose class can't stand inside this layer.
  mutating func refuse(inside inner: KerasArchitecture.LayerConfig) {
    findings.append(
      Diagnostic(
        .kerasLayerUnsupported, .error,
        "'\(config.name)' holds a layer of class '\(inner.className)', which is not read there",
        at: config.location))
  }
}

extension Diagnostic.Code {
  static let kerasBFloat16Assumed = Self(rawValue: "keras.bfloat16.assumed")
}
