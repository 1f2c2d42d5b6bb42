import RecurContainers
import RecurModel
package import RecurTensors

/// Turns one layer's options and arrays into a canonical layer.
///
/// One function per class.
///
/// Problems are collected in `findings`, so that all of a file's layers are reported at once; a
/// layer that can't be made is nil.
struct KerasLayerReader {
  let version: KerasVersion
  /// The width of the layer's input, when the layers before it could be read.
  let inputSize: Int?
  private(set) var options: KerasOptions
  private let config: KerasArchitecture.LayerConfig
  private let arrays: [Tensor]
  private(set) var findings: [Diagnostic] = []
  private(set) var precision = ElementType.float32

  /// The classes that can be read; everything else is refused by its name.
  static let classes: Set<String> = identities.union([
    "InputLayer", "LSTM", "Masking", "Embedding", "Dense", "Activation", "NotEqual", "Any",
  ])

  /// Classes that do nothing at inference.
  static let identities: Set<String> = [
    "Dropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise", "AlphaDropout",
    "ActivityRegularization", "Identity",
  ]

  init(
    _ config: KerasArchitecture.LayerConfig, arrays: [Tensor], inputSize: Int?,
    version: KerasVersion
  ) {
    self.config = config
    self.arrays = arrays
    self.inputSize = inputSize
    self.version = version
    options = KerasOptions(
      config.options, className: config.className, layerName: config.name, at: config.location)
  }

  mutating func layer() -> Layer? {
    let layer = read()
    options.finish()
    findings += options.findings
    return findings.contains { $0.severity == .error } ? nil : layer
  }

