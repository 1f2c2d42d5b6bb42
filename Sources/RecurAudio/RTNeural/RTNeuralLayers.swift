import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Reads the layers of a model of RTNeural one behind the other (RTNeural/model_loader.h, 1fb1f07).
///
/// Frames have one axis of channels, or the axes features and filters between two-dimensional
/// convolutions; elsewhere both are one axis.
struct RTNeuralLayers {
  private(set) var graph: AudioGraph
  /// The extents of a frame: channels, or features and filters.
  private var shape: [Int]
  /// Whether the last value has the extents of `shape` as axes of their own.
  private var isSpread = false
  /// Whether any layer looks at several timesteps at once.
  private(set) var hasWindows = false

  /// Begins behind `graph`, whose frames have `shape`.
  init(_ graph: AudioGraph, shape: [Int]) {
    self.graph = graph
    self.shape = shape
  }

  /// The number of channels of the last layer.
  var outputSize: Int { shape.reduce(1, *) }

  /// The extents of a frame in a shape `[null, channels]`, `[null, null, channels]` or
  /// `[null, null, features, filters]`.
  ///
  /// - Throws: `audio.file-invalid`.
  static func shape(_ value: JSONValue?, _ name: String) throws(CheckpointError) -> [Int] {
    let all = value?.array ?? []
    let extents = all.dropFirst(all.count == 2 ? 1 : 2).compactMap(\.integer)
    let isWhole =
      (2...4).contains(all.count) && extents.count == max(all.count - 2, 1)
      && extents.allSatisfy { (1...1 << 16).contains($0) }
    guard isWhole else {
      throw CheckpointError(
        .audioFileInvalid, "'\(name)' is no shape of frames", at: .init(object: name),
        expected: "[null, channels], [null, null, channels] or [null, null, features, filters]",
        found: value.map { String($0.text.prefix(60)) })
    }
    return Array(extents)
  }

  /// The name of a layer: its type, and its position.
  static func name(of layer: JSONValue, _ index: Int) -> String {
    let type = layer["type"]?.string.map { String($0.prefix(40)) } ?? "layer"
    return "\(type.isEmpty ? "layer" : type)_\(index)"
  }

  // MARK: one layer

  /// A layer of the file: its members, and its arrays of weights.
  private struct Entry {
    let name: String
    let type: String
    var object: AudioObject
    let weights: [Tensor]

    init(_ value: JSONValue, _ index: Int) throws(CheckpointError) {
      name = RTNeuralLayers.name(of: value, index)
      object = AudioObject(value, "'\(name)'")
      guard let type = object.value("type")?.string else {
        throw object.invalid("has no type", "type", expected: "'type', a text", found: nil)
      }
      self.type = type
      guard let arrays = object.value("weights")?.array else {
        throw object.invalid("has no weights", "weights", expected: "'weights', a list", found: nil)
      }
      var weights: [Tensor] = []
      for (position, array) in arrays.enumerated() {
        weights.append(try JSONNumbers.tensor(array, "\(name).\(position)"))
      }
      self.weights = weights
    }

    /// The arrays, if their number is one of `counts`.
    func arrays(_ counts: ClosedRange<Int>, _ what: String) throws(CheckpointError) -> [Tensor] {
      guard counts.contains(weights.count) else {
        throw CheckpointError(
          .audioFileInvalid, "'\(name)' has \(weights.count) arrays of weights",
          at: .init(object: name),
          expected: what, found: weights.map { shapeText($0.shape) }.joined(separator: ", "))
      }
      return weights
    }
  }

  /// Adds the layer at a position of the file.
  ///
  /// - Throws: `audio.unsupported`, `audio.file-invalid`, `audio.weights-invalid`,
  ///   `tensor.shape-mismatch`.
  mutating func append(_ value: JSONValue, _ index: Int) throws(CheckpointError) {
    var entry = try Entry(value, index)
    let activation = try Self.activation(&entry)
    let outputs = try Self.shape(entry.object.value("shape"), "\(entry.name).shape")
    switch entry.type {
    case "dense", "time-distributed-dense": try appendDense(entry)
    case "lstm": try appendLSTM(entry, activation)
    case "gru": try appendGRU(entry, activation)
    case "conv1d": try appendConvolution(&entry)
    case "conv2d": try appendPlaneConvolution(&entry)
    case "prelu":
      let alpha = try entry.arrays(1...1, "one")[0]
      // One alpha is that of all channels.
      _ = try alpha.demanding([1, alpha.shape.last == 1 ? 1 : outputSize], "\(entry.name).0")
      flatten()
      graph.append(.parametricReLU(ParametricReLU(alpha: alpha)), named: entry.name)
    case "batchnorm": try appendNormalization(&entry, width: outputSize)
    case "batchnorm2d":
      let width = shape.last ?? 1
      _ = try planes(&entry)
      try appendNormalization(&entry, width: width)
    case "activation": _ = try entry.arrays(0...0, "none")
    default: throw unsupported(entry)
    }
    if !["lstm", "gru"].contains(entry.type), activation != .linear {
      // Softmax is over all channels of a frame.
      if activation == .softmax { flatten() }
      graph.append(.activation(activation), named: "\(entry.name)_activation")
    }
    try entry.object.checkKnown()
    guard outputs.reduce(1, *) == outputSize else {
      throw CheckpointError(
        .audioFileInvalid, "'\(entry.name)' says another number of outputs than its weights have",
        at: .init(object: entry.name), expected: "\(outputSize)",
        found: outputs.map(String.init).joined(separator: " · "))
    }
    if outputs.count == 1, !isSpread { shape = outputs }
  }

