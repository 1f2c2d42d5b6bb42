import RecurModel
import RecurTensors

/// What the PyTorch formats know of one kind of layer: the room of the kind.
///
/// It says under which keys a state dict has the weights, which Python computes the layer, what of it
/// a state dict can't hold, and as which classes of torch.nn it is read.
protocol PyTorchLayer: LayerKind {
  // MARK: files

  /// The classes of torch.nn that are read as this kind.
  static var classes: [PyTorchClass] { get }

  /// Shows every tensor to a visitor, under its key in a state dict.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError)

  /// What no module of torch.nn computes with these weights.
  ///
  /// - Parameters:
  ///   - name: the layer's name in quotes.
  ///   - isMasked: whether a mask tells which timesteps count.
  /// - Returns: everything, in order.
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit]

  /// What the modules that take these weights do not do by themselves, and ordinary code does.
  func leftToCode(_ name: String) -> [String]

  // MARK: generated code

  /// The definitions that code for this kind may use, after those they use themselves.
  static var helpers: [PyTorchHelper] { get }
  /// As what the layer takes the values it is given.
  var operands: PyTorchOperands { get }

  /// The expression that makes the submodule; nil when code does without one.
  func constructor(_ construction: PyTorchConstruction) -> String?

  /// The statements that compute the outputs.
  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String]

  /// The functions of ``PyTorchActivations`` that code for this layer names.
  func activations(isWrittenOut: Bool) -> [Activation]

  /// What the variables of the outputs after the first one end with.
  var furtherOutputs: [String] { get }
  /// A statement of the constructor that prepares the whole module for this layer.
  var preparation: String? { get }

  // MARK: recurrent layers

  /// Whether torch.nn has classes that compute the layer without a mask.
  var isTorch: Bool { get }
  /// The directions of the one module of torch.nn that computes the layer; nothing where it is none.
  var torchDirections: [Recurrent] { get }
}

// What most kinds have none of; a generated module that lacks one of these does not run.
extension PyTorchLayer {
  static var classes: [PyTorchClass] { [] }
  static var helpers: [PyTorchHelper] { [] }
  func activations(isWrittenOut: Bool) -> [Activation] { [] }
  var furtherOutputs: [String] { [] }
  var preparation: String? { nil }
  var isTorch: Bool { true }
  var torchDirections: [Recurrent] { [] }
}

/// A kind without weights that one expression computes.
protocol PyTorchExpression: PyTorchLayer {
  /// The value of the layer.
  func expression(_ call: PyTorchCall) -> String
}

extension PyTorchExpression {
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {}

  func constructor(_ construction: PyTorchConstruction) -> String? { nil }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.assigning(expression(call))
  }
}
