import RecurContainers
import RecurTensors

/// A class of torch.nn that a declaration can name: how to recognise it by tensors, and how to read
/// it.
///
/// The classes of a kind of layer are listed in the room of the kind.
struct PyTorchClass: Sendable {
  /// Options of the constructor, in order.
  typealias Options = [(name: String, value: JSONValue)]

  /// `nn.Linear`.
  let name: String
  /// The names of its tensors; empty for a class without tensors.
  let parameters: [String]
  /// The option that removes its tensors when the option is false.
  let parameterSwitch: String?
  /// Whether user code often applies a function to its output, which tensors can't tell.
  let mayBeActivated: Bool
  /// Options that change numbers and that shapes can't tell, with torch's defaults.
  let words: [String: JSONValue]
  /// What a declaration alone says about the input and the output of a module.
  let outline: @Sendable (PyTorchDeclaration.DeclaredModule) -> PyTorchOutline
  /// The options of a module with tensors of these names and shapes; nil for a module of another
  /// class, or when the tensors can't tell.
  let recognize: @Sendable (inout StateDictModules.Candidate) -> Options?
  /// Reads a declared module and checks its options against its tensors; nil for an error, which is
  /// reported as a finding.
  ///
  /// The last parameter is the rank of the input, if it is known. Errors of unpacking gates are
  /// thrown.
  let read:
    @Sendable (inout PyTorchModuleReader, inout PyTorchModelReader, Int?) throws(CheckpointError)
      -> PyTorchModuleReader.Module?

  init(
    _ name: String, parameters: [String] = [], parameterSwitch: String? = nil,
    mayBeActivated: Bool = false, words: [String: JSONValue] = [:],
    outline: @escaping @Sendable (PyTorchDeclaration.DeclaredModule) -> PyTorchOutline = { _ in
      PyTorchOutline()
    },
    recognize: @escaping @Sendable (inout StateDictModules.Candidate) -> Options? = { _ in nil },
    read:
      @escaping @Sendable (inout PyTorchModuleReader, inout PyTorchModelReader, Int?)
      throws(CheckpointError) -> PyTorchModuleReader.Module?
  ) {
    self.name = name
    self.parameters = parameters
    self.parameterSwitch = parameterSwitch
    self.mayBeActivated = mayBeActivated
    self.words = words
    self.outline = outline
    self.recognize = recognize
    self.read = read
  }

  /// The class of this name, or nil.
  static func named(_ name: String) -> PyTorchClass? { byName[name] }

  private static let byName = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
}

/// What a declaration alone says about the input and the output of a module, before tensors are
/// read.
struct PyTorchOutline {
  /// The effect of a module on the axes of its input.
  enum Effect: Equatable {
    /// Nothing.
    case keepsAxes
    /// Every token is replaced by a vector.
    case addsAxis
    /// All axes behind the batch become one axis.
    case joinsAxes
    /// The output has half as many features.
    case halvesFeatures
    /// A function of torch whose effect is not told by its name.
    case unknown
    /// The axes get another order.
    case reorders([Int])
  }

  /// The rank of the input; nil when any rank fits.
  var rank: Int?
  /// The axis of the batch in the input; nil when any axis fits.
  var batchAxis: Int?
  /// The effect on the axes.
  var effect = Effect.keepsAxes
  /// The width of the input; nil where channels are not the last axis, so that the width is not
  /// known yet.
  var takes: Int?
  /// Whether the channels of a sequence are its second axis, so that it is no sequence of features.
  var hasChannelsSecond = false
  /// The width of the output.
  var gives: Int?
}

extension PyTorchDeclaration.DeclaredModule {
  /// The class with this name; nil for a class that can't be declared.
  var torchClass: PyTorchClass? { PyTorchClass.named(typeName) }
  /// What the declaration alone says about the module.
  var outline: PyTorchOutline {
    if let torchClass { return torchClass.outline(self) }
    guard isFunction, !PyTorchFunctions.isElementwise(type) else { return PyTorchOutline() }
    return PyTorchOutline(effect: .unknown)
  }
  /// Whether the type is a function of torch and no module.
  var isFunction: Bool { torchClass == nil && PyTorchFunctions.has(type) }

  /// The value of an option that is a size.
  func size(_ name: String) -> Int? { options[name]?.integer }
}
