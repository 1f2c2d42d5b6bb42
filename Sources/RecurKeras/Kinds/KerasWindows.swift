import RecurContainers
import RecurModel
import RecurTensors

/// The windows of a layer as Keras' options say them.
struct KerasWindows {
  var sizes: [Int]
  var strides: [Int]
  var dilations: [Int]
  var padding: Padding

  /// The windows along each axis.
  var windows: [Window] {
    sizes.indices.map {
      Window(size: sizes[$0], stride: strides[$0], dilation: dilations[$0], padding: padding)
    }
  }
}

extension Padding {
  /// Keras' word; nil for numbers of positions, which Keras has no word for.
  var kerasWord: String? {
    switch self {
    case .valid, .explicit(before: 0, after: 0): "valid"
    case .same: "same"
    case .causal: "causal"
    case .explicit: nil
    }
  }

  /// What Keras' word means.
  init?(kerasWord: String) {
    guard let padding = [Padding.valid, .same, .causal].first(where: { $0.kerasWord == kerasWord })
    else { return nil }
    self = padding
  }
}

extension [Window] {
  /// Whether backends of Keras take different positions (reproduced with 3.15): TensorFlow begins
  /// inside the input where the padding of `same` over three axes would be negative.
  var dependOnBackend: Bool {
    count == 3 && contains { $0.padding == .same && $0.stride >= $0.span + 2 }
  }
}

extension KerasLayerReader {
  /// Reads `data_format`: the words of today, or those of Keras 1.
  ///
  /// Layers compute with channels last; where a file has them first, the axes are exchanged around
  /// the layer.
  ///
  /// - Parameters:
  ///   - axis: the axis of the channels where they are first.
  ///   - outputs: the axis of the channels in each output, where they are first.
  mutating func readDataFormat(axis: Int = 1, outputs: [Int?] = [1]) {
    switch options.choice("data_format", "channels_last", "channels_first", "tf", "th") {
    case "channels_first", "th": featureAxis = FeatureAxis(axis: axis, outputs: outputs)
    default: break
    }
  }

  /// Reads the windows over `axes` axes; nil when an option is missing or refused.
  mutating func readWindows(
    _ axes: Int, sizes name: String, default size: Int? = nil, words: [String] = ["valid", "same"]
  ) -> KerasWindows? {
    let sizes = options.sizes(name, count: axes, default: size)
    // Pooling windows lie side by side unless strides say otherwise.
    let hasStrides = !(config.options["strides"]?.isNull ?? true)
    let strides =
      size != nil && !hasStrides
      ? {
        options.ignore("strides"); return sizes
      }()
      : options.sizes("strides", count: axes, default: 1)
    let dilations = options.sizes("dilation_rate", count: axes, default: 1)
    let word = options.choice("padding", words)
    guard let sizes, let strides, let dilations, let padding = Padding(kerasWord: word) else {
      return nil
    }
    let windows = KerasWindows(
      sizes: sizes, strides: strides, dilations: dilations, padding: padding)
    if windows.windows.dependOnBackend {
      options.refuse(
        "strides",
        because:
          "over three axes with padding same, TensorFlow takes other positions than the other "
          + "backends of Keras where a stride exceeds its window by 2 and more")
    }
    return windows
  }

  /// The extents of the axes between batch and channels; nil after an error, when the input has not `count` of
  /// them.
  mutating func windowedExtents(_ count: Int) -> ArraySlice<Dimension>? {
    guard let shape = inputShapes.first, shape.count == count + 2 else {
      _ = fail(
        "'\(config.name)' needs [batch, \(counted(count, "axis")), channels]")
      return nil
    }
    return featureAxis == nil ? shape[1...count] : shape[2...(count + 1)]
  }

