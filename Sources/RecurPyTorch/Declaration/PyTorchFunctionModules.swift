import RecurContainers
import RecurTensors

/// Modules of torch.nn without a kind of layer of their own: each is a function of torch whose
/// arguments its constructor takes.
enum PyTorchFunctionModules {
  /// Every such class.
  static let classes: [PyTorchClass] =
    [
      module("nn.RReLU", "rrelu", ["lower": 0.125, "upper": 0.3333333333333333]),
      module("nn.Softmin", "softmin", ["dim": nil]),
      module("nn.Softmax2d", "softmax", [:], fixed: [("dim", .integer(-3))]),
      module("nn.Unflatten", "unflatten", ["dim": nil, "unflattened_size": nil]),
      module("nn.PixelShuffle", "pixel_shuffle", ["upscale_factor": nil], rank: 4),
      module("nn.ChannelShuffle", "channel_shuffle", ["groups": nil]),
      module("nn.CosineSimilarity", "cosine_similarity", ["dim": 1, "eps": 1e-8]),
      module(
        "nn.UpsamplingNearest2d", "interpolate", ["size": nil, "scale_factor": nil], rank: 4),
      module(
        "nn.RMSNorm", "rms_norm", ["normalized_shape": nil, "eps": nil],
        tensors: ["weight"], tensorSwitch: "elementwise_affine"),
    ]
    + (1...3).flatMap { axes in
      [
        ("Constant", "constant"), ("Reflection", "reflect"), ("Replication", "replicate"),
        ("Circular", "circular"),
      ].map { name, mode in padding("nn.\(name)Pad\(axes)d", mode, axes) }
    }

  /// The words of constructors for arguments that the functions name otherwise.
  private static let renamed = ["unflattened_size": "sizes"]

  private static func module(
    _ name: String, _ function: String, _ words: [String: JSONValue], rank: Int? = nil,
    fixed: [(name: String, value: PyTorchArgument)] = [], tensors: [String] = [],
    tensorSwitch: String? = nil
  ) -> PyTorchClass {
    PyTorchClass(
      name, parameters: tensors, parameterSwitch: tensorSwitch, words: words,
      outline: { _ in PyTorchOutline(rank: rank, effect: rank == nil ? .unknown : .keepsAxes) },
      read: { reader, model, _ in
        var keywords = fixed
        reader.options.ignore("inplace")
        for word in words.keys.sorted() {
          guard let value = reader.options.value(word) else { continue }
          guard let argument = model.argument(value, of: word) else { return nil }
          keywords.append((renamed[word] ?? word, argument))
        }
        let isThere = tensorSwitch.map { reader.options.bool($0) ?? true } ?? true
        for tensor in tensors where isThere {
          guard let weight = model.required(reader.key(tensor)) else { return nil }
          keywords.append((tensor, .array(weight)))
        }
        return .function(function, keywords)
      })
  }

  private static func padding(_ name: String, _ mode: String, _ axes: Int) -> PyTorchClass {
    PyTorchClass(
      name, words: ["padding": nil, "value": nil],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, model, _ in
        guard let amounts = reader.options.sizes("padding", 2 * axes) else {
          reader.options.refuse("padding", "a number or \(2 * axes) of them belong there")
          return nil
        }
        var keywords: [(name: String, value: PyTorchArgument)] = [
          ("pad", .list(amounts.map { .integer($0) })), ("mode", .text(mode)),
        ]
        if mode == "constant" {
          keywords.append(("value", .number(reader.options.number("value", 0))))
        }
        return .function("pad", keywords)
      })
  }
}
