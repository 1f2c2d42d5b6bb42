import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Reads one declared module: its options, and its tensors against them.
struct PyTorchModuleReader {
  /// A module with its weights, not yet applied to anything.
  enum Module {
    case recurrent(PyTorchRecurrentModule)
    /// A layer that finds what it works on where the alignment says.
    case layer(Layer, PyTorchAlignment)
    case permute([Int])
  }

  /// Where the axes are that a module takes in any number.
  enum MoreAxes {
    /// Between the batch and the features.
    case between
    /// Behind all others.
    case behind
  }

  var options: PyTorchOptions
  /// What a first module is given: the shape as torch has it; nil when it takes any.
  private var inputShape: [Int?]?
  private var moreAxes = MoreAxes.between
  /// The element type of its weights, or of tokens.
  private(set) var elementType = ElementType.float32
  let name: String

  init(_ layer: PyTorchDeclaration.DeclaredModule, name: String) {
    options = PyTorchOptions(layer)
    self.name = name
  }

  /// The key of a parameter.
  func key(_ parameter: String) -> String {
    StateDictKeys.joined(options.layer.key ?? "", parameter)
  }

  /// The key of a recurrent parameter of one direction of one layer.
  func key(_ parameter: RecurrentParameter, _ suffix: String) -> String {
    key(parameter.name(suffix))
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
    let known = layer.torchClass
    let hasTensors = known?.parameters.isEmpty == false
    let mayBeBare = known?.parameterSwitch.map { options.isFalse($0) } ?? false
    if hasTensors, layer.key == nil, !mayBeBare {
      model.report(
        .pytorchDeclarationInvalid, "\(layer.type) has no 'key', the prefix of its tensors",
        hint: "write \"key\": \"lstm\" for lstm.weight_ih_l0, or \"\" for a module saved by itself")
      return nil
    }
    if known != nil, !hasTensors, let key = layer.key, !key.isEmpty {
      model.report(.pytorchDeclarationInvalid, "\(layer.type) '\(key)' has no tensors, so no 'key'")
      return nil
    }
    guard let known else {
      let names = PyTorchClass.all.map(\.name)
      model.report(
        .pytorchLayerUnsupported, "'\(options.layer.type)' is no module that can be declared",
        hint: suggestion(for: layer.typeName, among: names).map { "did you mean '\($0)'?" }
          ?? "known modules: " + names.joined(separator: ", "))
      return nil
    }
    let module = try known.read(&self, &model, rank)
    checkType(module, &model)
    return module
  }

  /// Holds a declared dtype against the tensors, which must all have one type.
  private mutating func checkType(_ module: Module?, _ model: inout PyTorchModelReader) {
    guard case .layer(let layer, _) = module,
      let type = checkTypes(layer.tensors.map(\.tensor), &model)
    else { return }
    elementType = layer.traits.readsTokens ? .int64 : type
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

  /// Says what the module takes.
  mutating func setInput(
    _ shape: [Int?], moreAxes: MoreAxes = .between, type: ElementType = .float32
  ) {
    inputShape = shape
    self.moreAxes = moreAxes
    elementType = type
  }

  /// What a module that was read takes, of so many axes; nil when it takes anything.
  func extents(rank: Int) -> [Int?]? {
    guard var shape = inputShape else { return nil }
    while shape.count < rank { shape.insert(nil, at: moreAxes == .between ? 1 : shape.count) }
    return shape.count == rank ? shape : nil
  }

  /// A tensor of so many axes, none of them empty.
  mutating func tensor(
    _ parameter: String, rank: Int, _ model: inout PyTorchModelReader
  ) -> Tensor? {
    guard let tensor = model.required(key(parameter)) else { return nil }
    guard tensor.rank == rank, !tensor.shape.contains(0) else {
      model.report(
        .tensorShapeMismatch, "'\(key(parameter))' has shape \(tuple(tensor.shape))",
        at: tensor.location, expected: "\(rank) axes", found: tuple(tensor.shape))
      return nil
    }
    return tensor
  }

  /// The function a module's results go through: an extension of torch's words, for short chains.
  mutating func activationWord() -> Activation {
    guard let value = options.value("activation") else { return .linear }
    if let word = value.string, let activation = PyTorchActivationWords.functions[word] {
      return activation
    }
    let words = PyTorchActivationWords.functions.keys.sorted()
    options.refuse("activation", "known functions are " + words.joined(separator: ", "))
    return .linear
  }
}

extension Diagnostic.Code {
  static let pytorchLayerUnsupported = Self(rawValue: "pytorch.layer.unsupported")
}
