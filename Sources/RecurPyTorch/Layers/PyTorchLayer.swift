import RecurModel
import RecurTensors

/// The room of one kind of layer: everything that the PyTorch formats know of the kind.
///
/// A room says the keys of the weights in a state dict, the Python code for the layer, what a state
/// dict can't hold of the layer, and the classes of torch.nn that are read as this kind.
protocol PyTorchLayer: LayerKind {
  // MARK: files

  /// The classes of torch.nn that are read as this kind.
  static var classes: [PyTorchClass] { get }

  /// Passes every tensor to a visitor, with the key of the tensor in a state dict.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError)

  /// Everything about the layer that no module of torch.nn with these weights computes.
  ///
  /// - Parameters:
  ///   - name: the layer's name in quotes.
  ///   - isMasked: whether a mask tells which timesteps count.
  /// - Returns: all limits, in order.
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit]

  /// What the user's code must do, because the torch module with these weights does not.
  func leftToCode(_ name: String) -> [String]

  // MARK: generated code

  /// The Python definitions that generated code of this kind may use, each behind those that it
  /// uses.
  static var helpers: [PyTorchHelper] { get }
  /// The types in which the layer takes its inputs.
  var operands: PyTorchOperands { get }

  /// The expression that makes the submodule; nil for a layer without a submodule.
  func constructor(_ construction: PyTorchConstruction) -> String?

  /// The statements that compute the outputs.
  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String]

  /// The functions of ``PyTorchActivations`` that generated code of this layer uses.
  func activations(isWrittenOut: Bool) -> [Activation]

  /// The endings of the variables for the outputs after the first one.
  var furtherOutputs: [String] { get }
  /// A statement for the constructor of the whole module, which prepares it for this layer.
  var preparation: String? { get }

  // MARK: declarations

  /// Adds the modules and functions of torch that compute the layer.
  ///
  /// - Returns: the names of the outputs.
  /// - Throws: the reason why torch has neither a module nor functions for it.
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String]

  // MARK: recurrent layers

  /// Whether classes of torch.nn compute the layer if it has no mask.
  var isTorch: Bool { get }
  /// The directions of the torch module that computes the layer; empty if no module does.
  var torchDirections: [Recurrent] { get }
}

// Most kinds have none of these. If a kind lacks one that it needs, its generated module does not
// run.
extension PyTorchLayer {
  static var classes: [PyTorchClass] { [] }
  static var helpers: [PyTorchHelper] { [] }
  func activations(isWrittenOut: Bool) -> [Activation] { [] }
  var furtherOutputs: [String] { [] }
  var preparation: String? { nil }
  func declare(
    _ call: PyTorchDeclaredCall, _ writer: inout PyTorchDeclarationWriter
  ) throws(PyTorchFunctionProblem) -> [String] { throw .hasNoWords }
  var isTorch: Bool { true }
  var torchDirections: [Recurrent] { [] }
}

/// A kind without weights whose output is one expression.
protocol PyTorchExpression: PyTorchLayer {
  /// The expression for the output.
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