  private mutating func read() -> Layer? {
    switch config.className {
    case "InputLayer": return input()
    case "LSTM": return lstm()
    case "Masking": return masking()
    case "Embedding": return embedding()
    case "Dense": return dense()
    case "Activation":
      setPrecision()
      return expect([]) == nil
        ? nil : .activation(options.activation("activation", version))
    case "NotEqual": return notEqual()
    case "Any": return anyTrue()
    case let name where Self.identities.contains(name):
      setPrecision()
      options.ignore("rate", "noise_shape", "stddev", "l1", "l2")
      return expect([]) == nil ? nil : .identity(className: name)
    default:
      findings.append(
        Diagnostic(
          .kerasLayerUnsupported, .error,
          "layer '\(config.name)' is of class '\(config.className)', which is not read yet",
          at: config.location,
          hint: suggestion(for: config.className, among: Array(Self.classes).sorted())
            .map { "did you mean '\($0)'?" },
          notes: ["classes that are read: \(Self.classes.sorted().joined(separator: ", "))"]))
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
    guard expect([]) != nil else { return nil }
    guard let extents = declared?.array else {
      return fail("the input '\(config.name)' declares no shape")
    }
    var shape: [Int?] = []
    for extent in extents {
      guard extent.isNull || extent.integer ?? -1 >= 0 else {
        return fail("the input '\(config.name)' has the shape \(declared?.text ?? "")")
      }
      shape.append(extent.integer)
    }
    let name = config.options["dtype"]?.string ?? "float32"
    guard let type = ElementType(rawValue: name) else {
      return fail("the input '\(config.name)' has \"dtype\": \"\(name)\"")
    }
    precision = type
    return .input(Input(shape: shape, elementType: type))
  }

  private mutating func lstm() -> Layer? {
    setPrecision()
    options.only("time_major", false)
    options.ignore("dropout", "recurrent_dropout")
    let units = options.size("units")
    let activation = options.activation("activation", version)
    let recurrent = options.activation("recurrent_activation", version)
    let hasBias = options.bool("use_bias", default: true)
    let returnsSequence = options.bool("return_sequences", default: false)
    let returnsState = options.bool("return_state", default: false)
    let goesBackwards = options.bool("go_backwards", default: false)
    let isStateful = options.bool("stateful", default: false)
    let zeroes = options.bool("zero_output_for_mask", default: false)
    guard let units else { return nil }
    guard let arrays = expect(["kernel", "recurrent_kernel"] + (hasBias ? ["bias"] : [])) else {
      return nil
    }
    let layout = KerasLayouts.lstm
    let sizes = RecurrentSizes(units: units, inputSize: inputSize, declaredBy: "the config")
    let roles: [RecurrentTensorRole] = [.kernel, .recurrentKernel, .bias]
    let wrong = zip(arrays, roles).compactMap {
      layout.finding($0, $1, layer: config.name, sizes: sizes)
    }
    findings += wrong
    guard wrong.isEmpty, let kernel = unpack(layout, arrays[0]),
      let recurrentKernel = unpack(layout, arrays[1])
    else { return nil }
    let bias = hasBias ? unpack(layout, arrays[2]) : nil
    return .lstm(
      LSTM(
        inputSize: arrays[0].shape[0], units: units,
        weights: RecurrentWeights(
          kernel: kernel, recurrentKernel: recurrentKernel,
          bias: bias.map { .single($0) } ?? .none),
        activation: activation, recurrentActivation: recurrent, returnsSequence: returnsSequence,
        returnsState: returnsState, direction: goesBackwards ? .backward : .forward,
        isStateful: isStateful, keptStateWins: !version.isKeras3,
        maskedOutput: zeroes ? .zero : .previous))
  }

  private mutating func unpack(
    _ layout: RecurrentLayout<LSTMGate>, _ tensor: Tensor
  ) -> GateMap<LSTMGate, Tensor>? {
    do throws(CheckpointError) {
      return try layout.unpack(tensor)
    } catch {
      findings.append(error.diagnostic)
      return nil
    }
  }

  private mutating func dense() -> Layer? {
    setPrecision()
    options.only("quantization_config", nil)
    options.only("lora_rank", nil)
    options.only("lora_alpha", nil)
    let units = options.size("units")
    let activation = options.activation("activation", version)
    let hasBias = options.bool("use_bias", default: true)
    guard let units, let arrays = expect(["kernel"] + (hasBias ? ["bias"] : [])) else { return nil }
    check(arrays[0], "kernel", [inputSize, units])
    if hasBias { check(arrays[1], "bias", [units]) }
    return .dense(
      Dense(
        kernel: arrays[0].transposed(), bias: hasBias ? arrays[1] : nil, activation: activation))
  }

  private mutating func embedding() -> Layer? {
    setPrecision()
    options.only("quantization_config", nil)
    options.only("lora_rank", nil)
    options.only("lora_alpha", nil)
    options.only("sparse", false)
    options.ignore("input_length")
    let tokens = options.size("input_dim")
    let width = options.size("output_dim")
    let masksZero = options.bool("mask_zero", default: false)
    guard let tokens, let width, let arrays = expect(["embeddings"]) else { return nil }
    check(arrays[0], "embeddings", [tokens, width])
    return .embedding(Embedding(table: arrays[0], masksZero: masksZero))
  }

  private mutating func masking() -> Layer? {
    setPrecision()
    let value = options.number("mask_value", default: 0)
    return expect([]) == nil ? nil : .masking(value: compared(value))
  }

  private mutating func notEqual() -> Layer? {
    guard expect([]) != nil else { return nil }
    guard let value = config.calls.first?.operand?.double else {
      return fail("operation '\(config.name)' compares with no number")
    }
    return .notEqual(value: compared(value))
  }

  /// A plain number as it is compared: Keras 3 makes it a float32 whatever the layer's type, Keras 2
  /// rounds it to that type (keras/src/backend/tensorflow/numpy.py, `not_equal`; reproduced with
  /// 3.15 and 2.21 in float64 and float16).
  private func compared(_ value: Double) -> Double {
    version.isKeras3 ? ElementType.float32.rounded(value) : precision.rounded(value)
  }

  private mutating func anyTrue() -> Layer? {
    let keeps = options.bool("keepdims", default: false)
    let axis = config.options["axis"]?.integer
    options.ignore("axis")
    guard expect([]) != nil else { return nil }
    guard let axis else { return fail("operation '\(config.name)' has no single axis") }
    return .anyTrue(axis: axis, keepsAxis: keeps)
  }

  // MARK: checks

  private mutating func setPrecision() { precision = options.policy().compute }

  private mutating func fail(_ message: String) -> Layer? {
    findings.append(Diagnostic(.kerasConfigInvalid, .error, message, at: config.location))
    return nil
  }

  /// The layer's arrays, if they are as many as `names`; bfloat16 stored as opaque gets its type.
  private mutating func expect(_ names: [String]) -> [Tensor]? {
    guard arrays.count == names.count else {
      findings.append(
        Diagnostic(
          arrays.count < names.count ? .tensorMissing : .tensorUnused, .error,
          "layer '\(config.name)' of class '\(config.className)' has \(arrays.count) arrays in the "
            + "file and needs \(names.count)", at: config.location,
          expected: names.isEmpty ? "no arrays" : names.joined(separator: ", "),
          found: arrays.isEmpty
            ? "no arrays" : arrays.map { tuple($0.shape) }.joined(separator: ", "),
          hint: "the config and the weights belong to different models, or to different options "
            + "(use_bias)"))
      return nil
    }
    // Layers without arrays need no policy; that of an input is a plain element type.
    guard !names.isEmpty else { return [] }
    let variable = options.policy().variable
    var typed: [Tensor] = []
    for (name, array) in zip(names, arrays) {
      if variable == .bfloat16, array.elementType == .uint16 {
        typed.append(array.reinterpreted(as: .bfloat16))
        if typed.count == 1 {
          findings.append(
            Diagnostic(
              .kerasBFloat16Assumed, .note,
              "the arrays of '\(config.name)' are opaque; its dtype says they are bfloat16",
              at: array.location))
        }
        continue
      }
      guard array.elementType.isFloatingPoint else {
        findings.append(
          Diagnostic(
            .tensorDtypeUnsupported, .error,
            "\(name) of '\(config.name)' holds \(array.elementType), not floating-point numbers",
            at: array.location))
        return nil
      }
      typed.append(array)
    }
    return typed
  }

  private mutating func check(_ tensor: Tensor, _ role: String, _ shape: [Int?]) {
    let fits =
      tensor.rank == shape.count
      && zip(tensor.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
    guard !fits else { return }
    let expected = shape.map { $0.map(String.init) ?? "input size" }.joined(separator: ", ")
    findings.append(
      Diagnostic(
        .tensorShapeMismatch, .error,
        "\(role) of '\(config.name)' has shape \(tuple(tensor.shape)); the config and the layer "
          + "before it declare (\(expected))", at: tensor.location, expected: "(\(expected))",
        found: tuple(tensor.shape)))
  }
}

extension Diagnostic.Code {
  package static let tensorMissing = Self(rawValue: "tensor.missing")
  package static let tensorUnused = Self(rawValue: "tensor.unused")
  package static let tensorDtypeUnsupported = Self(rawValue: "tensor.dtype-unsupported")
  static let kerasBFloat16Assumed = Self(rawValue: "keras.bfloat16.assumed")
}
