import RecurContainers
import RecurModel
package import RecurTensors

/// Turns one layer's options and arrays into a canonical layer.
///
/// One function per class, in the extensions of this type.
///
/// Problems are collected in `findings`, so that all of a file's layers are reported at once; a
/// layer that can't be made is nil.
struct KerasLayerReader {
  let version: KerasVersion
  let config: KerasArchitecture.LayerConfig
  /// The shapes of the layer's inputs, as far as the layers before it could be read.
  let inputShapes: [[Dimension]]
  var options: KerasOptions
  var findings: [Diagnostic] = []
  var precision = ElementType.float32
  /// The arrays that are left, in Keras' order.
  private(set) var arrays: ArraySlice<Tensor>
  /// Whether every gate has its own arrays (Keras 1).
  let isPerGate: Bool

  /// The classes that can be read; anything else is carried as an opaque layer.
  static let classes: Set<String> = identities.union(KerasActivationLayers.classes).union([
    "InputLayer", "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN", "Bidirectional",
    "TimeDistributed", "Masking", "Embedding", "Dense", "Activation", "PReLU",
    "BatchNormalization", "LayerNormalization", "Normalization", "Rescaling", "Conv1D",
    "MaxPooling1D", "AveragePooling1D", "GlobalMaxPooling1D", "GlobalAveragePooling1D", "Flatten",
    "Reshape", "Permute", "RepeatVector", "ZeroPadding1D", "Cropping1D", "UpSampling1D", "Add",
    "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Merge",
    "Attention", "AdditiveAttention",
  ]).union(operations)

  /// Operations that Keras 3 writes into functional models: those it computes masks with, and some
  /// that models are written with.
  static let operations: Set<String> = [
    "NotEqual", "Any", "LogicalOr", "LogicalAnd", "ExpandDims", "OnesLike", "ZerosLike",
    "ConvertToTensor", "Cast", "GetItem", "Stack", "Transpose", "Swapaxes", KerasLengths.mask,
    KerasLengths.lastTimestep,
  ]

  /// Operations that compute in whatever precision their input has.
  static let followers: Set<String> = [
    "NotEqual", "Any", "GetItem", "Stack", "Transpose", "Swapaxes", KerasLengths.lastTimestep,
  ]

  /// Classes that do nothing at inference.
  static let identities: Set<String> = [
    "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
    "ActivityRegularization", "Identity",
  ]

  init(
    _ config: KerasArchitecture.LayerConfig, arrays: [Tensor], inputShapes: [[Dimension]],
    version: KerasVersion
  ) {
    self.config = config
    self.arrays = arrays[...]
    self.inputShapes = inputShapes
    self.version = version
    let plan = KerasArrayPlan(config)
    isPerGate =
      plan.map { arrays.count != $0.arrays.count && arrays.count == $0.perGateCount } ?? false
    options = KerasOptions(
      config.options, className: config.className, layerName: config.name, at: config.location)
  }

  /// A reader for a layer inside this one, which goes on with this one's arrays.
  init(
    _ config: KerasArchitecture.LayerConfig, inside outer: KerasLayerReader,
    inputShapes: [[Dimension]]
  ) {
    self.config = config
    arrays = outer.arrays
    self.inputShapes = inputShapes
    version = outer.version
    isPerGate = outer.isPerGate
    options = KerasOptions(
      config.options, className: config.className, layerName: config.name, at: config.location)
    var outerOptions = outer.options
    options.inherited = outerOptions.policy()
  }

  /// Takes over what a reader for a layer inside this one did.
  mutating func finish(_ inner: KerasLayerReader) {
    var inner = inner
    inner.options.finish()
    arrays = inner.arrays
    findings += inner.findings + inner.options.findings
  }

  /// The width of the first input, when it is known.
  var inputSize: Int? { inputShapes.first?.last?.value }

  mutating func layer() -> Layer? {
    guard checkCount() else {
      // The options are still worth judging.
      _ = KerasLayerReader.classes.contains(config.className) ? read() : nil
      options.finish()
      findings += options.findings
      return nil
    }
    let layer = read()
    options.finish()
    findings += options.findings
    return findings.contains { $0.severity == .error } ? nil : layer
  }