  /// Reads the windows of a convolution over `axes` axes; Keras 1 has an option for each size.
  mutating func readConvolutionWindows(_ axes: Int) -> KerasWindows? {
    let words = axes == 1 ? ["valid", "same", "causal"] : ["valid", "same"]
    guard version.isKeras1, let sizes = options.sizesOfGeneration1(axes) else {
      return readWindows(axes, sizes: "kernel_size", words: words)
    }
    guard var windows = readWindows(axes, sizes: "kernel_size", default: 1, words: words) else {
      return nil
    }
    windows.sizes = sizes
    return windows
  }

  /// The next array if it is a kernel of this shape; nil is any extent.
  mutating func takeKernel(_ name: String, _ shape: [Int?]) -> Tensor? {
    guard var kernel = take(name, declared: shape) else { return nil }
    // Keras 1 kept a second axis of extent 1 in kernels over one axis: [length, 1, in, out].
    if version.isKeras1, kernel.rank == 4, shape.count == 3, kernel.shape[1] == 1 {
      kernel = kernel.select(axis: 1, 0)
    }
    guard kernel.rank == shape.count,
      zip(kernel.shape, shape).allSatisfy({ $1 == nil || $0 == $1 }), !kernel.shape.contains(0)
    else {
      let expected = shape.map { $0.map(String.init) ?? "input size" }.joined(separator: ", ")
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error, "\(name) of '\(config.name)' has the wrong shape",
          at: kernel.location, expected: "(\(expected))", found: tuple(kernel.shape)))
      return nil
    }
    return kernel
  }

  /// Refuses kernels that a file of Keras 1 stores in the order of Theano.
  ///
  /// Theano turned kernels round, TensorFlow did not, and the file doesn't say which one computed.
  mutating func refuseTheanoKernel() {
    guard version.isKeras1, config.options["data_format"]?.string == "th" else { return }
    options.refuse(
      "data_format",
      because: "kernels in Theano's order mean another convolution under Theano than under "
        + "TensorFlow, and the file does not say which of them computed")
  }
}

extension KerasOptions {
  /// The sizes of a window in the words of Keras 1, which has an option for each axis; nil when
  /// there are none.
  fileprivate mutating func sizesOfGeneration1(_ axes: Int) -> [Int]? {
    let names =
      axes == 2
      ? ["nb_row", "nb_col"] : axes == 3 ? ["kernel_dim1", "kernel_dim2", "kernel_dim3"] : []
    guard let first = names.first, isGiven(first) else { return nil }
    let sizes = names.compactMap { size($0) }
    return sizes.count == axes ? sizes : nil
  }
}

extension KerasLayerWriter {
  /// The windows as options; nil when Keras has no such layer, which was reported.
  mutating func windowOptions(
    _ windows: [Window], size: String, hasDilation: Bool
  ) -> [(name: String, value: JSONValue)]? {
    let paddings = Set(windows.map(\.padding))
    let words = Set(windows.map(\.padding.kerasWord))
    guard words.count == 1, let word = words.first ?? nil, (1...3).contains(windows.count) else {
      fail(
        "'\(node.layerName)' pads its axes by given numbers of positions, for which "
          + "\(target.reader) has no layer", found: paddings.map { "\($0)" }.sorted().first,
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    if windows.dependOnBackend {
      fail(
        "'\(node.layerName)' has windows over three axes whose strides exceed them by 2 and more: "
          + "backends of Keras take different positions then",
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    let dilations = windows.map(\.dilation)
    // keras/src/layers/convolutional/base_conv.py, `BaseConv.__init__`.
    if dilations.contains(where: { $0 > 1 }),
      !hasDilation || windows.contains(where: { $0.stride > 1 })
    {
      fail(
        "'\(node.layerName)' has strides \(tuple(windows.map(\.stride))) and dilations "
          + "\(tuple(dilations)); Keras takes "
          + (hasDilation ? "only one of them above 1" : "no dilations here"),
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    func list(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    return [
      (size, list(windows.map(\.size))), ("strides", list(windows.map(\.stride))),
      ("padding", .string(word)), ("data_format", "channels_last"),
    ] + (hasDilation ? [("dilation_rate", list(dilations))] : [])
  }
}
