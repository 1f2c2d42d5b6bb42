import RecurContainers
import RecurModel
import RecurTensors

// nn.GroupNorm (torch/nn/modules/normalization.py, 2.13).
extension GroupNormalization: PyTorchLayer {
  /// The names of its parameters.
  private enum Key {
    static let gamma = "weight"
    static let beta = "bias"
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(scale: &gamma, Key.gamma, shift: &beta, Key.beta, keys)
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }

  func leftToCode(_ name: String) -> [String] {
    ["\(name) normalizes \(groups) groups of the last axis, epsilon \(epsilon)"]
  }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    construction.call(
      "nn.GroupNorm",
      [
        "\(groups)", "\(width)", "eps=\(pythonNumber(epsilon))",
        gamma == nil && beta == nil ? "affine=False" : nil,
      ])
  }

  /// In torch, the channels are the axis behind the batch.
  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(
      call.rank == 2
        ? "\(call.module)(\(call.x))"
        : "\(call.module)(\(call.x).movedim(-1, 1)).movedim(1, -1)")
  }

  // MARK: declared modules

  static let classes =
    [
      PyTorchClass(
        "nn.GroupNorm", parameters: [Key.gamma, Key.beta], parameterSwitch: "affine",
        words: ["eps": 1e-5, "num_groups": nil, "num_channels": nil, "affine": true],
        outline: { _ in PyTorchOutline(batchAxis: 0) },
        read: { reader, model, _ in
          read(&reader, &model).map { .layer($0.asLayer, .channelsSecondOfThree) }
        })
    ] + (1...3).map(instanceNorm)

  /// nn.InstanceNorm1d and its like: each channel by itself is a group.
  ///
  /// With running moments, it computes what nn.BatchNorm does.
  private static func instanceNorm(_ axes: Int) -> PyTorchClass {
    PyTorchClass(
      "nn.InstanceNorm\(axes)d", parameters: [Key.gamma, Key.beta, "running_mean", "running_var"],
      parameterSwitch: "affine",
      words: ["eps": 1e-5, "num_features": nil, "affine": false, "track_running_stats": false],
      outline: { _ in PyTorchOutline(rank: axes + 2, batchAxis: 0) },
      read: { reader, model, _ in
        reader.options.ignore("momentum")
        let epsilon = reader.options.number("eps", 1e-5)
        let isAffine = reader.options.bool("affine") ?? false
        let gamma = isAffine ? model.required(reader.key(Key.gamma)) : nil
        let beta = isAffine ? model.required(reader.key(Key.beta)) : nil
        if reader.options.bool("track_running_stats") == true {
          guard let mean = reader.tensor("running_mean", rank: 1, &model),
            let variance = reader.tensor("running_var", rank: 1, &model)
          else { return nil }
          reader.check("num_features", mean.shape[0], mean)
          let batches = model.bookkeeping(reader.key("num_batches_tracked"))
          reader.setInput([nil, mean.shape[0]], moreAxes: .behind)
          return .layer(
            .batchNormalization(
              BatchNormalization(
                gamma: gamma, beta: beta, movingMean: mean, movingVariance: variance,
                epsilon: epsilon, batchesTracked: batches)),
            .channelsSecondOfThree)
        }
        guard let width = reader.options.size("num_features") ?? gamma?.shape.first, width > 0,
          gamma.map({ $0.shape == [width] }) ?? true
        else {
          model.report(
            .pytorchDeclarationInvalid,
            "\(reader.options.layer.type) '\(reader.name)' needs 'num_features', the width of its "
              + "weights")
          return nil
        }
        reader.setInput([nil, width], moreAxes: .behind)
        return .layer(
          .groupNormalization(
            GroupNormalization(
              gamma: gamma, beta: beta, width: width, groups: width, epsilon: epsilon)),
          .channelsSecondOfThree)
      })
  }

  private static func read(
    _ reader: inout PyTorchModuleReader, _ model: inout PyTorchModelReader
  ) -> GroupNormalization? {
    let epsilon = reader.options.number("eps", 1e-5)
    let isAffine = reader.options.bool("affine") ?? true
    let gamma = isAffine ? model.required(reader.key(Key.gamma)) : nil
    let beta = isAffine ? model.required(reader.key(Key.beta)) : nil
    let groups = reader.options.size("num_groups")
    let channels = reader.options.size("num_channels")
    guard let groups, let width = channels ?? gamma?.shape.first else {
      model.report(
        .pytorchDeclarationInvalid,
        "\(reader.options.layer.type) '\(reader.name)' needs 'num_groups' and 'num_channels'")
      return nil
    }
    if let gamma {
      guard gamma.rank == 1 else {
        reader.options.refuse(
          "num_channels", "the weights are \(tuple(gamma.shape)), not one axis")
        return nil
      }
      reader.check("num_channels", gamma.shape[0], gamma)
    }
    guard groups > 0, width % groups == 0 else {
      reader.options.refuse("num_groups", "\(groups) groups don't divide \(width) channels")
      return nil
    }
    reader.setInput([nil, width], moreAxes: .behind)
    return GroupNormalization(
      gamma: gamma, beta: beta, width: width, groups: groups, epsilon: epsilon)
  }
}
