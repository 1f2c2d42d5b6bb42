import RecurContainers
import RecurModel
import RecurTensors

// nn.LayerNorm over the last axis (torch/nn/modules/normalization.py, 2.13).
extension LayerNormalization: PyTorchLayer {
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
  func leftToCode(_ name: String) -> [String] { ["\(name) normalizes with epsilon \(epsilon)"] }

  // MARK: generated code

  var operands: PyTorchOperands { .floatingPoint }

  private var isAffine: Bool { gamma != nil || beta != nil }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    isAffine
      ? construction.call("nn.LayerNorm", ["\(width)", "eps=\(pythonNumber(epsilon))"]) : nil
  }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(
      isAffine
        ? "\(call.module)(\(call.x))"
        : "F.layer_norm(\(call.x), (\(width),), eps=\(pythonNumber(epsilon)))")
  }

  // MARK: declared modules

  static let classes = [
    PyTorchClass(
      "nn.LayerNorm", parameters: [Key.gamma, Key.beta], parameterSwitch: "elementwise_affine",
      words: ["eps": 1e-5, "normalized_shape": nil, "elementwise_affine": true],
      outline: { layer in
        let shape = layer.options["normalized_shape"]?.array
        let width =
          layer.size("normalized_shape")
          ?? shape.flatMap { $0.count == 1 ? $0[0].integer : nil }
        return PyTorchOutline(takes: width, gives: width)
      },
      recognize: { names in
        // A scale alone may also belong to a PReLU or another normalization.
        guard names.has(Key.beta), let gamma = names.weight(Key.gamma, bias: Key.beta, rank: 1)
        else { return nil }
        names.doubts.append("'\(names.key)' is taken for nn.LayerNorm")
        return [("normalized_shape", .integer(gamma.shape[0]))]
      },
      read: { reader, model, _ in
        if let shape = reader.options.layer.options["normalized_shape"]?.array, shape.count > 1 {
          return severalAxes(&reader, &model)
        }
        return read(&reader, &model).map { .layer($0.asLayer, .lastAxis) }
      })
  ]

  /// A module over several axes: a function of its weights.
  private static func severalAxes(
    _ reader: inout PyTorchModuleReader, _ model: inout PyTorchModelReader
  ) -> PyTorchModuleReader.Module? {
    let epsilon = reader.options.number("eps", 1e-5)
    let shape = reader.options.value("normalized_shape")?.array?.compactMap(\.integer) ?? []
    let isAffine = reader.options.bool("elementwise_affine") ?? true
    let hasBias = isAffine && reader.options.bool("bias") ?? true
    var keywords: [(name: String, value: PyTorchArgument)] = [
      ("normalized_shape", .list(shape.map { .integer($0) })), ("eps", .number(epsilon)),
    ]
    for (parameter, isThere) in [(Key.gamma, isAffine), (Key.beta, hasBias)] where isThere {
      guard let tensor = model.required(reader.key(parameter)) else { return nil }
      guard tensor.shape == shape else {
        reader.options.disagrees(
          "normalized_shape", declared: "\(shape)", implied: "\(tensor.shape)", isDefault: false,
          tensor: tensor.location)
        return nil
      }
      keywords.append((parameter, .array(tensor)))
    }
    return .function("layer_norm", keywords)
  }

  private static func read(
    _ reader: inout PyTorchModuleReader, _ model: inout PyTorchModelReader
  ) -> LayerNormalization? {
    let epsilon = reader.options.number("eps", 1e-5)
    let shape = reader.options.value("normalized_shape")
    let isAffine = reader.options.bool("elementwise_affine") ?? true
    let hasBias = reader.options.bool("bias") ?? true
    let gamma = isAffine ? model.required(reader.key(Key.gamma)) : nil
    let beta = isAffine && hasBias ? model.required(reader.key(Key.beta)) : nil
    if !isAffine || !hasBias {
      for parameter in [isAffine ? nil : Key.gamma, Key.beta].compactMap({ $0 })
      where model.has(reader.key(parameter)) {
        if let tensor = model.optional(reader.key(parameter)) {
          reader.options.disagrees(
            isAffine ? "bias" : "elementwise_affine", declared: "false", implied: "true",
            isDefault: false, tensor: tensor.location)
        }
      }
    }
    if let shape, shape.integer == nil, shape.array?.count != 1 {
      reader.options.refuse("normalized_shape", "only the last axis is")
      return nil
    }
    guard let width = reader.options.size("normalized_shape") ?? gamma?.shape.first else {
      if isAffine == false {
        model.report(
          .pytorchDeclarationInvalid,
          "\(reader.options.layer.type) '\(reader.name)' needs 'normalized_shape'")
      }
      return nil
    }
    if let gamma {
      guard gamma.rank == 1 else {
        reader.options.refuse(
          "normalized_shape", "the weights are \(tuple(gamma.shape)), not one axis")
        return nil
      }
      reader.check("normalized_shape", gamma.shape[0], gamma)
    }
    reader.setInput([nil, width])
    return LayerNormalization(gamma: gamma, beta: beta, width: width, epsilon: epsilon)
  }
}