  /// Whether the layer has as many arrays as its class and options demand.
  private mutating func checkCount() -> Bool {
    guard let plan = KerasArrayPlan(config), !isPerGate, arrays.count != plan.arrays.count else {
      return true
    }
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

  /// One function per class.
  mutating func read() -> Layer? {
    switch config.className {
    case "InputLayer": return input()
    case "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN":
      return recurrent().map { .recurrent($0) }
    case "Bidirectional": return bidirectional()
    case "TimeDistributed": return timeDistributed()
    case "Masking": return masking()
    case "Embedding": return embedding()
    case "Dense": return dense()
    case "Activation":
      setPrecision()
      return .activation(options.activation("activation", version))
    case "PReLU": return parametricReLU()
    case "BatchNormalization": return batchNormalization()
    case "LayerNormalization": return layerNormalization()
    case "Normalization": return standardization()
    case "Rescaling": return rescaling()
    case "Conv1D": return convolution()
    case "MaxPooling1D", "AveragePooling1D", "GlobalMaxPooling1D", "GlobalAveragePooling1D":
      return pooling()
    case "Flatten", "Reshape", "Permute", "RepeatVector", "ZeroPadding1D", "Cropping1D",
      "UpSampling1D":
      return reshaping()
    case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot",
      "Merge":
      return merge()
    case "Attention", "AdditiveAttention": return attention()
    case let name where Self.operations.contains(name): return operation()
    case let name where KerasActivationLayers.classes.contains(name):
      setPrecision()
      let rank = inputShapes.first?.count
      return .activation(KerasActivationLayers.activation(name, &options, version, rank: rank))
    case let name where Self.identities.contains(name):
      setPrecision()
      options.ignore("rate", "noise_shape", "stddev", "l1", "l2")
      return .identity(className: name)
    default:
      // The options of an unknown class can't be judged.
      options = KerasOptions(
        JSONObject(), className: config.className, layerName: config.name, at: config.location)
      return nil
    }
  }

  // MARK: layers

  private mutating func input() -> Layer? {
    let declared = config.options["batch_shape"] ?? config.options["batch_input_shape"]
    options.only("sparse", false)
    options.only("ragged", false)
    options.only("optional", false)
    guard let extents = declared?.array else {
      return fail("the input '\(config.name)' declares no shape")
    }
    var shape: [Int?] = []
    for extent in extents {
      guard extent.isNull || (0..<(1 << 31)).contains(extent.integer ?? -1) else {
        return fail("the input '\(config.name)' has the shape \(declared?.text ?? "")")
      }
      shape.append(extent.integer)
    }
    let name = (config.options["dtype"] ?? config.options["input_dtype"])?.string ?? "float32"
    guard let type = ElementType(rawValue: name) else {
      return fail("the input '\(config.name)' has \"dtype\": \"\(name)\"")
    }
    precision = type
    return .input(Input(shape: shape, elementType: type, acceptsOtherTypes: true))
  }

  // MARK: arrays and checks

  /// Sets the precision of the layer to that of its policy.
  mutating func setPrecision() { precision = options.policy().compute }

  mutating func fail(_ message: String) -> Layer? {
    findings.append(Diagnostic(.kerasConfigInvalid, .error, message, at: config.location))
    return nil
  }

  /// The next array in Keras' order, if it is there and holds numbers; bfloat16 stored as opaque
  /// gets its type.
  mutating func take(_ name: String) -> Tensor? {
    guard let array = arrays.popFirst() else { return nil }
    // tf.keras keeps the moments of Normalization in the type it computes in.
    let isMoment = ["mean", "variance"].contains(name)
    let policy = options.policy()
    let type = isMoment && !version.isKeras3 ? policy.compute : policy.variable
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
    guard array.elementType.isFloatingPoint || name == "count" else {
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

  /// The next array, if it has the shape the config and the layer before demand; nil is any extent.
  mutating func take(_ name: String, _ shape: [Int?]) -> Tensor? {
    guard let tensor = take(name) else { return nil }
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
}

extension Diagnostic.Code {
  package static let tensorMissing = Self(rawValue: "tensor.missing")
  package static let tensorUnused = Self(rawValue: "tensor.unused")
  package static let tensorDtypeUnsupported = Self(rawValue: "tensor.dtype-unsupported")
  static let kerasBFloat16Assumed = Self(rawValue: "keras.bfloat16.assumed")
}