  private func unsupported(_ entry: Entry) -> CheckpointError {
    CheckpointError(
      .audioUnsupported, "'\(entry.name)' has the type '\(entry.type)', which no engine computes",
      at: .init(object: entry.name),
      reason: "the exporter writes 'unknown' for layers it does not know, such as Bidirectional, "
        + "SimpleRNN and Dropout, and the engine passes over them in silence",
      hint: "convert the model that was exported")
  }

  private static func activation(_ entry: inout Entry) throws(CheckpointError) -> Activation {
    guard let value = entry.object.value("activation") else { return .linear }
    switch value.string {
    case "", "linear": return .linear
    case "tanh": return .tanh
    case "relu": return .relu
    case "sigmoid": return .sigmoid
    case "softmax": return .softmax
    case "elu": return .elu(alpha: 1)
    default:
      throw CheckpointError(
        .audioUnsupported, "'\(entry.name)' has the activation \(value.text), which is not known",
        at: .init(object: entry.name), expected: "tanh, relu, sigmoid, softmax, elu or none",
        found: value.text)
    }
  }

  /// Makes features and filters one axis.
  private mutating func flatten() {
    guard isSpread else { return }
    graph.append(.reshaping(.reshape([nil, outputSize])), named: "flat")
    isSpread = false
  }

  // MARK: products

  private mutating func appendDense(_ entry: Entry) throws(CheckpointError) {
    let arrays = try entry.arrays(1...2, "a kernel, and a bias or none")
    let kernel = try arrays[0].demanding([outputSize, nil], "\(entry.name).0")
    var bias: Tensor?
    if arrays.count == 2 { bias = try arrays[1].demanding([kernel.shape[1]], "\(entry.name).1") }
    flatten()
    graph.append(
      .dense(Dense(kernel: kernel.transposed(), bias: bias, activation: .linear)),
      named: entry.name)
    shape = [kernel.shape[1]]
  }

  private mutating func appendConvolution(_ entry: inout Entry) throws(CheckpointError) {
    let arrays = try entry.arrays(2...2, "a kernel and a bias")
    let groups = try entry.object.integer("groups", 1)
    guard outputSize % groups == 0 else {
      throw entry.object.invalid(
        "has \(groups) groups for \(outputSize) channels", "groups",
        expected: "a divisor of \(outputSize)", found: "\(groups)")
    }
    let size = try entry.object.integer("kernel_size")
    let kernel = try arrays[0].demanding([size, outputSize / groups, nil], "\(entry.name).0")
    let count = kernel.shape[2]
    guard count % groups == 0 else {
      throw entry.object.invalid(
        "has \(groups) groups for \(count) outputs", "groups", expected: "a divisor of \(count)",
        found: "\(groups)")
    }
    let bias = try arrays[1].demanding([count], "\(entry.name).1")
    let dilation = try entry.object.integer("dilation")
    flatten()
    graph.append(
      .convolution(
        Convolution(
          kernel: kernel.permuted([2, 1, 0]), bias: bias, activation: .linear, stride: 1,
          dilation: dilation, groups: groups, padding: .causal)), named: entry.name)
    shape = [count]
    hasWindows = true
  }

  /// Reads the sizes of a layer over features and filters, and gives both an axis.
  private mutating func planes(_ entry: inout Entry) throws(CheckpointError) -> (
    features: Int, filters: Int
  ) {
    let features = try entry.object.integer("num_features_in")
    let filters = try entry.object.integer("num_filters_in")
    guard features * filters == outputSize else {
      throw entry.object.invalid(
        "has \(features) features of \(filters) filters", "num_features_in",
        expected: "\(outputSize) together", found: "\(features) · \(filters)")
    }
    if !isSpread || shape != [features, filters] {
      graph.append(.reshaping(.reshape([nil, features, filters])), named: "planes")
    }
    isSpread = true
    shape = [features, filters]
    return (features, filters)
  }

