import RecurContainers
import RecurModel
import RecurTensors

// nn.BatchNorm1d, nn.BatchNorm2d and nn.BatchNorm3d (torch/nn/modules/batchnorm.py, 2.13).
extension BatchNormalization: PyTorchLayer {
  /// The names of its parameters and buffers.
  private enum Key {
    static let gamma = "weight"
    static let beta = "bias"
    static let mean = "running_mean"
    static let variance = "running_var"
    static let batches = "num_batches_tracked"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(scale: &gamma, Key.gamma, shift: &beta, Key.beta, keys)
    try visitor.visit(&movingMean, keys.key(Key.mean))
    try visitor.visit(&movingVariance, keys.key(Key.variance))
    let none = try Tensor.zeros(.int64, shape: [])
    try visitor.bookkeeping(keys.key(Key.batches), batchesTracked ?? none)
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    ["\(name) normalizes the last axis by its moving moments, epsilon \(epsilon)"]
  }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }
  var preparation: String? {
    "self.eval()  # batch normalization uses the moments it was trained to"
  }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    let isAffine = gamma != nil || beta != nil
    return construction.call(
      "nn.BatchNorm1d",
      [
        "\(movingMean.count)", "eps=\(pythonNumber(epsilon))", isAffine ? nil : "affine=False",
      ])
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(
      call.rank == 2
        ? "\(call.module)(\(call.x))"
        : "\(call.module)(\(call.x).flatten(0, -2)).unflatten(0, \(call.x).shape[:-1])")
  }

  // MARK: declared modules

  static let classes = (1...3).map { axes in
    PyTorchClass(
      "nn.BatchNorm\(axes)d",
      parameters: [Key.gamma, Key.beta, Key.mean, Key.variance, Key.batches],
      words: ["eps": 1e-5, "track_running_stats": true],
      outline: { _ in PyTorchOutline(rank: axes == 1 ? nil : axes + 2, batchAxis: 0) },
      // The tensors are the same for any number of axes: the first class is taken.
      recognize: { names in
        guard let mean = names.tensor(Key.mean), names.tensor(Key.variance) != nil, mean.rank == 1
        else { return nil }
        return [("num_features", .integer(mean.shape[0]))]
          + names.switchedOff("affine", unless: Key.gamma)
      },
      read: { reader, model, _ in
        reader.options.ignore("momentum")
        let epsilon = reader.options.number("eps", 1e-5)
        if reader.options.bool("track_running_stats") == false {
          reader.options.refuse(
            "track_running_stats", "moments of the batch itself are used then")
          return nil
        }
        guard let mean = reader.tensor(Key.mean, rank: 1, &model),
          let variance = reader.tensor(Key.variance, rank: 1, &model)
        else { return nil }
        reader.check("num_features", mean.shape[0], mean)
        reader.check("affine", model.has(reader.key(Key.gamma)), mean, default: true)
        // The features are the second axis, of two axes or of three.
        reader.setInput([nil, mean.shape[0]], moreAxes: .behind)
        return .layer(
          .batchNormalization(
            BatchNormalization(
              gamma: model.optional(reader.key(Key.gamma)),
              beta: model.optional(reader.key(Key.beta)),
              movingMean: mean, movingVariance: variance, epsilon: epsilon,
              batchesTracked: model.bookkeeping(reader.key(Key.batches)))),
          .channelsSecondOfThree)
      })
  }
}
