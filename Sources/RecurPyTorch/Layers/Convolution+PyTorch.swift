import RecurContainers
import RecurModel
import RecurTensors

// nn.Conv1d (torch/nn/modules/conv.py, 2.13).
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
    ["convolution \(name) has its channels last"]
      + (padding == .valid ? [] : ["convolution \(name) pads its input (\(padding.rawValue))"])
      + (stride * dilation * groups == 1
        ? []
        : [
          "convolution \(name) has stride \(stride), dilation \(dilation) and \(groups) groups"
        ]) + activation.leftToCode(by: "convolution \(name)")
  }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    let options = [("stride", stride), ("dilation", dilation), ("groups", groups)]
      .map { $0.1 == 1 ? nil : "\($0.0)=\($0.1)" }
    return construction.call(
      "nn.Conv1d",
      ["\(inputSize)", "\(outputSize)", "\(kernelSize)"] + options
        + [construction.bias(bias != nil)])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    let amount = padding.amount(call.x, span: span, stride: stride)
    let padded = amount.map { "F.pad(\(call.x), \($0))" } ?? call.x
    let y = "\(call.module)(\(padded).transpose(1, 2)).transpose(1, 2)"
    return call.assigning(PyTorchActivations.call(activation, y))
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    activation == .linear ? [] : [activation]
  }

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.Conv1d", parameters: [Key.kernel, Key.bias],
      words: [
        "stride": [1], "padding": [0], "dilation": [1], "groups": 1, "padding_mode": "zeros",
      ],
      outline: { _ in PyTorchOutline(rank: 3, batchAxis: 0) },
      recognize: { names in
        guard let kernel = names.weight(Key.kernel, bias: Key.bias, rank: 3) else { return nil }
        names.doubts.append(
          "'\(names.key)' is taken for nn.Conv1d with stride 1, no padding and one group")
        return [
          ("in_channels", .integer(kernel.shape[1])), ("out_channels", .integer(kernel.shape[0])),
          ("kernel_size", .integer(kernel.shape[2])),
        ] + names.switchedOff("bias", unless: Key.bias)
      },
      read: { reader, model, _ in
        let activation = reader.activationWord()
        if [.softmax, .logSoftmax, .glu].contains(activation) {
          reader.options.refuse(
            "activation", "which axis it works along is not said; declare the module")
        }
        let stride = reader.options.size("stride") ?? 1
        let dilation = reader.options.size("dilation") ?? 1
        let groups = reader.options.size("groups") ?? 1
        guard let kernel = reader.tensor(Key.kernel, rank: 3, &model) else { return nil }
        guard stride > 0, dilation > 0, groups > 0, kernel.shape[0] % groups == 0 else {
          model.report(
            .pytorchDeclarationInvalid,
            "\(reader.options.layer.type) '\(reader.name)' can't have stride \(stride), dilation "
              + "\(dilation) and \(groups) groups", at: kernel.location)
          return nil
        }
        reader.check("in_channels", kernel.shape[1] * groups, kernel)
        reader.check("out_channels", kernel.shape[0], kernel)
        reader.check("kernel_size", kernel.shape[2], kernel)
        reader.check("bias", model.has(reader.key(Key.bias)), kernel, default: true)
        let (padding, pad) = paddings(&reader.options, stride: stride)
        reader.setInput([nil, kernel.shape[1] * groups, nil])
        return .layer(
          .convolution(
            Convolution(
              kernel: kernel, bias: model.optional(reader.key(Key.bias)), activation: activation,
              stride: stride, dilation: dilation, groups: groups, padding: padding)),
          .channelsSecond(pad: max(pad, 0)))
      })
  ]

  /// The kind of padding, and the number of zeros before and after the timesteps.
  private static func paddings(
    _ options: inout PyTorchOptions, stride: Int
  ) -> (Padding, Int) {
    var (padding, pad) = (Padding.valid, 0)
    if let word = options.value("padding")?.string {
      if word == "same", stride == 1 {
        padding = .same
      } else if word != "valid" {
        options.refuse("padding", "only \"valid\", \"same\" with stride 1, and numbers are")
      }
    } else {
      pad = options.size("padding") ?? 0
    }
    if pad < 0 || pad > 1 << 20 { options.refuse("padding", "it is out of range") }
    let mode = options.word("padding_mode", ["zeros", "reflect", "replicate", "circular"])
    if mode != "zeros", pad > 0 || padding == .same {
      options.refuse("padding_mode", "only \"zeros\" is")
    }
    return (padding, pad)
  }
}
