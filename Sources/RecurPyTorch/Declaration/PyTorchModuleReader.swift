import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Reads one declared module: its options, and its tensors against them.
struct PyTorchModuleReader {
  /// A module with its weights, not yet applied to anything.
  enum Module {
    case recurrent(PyTorchRecurrentModule)
    /// Looks at elements one by one, or adds an axis behind all others.
    case elementwise(Layer)
    /// Works along torch's last axis.
    case lastAxis(Layer)
    /// Channels are torch's second axis; zeros are put before and after the timesteps.
    case convolution(Convolution, pad: Int)
    case batchNormalization(BatchNormalization)
    case flatten
    case permute([Int])
  }

  var options: PyTorchOptions
  /// What a first module is given: the shape as torch has it; nil when it takes any.
  private(set) var inputShape: [Int?]?
  /// The element type of its weights, or of tokens.
  private(set) var elementType = ElementType.float32
  let name: String

  init(_ layer: PyTorchDeclaration.Layer, name: String) {
    options = PyTorchOptions(layer)
    self.name = name
  }

  /// The key of a parameter.
  func key(_ parameter: String) -> String {
    StateDictKeys.joined(options.layer.key ?? "", parameter)
  }

  /// The module, or nil when it can't be read, which is reported.
  ///
  /// - Parameters:
  ///   - model: gives tensors and takes findings.
  ///   - rank: the number of axes of its input, if known.
  /// - Returns: the module with its weights.
  /// - Throws: what unpacking gates throws.
  mutating func read(
    _ model: inout PyTorchModelReader, rank: Int?
  ) throws(CheckpointError) -> Module? {
    let layer = options.layer
    options.ignore("device", "dtype")
    let hasTensors = Self.withTensors.contains(layer.typeName) || layer.recurrentKind != nil
    let mayBeBare = layer.typeName == "nn.LayerNorm" && options.isFalse("elementwise_affine")
    if hasTensors, layer.key == nil, !mayBeBare {
      model.report(
        .pytorchDeclarationInvalid, "\(layer.type) has no 'key', the prefix of its tensors",
        hint: "write \"key\": \"lstm\" for lstm.weight_ih_l0, or \"\" for a module saved by itself")
      return nil
    }
    if !hasTensors, let key = layer.key, !key.isEmpty, Self.classes.contains(layer.typeName) {
      model.report(.pytorchDeclarationInvalid, "\(layer.type) '\(key)' has no tensors, so no 'key'")
      return nil
    }
    if let kind = layer.recurrentKind {
      let module = try recurrent(kind, &model)
      if let module {
        elementType = module.elementType
        inputShape = module.isCell ? [nil, module.inputSize] : [nil, nil, module.inputSize]
      }
      return module.map { .recurrent($0) }
    }
    let module = feedForward(layer.typeName, &model, rank: rank)
    checkType(module, &model)
    return module
  }

  private static let withTensors = [
    "nn.Linear", "nn.Embedding", "nn.LayerNorm", "nn.BatchNorm1d", "nn.Conv1d",
  ]

  /// Every class that can be declared.
  static let classes =
    withTensors
    + PyTorchRecurrentKind.allCases.flatMap { ["nn.\($0.rawValue)", "nn.\($0.rawValue)Cell"] }
    + identities + ["nn.Flatten", "permute"] + PyTorchActivationWords.classes

  private static let identities = [
    "nn.Dropout", "nn.Dropout1d", "nn.AlphaDropout", "nn.FeatureAlphaDropout", "nn.Identity",
  ]