  private mutating func appendPlaneConvolution(_ entry: inout Entry) throws(CheckpointError) {
    let arrays = try entry.arrays(2...2, "a kernel and a bias")
    let (features, filters) = try planes(&entry)
    let time = try entry.object.integer("kernel_size_time")
    let size = try entry.object.integer("kernel_size_feature")
    let count = try entry.object.integer("num_filters_out")
    let (dilation, stride) = (
      try entry.object.integer("dilation"), try entry.object.integer("strides")
    )
    let padding: Padding
    switch entry.object.value("padding")?.string {
    case "valid": padding = .valid
    case "same": padding = .same
    case let other:
      throw entry.object.invalid(
        "has a padding that is not known", "padding", expected: "valid or same", found: other)
    }
    let kernel = try arrays[0].demanding([time, size, filters, count], "\(entry.name).0")
    let bias = try arrays[1].demanding([count], "\(entry.name).1")
    let windows = padding.windows(timesteps: features, span: size, stride: stride).count
    guard windows > 0 else {
      throw entry.object.invalid(
        "has a window of \(size) features", "kernel_size_feature", expected: "at most \(features)",
        found: "\(size)")
    }
    graph.append(
      .convolution(
        Convolution(
          kernel: kernel.permuted([3, 2, 0, 1]), bias: bias, activation: .linear,
          strides: [1, stride], dilations: [dilation, 1], paddings: [.causal, padding], groups: 1)),
      named: entry.name)
    shape = [windows, count]
    hasWindows = true
  }

  private mutating func appendNormalization(
    _ entry: inout Entry, width: Int
  ) throws(CheckpointError) {
    let arrays = try entry.arrays(2...4, "gamma, beta, mean and variance, or mean and variance")
    guard arrays.count != 3 else {
      throw CheckpointError(
        .audioFileInvalid, "'\(entry.name)' has 3 arrays of weights", at: .init(object: entry.name),
        expected: "gamma, beta, mean and variance, or mean and variance")
    }
    var checked: [Tensor] = []
    for (position, array) in arrays.enumerated() {
      checked.append(try array.demanding([width], "\(entry.name).\(position)"))
    }
    guard entry.object.value("epsilon") != nil else {
      throw entry.object.invalid("has no epsilon", "epsilon", expected: "a number", found: nil)
    }
    let epsilon = try entry.object.number("epsilon", 0)
    if entry.type == "batchnorm" { flatten() }
    let moments = Array(checked.suffix(2))
    graph.append(
      .batchNormalization(
        BatchNormalization(
          gamma: checked.count == 4 ? checked[0] : nil, beta: checked.count == 4 ? checked[1] : nil,
          movingMean: moments[0], movingVariance: moments[1], epsilon: epsilon)),
      named: entry.name)
  }

  // MARK: cells

  /// The engine always computes tanh and sigmoid, whatever the file says.
  private func checkCell(_ entry: Entry, _ activation: Activation) throws(CheckpointError) {
    guard [.linear, .tanh].contains(activation) else {
      throw CheckpointError(
        .audioUnsupported,
        "'\(entry.name)' was trained with another activation than tanh: \(activation)",
        at: .init(object: entry.name), expected: "tanh", found: "\(activation)",
        reason:
          "the engine ignores the activation of a cell and computes tanh, so it is another model "
          + "than the one that was exported", hint: "convert the model that was exported")
    }
  }

  private mutating func appendLSTM(
    _ entry: Entry, _ activation: Activation
  ) throws(CheckpointError) {
    try checkCell(entry, activation)
    let arrays = try entry.arrays(3...3, "a kernel, a recurrent kernel and a bias")
    let units = (arrays[1].shape.first ?? 0)
    let reason =
      "an LSTM has four gates side by side: [inputs, 4·units], [units, 4·units], [4·units]"
    let kernel = try arrays[0].demanding(
      [outputSize, 4 * units], "\(entry.name).0", because: reason)
    let own = try arrays[1].demanding([units, 4 * units], "\(entry.name).1", because: reason)
    let bias = try arrays[2].demanding([4 * units], "\(entry.name).2", because: reason)
    let layout = AudioLayouts.rtNeuralLSTM
    let cell = LSTM(
      inputSize: outputSize, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(own),
        bias: .single(try layout.unpack(bias))),
      activation: .tanh, recurrentActivation: .sigmoid)
    flatten()
    graph.append(.lstm(cell), named: entry.name)
    shape = [units]
  }

  private mutating func appendGRU(
    _ entry: Entry, _ activation: Activation
  ) throws(CheckpointError) {
    try checkCell(entry, activation)
    let arrays = try entry.arrays(3...3, "a kernel, a recurrent kernel and two biases")
    let units = (arrays[1].shape.first ?? 0)
    let reason =
      "a GRU has three gates side by side and two biases, as Keras' reset_after=True has them; "
      + "the engine computes no GRU with one bias"
    let kernel = try arrays[0].demanding(
      [outputSize, 3 * units], "\(entry.name).0", because: reason)
    let own = try arrays[1].demanding([units, 3 * units], "\(entry.name).1", because: reason)
    let biases = try arrays[2].demanding([2, 3 * units], "\(entry.name).2", because: reason)
    let layout = AudioLayouts.rtNeuralGRU
    let cell = GRU(
      inputSize: outputSize, units: units,
      weights: RecurrentWeights(
        kernel: try layout.unpack(kernel), recurrentKernel: try layout.unpack(own),
        bias: .split(
          input: try layout.unpack(biases.select(axis: 0, 0)),
          recurrent: try layout.unpack(biases.select(axis: 0, 1)))),
      activation: .tanh, recurrentActivation: .sigmoid, resetPlacement: .afterProduct)
    flatten()
    graph.append(.gru(cell), named: entry.name)
    shape = [units]
  }
}
