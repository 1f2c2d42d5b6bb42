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

  static let classes = [
    PyTorchClass(
      "nn.GroupNorm", parameters: [Key.gamma, Key.beta], parameterSwitch: "affine",
      words: ["eps": 1e-5, "num_groups": nil, "num_channels": nil, "affine": true],
      outline: { _ in PyTorchOutline(batchAxis: 0) },
      read: { reader, model, _ in
        read(&reader, &model).map { .layer($0.asLayer, .channelsSecondOfThree) }
      })
  ]

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
