import RecurContainers
import RecurModel
import RecurTensors

// nn.Conv1d, nn.Conv2d and nn.Conv3d (torch/nn/modules/conv.py, 2.13).
extension Convolution: PyTorchLayer {
  /// The names of its parameters.
  private enum Key {
    static let kernel = "weight"
    static let bias = "bias"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&kernel, keys.key(Key.kernel))
    try visitor.visit(&bias, keys.key(Key.bias))
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    let pads = paddings.compactMap(\.leftToCode)
    let isPlain = (strides + dilations + [groups]).allSatisfy { $0 == 1 }
    return ["convolution \(name) has its channels last"]
      + (pads.isEmpty
        ? [] : ["convolution \(name) pads its input (\(pads.joined(separator: "; ")))"])
      + (isPlain
        ? []
        : [
          "convolution \(name) has stride \(pythonSizes(strides)), dilation "
            + "\(pythonSizes(dilations)) and \(groups) groups"
        ]) + activation.leftToCode(by: "convolution \(name)")
  }

  // MARK: generated code

  static let helpers = [Window].helpers

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    func option(_ name: String, _ values: [Int]) -> String? {
      values.allSatisfy { $0 == 1 } ? nil : "\(name)=\(pythonSizes(values))"
    }
    return construction.call(
      "nn.Conv\(strides.count)d",
      [
        "\(inputSize)", "\(outputSize)", pythonSizes(kernelSizes), option("stride", strides),
        option("dilation", dilations), option("groups", [groups]), construction.bias(bias != nil),
      ])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(expression(call.x, module: call.module))
  }

  /// The value of the layer.
  func expression(_ x: String, module: String) -> String {
    let padded = windows.paddingAmount(x).map { "F.pad(\(x), \($0))" } ?? x
    let y = channelsBehindBatch(padded, axes: strides.count) { "\(module)(\($0))" }
    return PyTorchActivations.call(activation, y)
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    activation == .linear ? [] : [activation]
  }

  // MARK: declared modules

  static let classes = (1...3).map { axes in
    PyTorchClass(
      "nn.Conv\(axes)d", parameters: [Key.kernel, Key.bias],
      words: [
        "stride": ones(axes), "padding": zeros(axes), "dilation": ones(axes), "groups": 1,
        "padding_mode": "zeros",
      ],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0, hasChannelsSecond: axes == 1) },
      recognize: { names in
        guard let kernel = names.weight(Key.kernel, bias: Key.bias, rank: axes + 2) else {
          return nil
        }
        names.doubts.append(
          "'\(names.key)' is taken for nn.Conv\(axes)d with stride 1, no padding and one group")
        let sizes = kernel.shape.dropFirst(2).map { JSONValue.integer($0) }
        return [
          ("in_channels", .integer(kernel.shape[1])), ("out_channels", .integer(kernel.shape[0])),
          ("kernel_size", axes == 1 ? sizes[0] : .array(sizes)),
        ] + (kernel.shape.dropFirst(2).allSatisfy { $0 == 1 } ? [] : [("padding", .null)])
          + names.switchedOff("bias", unless: Key.bias)
      },
      read: { reader, model, _ in read(&reader, &model, axes: axes) })
  }

  private static func ones(_ axes: Int) -> JSONValue {
    .array([JSONValue](repeating: 1, count: axes))
  }
  private static func zeros(_ axes: Int) -> JSONValue {
    .array([JSONValue](repeating: 0, count: axes))
  }

  private static func read(
    _ reader: inout PyTorchModuleReader, _ model: inout PyTorchModelReader, axes: Int
  ) -> PyTorchModuleReader.Module? {
    let activation = reader.channelActivation()
    let strides = reader.options.sizes("stride", axes) ?? [Int](repeating: 1, count: axes)
    let dilations = reader.options.sizes("dilation", axes) ?? [Int](repeating: 1, count: axes)
    let groups = reader.options.size("groups") ?? 1
    guard let kernel = reader.tensor(Key.kernel, rank: axes + 2, &model) else { return nil }
    guard (strides + dilations + [groups]).allSatisfy({ $0 > 0 }), kernel.shape[0] % groups == 0
    else {
      model.report(
        .pytorchDeclarationInvalid,
        "\(reader.options.layer.type) '\(reader.name)' can't have stride \(pythonSizes(strides)), "
          + "dilation \(pythonSizes(dilations)) and \(groups) groups", at: kernel.location)
      return nil
    }
    reader.check("in_channels", kernel.shape[1] * groups, kernel)
    reader.check("out_channels", kernel.shape[0], kernel)
    reader.check("kernel_size", Array(kernel.shape.dropFirst(2)), kernel)
    reader.check("bias", model.has(reader.key(Key.bias)), kernel, default: true)
    let (padding, pads, mode) = paddings(
      &reader.options, strides: strides,
      spans: zip(kernel.shape.dropFirst(2), dilations).map { ($0 - 1) * $1 })
    reader.setInput([nil, kernel.shape[1] * groups] + [Int?](repeating: nil, count: axes))
    return .layer(
      .convolution(
        Convolution(
          kernel: kernel, bias: model.optional(reader.key(Key.bias)), activation: activation,
          strides: strides, dilations: dilations,
          paddings: [Padding](repeating: padding, count: axes), groups: groups)),
      mode.map { .channelsSecondRepeated(pads: $0, mode: $1) } ?? .channelsSecond(pads: pads))
  }

  /// The kind of padding, the number of zeros before and after each axis, and for other modes than
  /// zeros the numbers that torch.nn.functional.pad takes.
  private static func paddings(
    _ options: inout PyTorchOptions, strides: [Int], spans: [Int]
  ) -> (Padding, [Int], (pads: [Int], mode: String)?) {
    var (padding, pads) = (Padding.valid, strides.map { _ in 0 })
    if let word = options.value("padding")?.string {
      if word == "same", strides.allSatisfy({ $0 == 1 }) {
        padding = .same
      } else if word != "valid" {
        options.refuse("padding", "only \"valid\", \"same\" with stride 1, and numbers are")
      }
    } else {
      pads = options.amounts("padding", strides.count)
    }
    let mode = options.word("padding_mode", ["zeros", "reflect", "replicate", "circular"])
    if mode != "zeros", pads.contains(where: { $0 > 0 }) || padding == .same {
      let both = zip(pads, spans).reversed().flatMap { pad, span in
        padding == .same ? [span / 2, span - span / 2] : [pad, pad]
      }
      return (.valid, strides.map { _ in 0 }, (both, mode))
    }
    return (padding, pads, nil)
  }
}