  private mutating func feedForward(
    _ type: String, _ model: inout PyTorchModelReader, rank: Int?
  ) -> Module? {
    switch type {
    case "nn.Linear": return linear(&model)
    case "nn.Embedding": return embedding(&model)
    case "nn.LayerNorm": return layerNorm(&model)
    case "nn.BatchNorm1d": return batchNorm(&model)
    case "nn.Conv1d": return convolution(&model)
    case "nn.Flatten":
      if options.integer("start_dim") ?? 1 != 1 { options.refuse("start_dim", "only 1 is") }
      if options.integer("end_dim") ?? -1 != -1 { options.refuse("end_dim", "only -1 is") }
      return .flatten
    case "permute":
      let axes = options.value("dims")?.array?.compactMap(\.integer) ?? []
      guard axes.count > 1, axes.sorted() == Array(axes.indices) else {
        model.report(
          .pytorchDeclarationInvalid, "permute needs 'dims', an order of all axes: [0, 2, 1]")
        return nil
      }
      return .permute(axes)
    case _ where Self.identities.contains(type):
      options.ignore("p", "inplace")
      return .elementwise(.identity(Identity(className: String(type.dropFirst("nn.".count)))))
    case _ where PyTorchActivationWords.classes.contains(type):
      guard
        let activation = PyTorchActivationWords.activation(type, &options, rank: rank ?? 0)
      else { return nil }
      return [.softmax, .logSoftmax, .glu].contains(activation)
        ? .lastAxis(.activation(activation)) : .elementwise(.activation(activation))
    default:
      model.report(
        .pytorchLayerUnsupported, "'\(options.layer.type)' is no module that can be declared",
        hint: suggestion(for: type, among: Self.classes).map { "did you mean '\($0)'?" }
          ?? "known modules: " + Self.classes.joined(separator: ", "))
      return nil
    }
  }

  /// Holds a declared dtype against the tensors, which must all have one type.
  private mutating func checkType(_ module: Module?, _ model: inout PyTorchModelReader) {
    let layer: Layer? =
      switch module {
      case .elementwise(let layer), .lastAxis(let layer): layer
      case .convolution(let convolution, _): .convolution(convolution)
      case .batchNormalization(let normalization): .batchNormalization(normalization)
      case .recurrent, .flatten, .permute, nil: nil
      }
    guard let layer, let type = checkTypes(layer.tensors.map(\.tensor), &model) else { return }
    if case .embedding = layer { elementType = .int64 } else { elementType = type }
  }

  /// The one type of some tensors; what does not fit is reported.
  mutating func checkTypes(_ tensors: [Tensor], _ model: inout PyTorchModelReader) -> ElementType? {
    guard let first = tensors.first else { return nil }
    if let other = tensors.first(where: { $0.elementType != first.elementType }) {
      model.report(
        .tensorDtypeUnsupported, "the tensors of '\(name)' differ in type", at: other.location,
        expected: "\(first.elementType)", found: "\(other.elementType)")
    }
    if let declared = options.value("dtype")?.string,
      declared.split(separator: ".").last.map(String.init) != first.elementType.rawValue
    {
      options.disagrees(
        "dtype", declared: declared, implied: "\"\(first.elementType)\"", isDefault: false,
        tensor: first.location)
    }
    return first.elementType
  }

  /// Holds a declared size against what a tensor implies.
  mutating func check(
    _ option: String, _ implied: Int, _ tensor: Tensor, default value: Int? = nil
  ) {
    let declared = options.size(option)
    guard let wanted = declared ?? value, wanted != implied else { return }
    options.disagrees(
      option, declared: "\(wanted)", implied: "\(implied)", isDefault: declared == nil,
      tensor: tensor.location)
  }

  /// Holds a declared switch, true unless declared otherwise, against the tensors.
  mutating func check(
    _ option: String, _ implied: Bool, _ tensor: Tensor, default value: Bool
  ) {
    let declared = options.bool(option)
    guard declared ?? value != implied else { return }
    options.disagrees(
      option, declared: "\(declared ?? value)", implied: "\(implied)", isDefault: declared == nil,
      tensor: tensor.location)
  }

  mutating func setInput(_ shape: [Int?]) { inputShape = shape }
}

extension Diagnostic.Code {
  static let pytorchLayerUnsupported = Self(rawValue: "pytorch.layer.unsupported")
}
