import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// Reads one declared module and checks its options against its tensors.
struct PyTorchModuleReader {
  /// A module with its weights, before it is applied to a value.
  enum Module {
    case recurrent(PyTorchRecurrentModule)
    /// A layer, with the axes on which it works.
    case layer(Layer, PyTorchAlignment)
    case permute([Int])
    /// A function of torch, with arguments besides its input.
    case function(String, [(name: String, value: PyTorchArgument)])
    case attention(PyTorchAttentionModule)
    case encoder(PyTorchEncoder)

    /// The numbers of inputs that a call may have.
    var inputCounts: ClosedRange<Int> {
      switch self {
      case .recurrent: 1...3
      case .attention: 1...3
      case .layer, .permute, .encoder: 1...1
      case .function: 1...Int.max
      }
    }
  }

  /// Where additional axes of an input may be, for a module that takes any rank.
  enum MoreAxes {
    /// Between the batch and the features.
    case between
    /// Behind all other axes.
    case behind
  }

  var options: PyTorchOptions
  /// The input shape of the module in torch's order of axes; nil when any shape fits.
  private var inputShape: [Int?]?
  private var moreAxes = MoreAxes.between
  /// The element type of the weights, or of tokens.
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

  /// The module; nil for an error, which is reported as a finding.
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
    let mayBeBare =
      known?.parameterSwitch.map { word in
        options.isFalse(word) || layer.options[word] == nil && known?.words[word] == false
      } ?? false
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

  /// Checks the types of a layer's tensors, which must be equal.
  private mutating func checkType(_ module: Module?, _ model: inout PyTorchModelReader) {
    guard case .layer(let layer, _) = module,
      let type = checkTypes(layer.tensors.map(\.tensor), &model)
    else { return }
    elementType = layer.traits.readsTokens ? .int64 : type
  }

  /// The type of some tensors; tensors of different types are reported.
  mutating func checkTypes(_ tensors: [Tensor], _ model: inout PyTorchModelReader) -> ElementType? {
    guard let first = tensors.first else { return nil }
    if let other = tensors.first(where: { $0.elementType != first.elementType }) {
      model.report(
        .tensorDtypeUnsupported, "the tensors of '\(name)' differ in type", at: other.location,
        expected: "\(first.elementType)", found: "\(other.elementType)",
        hint: "torch runs no module of two types either; make them one before saving: model.float()"
      )
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

  /// Checks a declared size against the size of a tensor.
  mutating func check(
    _ option: String, _ implied: Int, _ tensor: Tensor, default value: Int? = nil
  ) {
    let declared = options.size(option)
    guard let wanted = declared ?? value, wanted != implied else { return }
    options.disagrees(
      option, declared: "\(wanted)", implied: "\(implied)", isDefault: declared == nil,
      tensor: tensor.location)
  }

  /// Checks declared sizes, one per axis, against what a tensor implies.
  mutating func check(_ option: String, _ implied: [Int], _ tensor: Tensor) {
    guard let wanted = options.sizes(option, implied.count), wanted != implied else { return }
    options.disagrees(
      option, declared: pythonSizes(wanted), implied: pythonSizes(implied), isDefault: false,
      tensor: tensor.location)
  }

  /// Checks a declared switch, true by default, against the tensors.
  mutating func check(
    _ option: String, _ implied: Bool, _ tensor: Tensor, default value: Bool
  ) {
    let declared = options.bool(option)
    guard declared ?? value != implied else { return }
    options.disagrees(
      option, declared: "\(declared ?? value)", implied: "\(implied)", isDefault: declared == nil,
      tensor: tensor.location)
  }

  /// Sets the shape of the input.
  mutating func setInput(
    _ shape: [Int?], moreAxes: MoreAxes = .between, type: ElementType = .float32
  ) {
    inputShape = shape
    self.moreAxes = moreAxes
    elementType = type
  }

  /// The shape of the input with `rank` axes; nil when any shape fits.
  func extents(rank: Int) -> [Int?]? {
    guard var shape = inputShape else { return nil }
    while shape.count < rank { shape.insert(nil, at: moreAxes == .between ? 1 : shape.count) }
    return shape.count == rank ? shape : nil
  }

  /// A tensor with `rank` axes, none of them of extent 0.
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

  /// The function of a module whose channels are behind the batch; a function along one axis is
  /// refused.
  mutating func channelActivation() -> Activation {
    let activation = activationWord()
    if [.softmax, .logSoftmax, .glu].contains(activation) {
      options.refuse("activation", "which axis it works along is not said; declare the module")
    }
    return activation
  }

  /// The function that is applied to a module's output: an option that torch's constructor does not
  /// have, for short declarations.
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
