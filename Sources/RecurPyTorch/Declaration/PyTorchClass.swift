import RecurContainers
import RecurTensors

/// A class of torch.nn that a declaration can name: how its tensors tell it, and how it is read.
///
/// The room of a kind of layer states the classes that are read as that kind.
struct PyTorchClass: Sendable {
  /// Options in torch's constructor words, in order.
  typealias Options = [(name: String, value: JSONValue)]

  /// `nn.Linear`.
  let name: String
  /// The names of its tensors; empty for a class without.
  let parameters: [String]
  /// The option that takes its tensors away when it is false.
  let parameterSwitch: String?
  /// Whether code often applies a function to what it puts out, which the tensors don't tell.
  let mayBeActivated: Bool
  /// Options that change numbers and that shapes do not tell, with torch's defaults.
  let words: [String: JSONValue]
  /// What a declared module says before its tensors are read.
  let outline: @Sendable (PyTorchDeclaration.DeclaredModule) -> PyTorchOutline
  /// The options of a module whose tensors have these names and shapes; nil when it is of another
  /// class, and when the tensors can't tell.
  let recognize: @Sendable (inout StateDictModules.Candidate) -> Options?
  /// Reads a declared module: its options against its tensors; nil when it can't be read, which is
  /// reported.
  ///
  /// It is given the number of axes of its input, if that is known, and throws what unpacking gates
  /// throws.
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

/// What a declared module says of the value it is given, before any tensor is read.
struct PyTorchOutline {
  /// What a module does to the axes it is given.
  enum Effect: Equatable {
    /// Nothing.
    case keepsAxes
    /// It puts a vector in the place of every token.
    case addsAxis
    /// It makes all axes behind the batch one.
    case joinsAxes
    /// It puts out half as many features.
    case halvesFeatures
    /// It puts them in another order.
    case reorders([Int])
  }

  /// The number of axes it takes; nil when it has no say.
  var rank: Int?
  /// The axis on which it takes the batch; nil when it does not care.
  var batchAxis: Int?
  /// What it does to the axes.
  var effect = Effect.keepsAxes
  /// The width it takes; nil where channels are not last, so that more has to be known.
  var takes: Int?
  /// The width it puts out.
  var gives: Int?
}

extension PyTorchDeclaration.DeclaredModule {
  /// What torch has under the name; nil for a class that can't be declared.
  var torchClass: PyTorchClass? { PyTorchClass.named(typeName) }
  /// What the module says before its tensors are read.
  var outline: PyTorchOutline { torchClass?.outline(self) ?? PyTorchOutline() }

  /// A size among the options.
  func size(_ name: String) -> Int? { options[name]?.integer }
}
