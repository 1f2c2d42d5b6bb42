import RecurContainers
import RecurModel
import RecurTensors

extension Convolution: KerasLayer {
  static let classes = [
    KerasClass("Conv1D", generation1: generation1, arrays: arrays, input: input, read: read)
  ]

  private static let input = KerasClass.InputShape(
    axes: .exactly(3),
    size: { config, arrays in
      guard let kernel = arrays.first, kernel.count > 1 else { return nil }
      // Every group reads its own part of the channels.
      let (size, overflow) = kernel[kernel.count - 2].multipliedReportingOverflow(
        by: config.options["groups"]?.integer ?? 1)
      return overflow ? nil : size
    })

  private static let generation1 = KerasClass.Generation1(
    names: ["Convolution1D", "AtrousConvolution1D"],
    options: [
      "nb_filter": "filters", "filter_length": "kernel_size", "subsample_length": "strides",
      "atrous_rate": "dilation_rate",
    ])

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(["kernel"] + (options.bool("use_bias", default: true) ? ["bias"] : []))
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("data_format", "channels_last", nil)
    let filters = reader.options.size("filters")
    let size = reader.options.sizes("kernel_size")?[0]
    let stride = reader.options.sizes("strides", default: 1)?[0]
    let dilation = reader.options.sizes("dilation_rate", default: 1)?[0]
    let groups = reader.options.sizes("groups", default: 1)?[0]
    let word = reader.options.choice("padding", "valid", "same", "causal")
    let activation = reader.options.activation("activation", reader.version)
    let hasBias = reader.plan().has("bias")
    guard let filters, let size, let stride, let dilation, let groups,
      let padding = Padding(rawValue: word)
    else { return nil }
    let (name, channels) = (reader.config.name, reader.inputSize)
    guard filters % groups == 0, channels.map({ $0 % groups == 0 }) ?? true else {
      return reader.fail("the channels of '\(name)' can't be split into \(groups) groups")
    }
    let shape: [Int?] = [size, channels.map { $0 / groups }, filters]
    guard var kernel = reader.take("kernel", declared: shape) else { return nil }
    // Keras 1 kept a second axis of extent 1: [length, 1, in, out].
    if reader.version.isKeras1, kernel.rank == 4, kernel.shape[1] == 1 {
      kernel = kernel.select(axis: 1, 0)
    }
    guard kernel.rank == 3, zip(kernel.shape, shape).allSatisfy({ $1 == nil || $0 == $1 }) else {
      reader.findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error, "kernel of '\(name)' has the wrong shape",
          at: kernel.location,
          expected: "(\(size), \(channels.map { "\($0 / groups)" } ?? "input size"), \(filters))",
          found: tuple(kernel.shape)))
      return nil
    }
    let bias = hasBias ? reader.take("bias", [filters]) : nil
    guard bias != nil || !hasBias else { return nil }
    return .convolution(
      Convolution(
        kernel: kernel.transposed(), bias: bias, activation: activation, stride: stride,
        dilation: dilation, groups: groups, padding: padding))
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    // keras/src/layers/convolutional/base_conv.py, `BaseConv.__init__`.
    if stride > 1, dilation > 1 {
      writer.fail(
        "'\(writer.node.layerName)' has stride \(stride) and dilation \(dilation); Keras takes "
          + "only one of them above 1",
        hint: "write .pt or .safetensors, or a PyTorch module")
      return nil
    }
    guard let activation = writer.activation(activation) else { return nil }
    var options: [(name: String, value: JSONValue)] = [
      ("filters", .integer(outputSize)), ("kernel_size", [.integer(kernelSize)]),
      ("strides", [.integer(stride)]), ("padding", .string(padding.rawValue)),
      ("data_format", "channels_last"), ("dilation_rate", [.integer(dilation)]),
    ]
    // tf.keras has groups from 2.3 on.
    if groups != 1 || writer.target.isKeras3 { options.append(("groups", .integer(groups))) }
    options += [("activation", activation.value), ("use_bias", .bool(bias != nil))]
    return KerasLayerForm(
      className: "Conv1D", name: name, options: options,
      arrays: try writer.linear(kernel, bias, scale: activation.inputScale))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
