import RecurModel

/// How Python writes a recurrent cell: as a class of torch.nn, or as a class in generated code.
///
/// Cells of one form differ only in their weights.
struct PyTorchCellForm: Equatable {
  /// The kind in words: `LSTM`.
  var kind: String
  /// The class of torch.nn that applies the cell to a sequence, `nn.LSTM`; nil if there is none.
  var torchClass: String?
  /// Arguments of that class besides those of all recurrent classes.
  var torchOptions: [String] = []
  /// The class in generated code: `KerasLSTM`.
  var ownClass: String
  /// Arguments of that class besides sizes and activations.
  var ownOptions: [String] = []
  /// The width of x.
  var inputSize = 0
  /// torch's `hidden_size`: the width of c, and of h without a projection.
  var hiddenSize = 0
  /// Whether there are biases.
  var hasBias = true
  /// The functions for the class in generated code, by the names of its arguments.
  var activations: [(argument: String, function: Activation)] = []
  /// The forms of the cells in a stack; empty for a cell that is no stack.
  var parts: [PyTorchCellForm] = []
  /// A name for every state, in order.
  var stateVariables: [String]
  /// What no class of torch.nn computes; the sentences have no subject.
  var limits: [PyTorchLimit] = []

  static func == (one: PyTorchCellForm, other: PyTorchCellForm) -> Bool {
    one.kind == other.kind && one.torchClass == other.torchClass
      && one.torchOptions == other.torchOptions && one.ownClass == other.ownClass
      && one.ownOptions == other.ownOptions && one.inputSize == other.inputSize
      && one.hiddenSize == other.hiddenSize && one.hasBias == other.hasBias
      && one.activations.map(\.function) == other.activations.map(\.function)
      && one.parts == other.parts
  }

  /// The functions that the cell applies; for a stack, from the bottom to the top.
  var functions: [Activation] { activations.map(\.function) + parts.flatMap(\.functions) }

  /// The forms of all cells that are not stacks.
  var leaves: [PyTorchCellForm] { parts.isEmpty ? [self] : parts.flatMap(\.leaves) }

  /// The arguments for the class of torch.nn.
  var torchArguments: [String?] {
    ["\(inputSize)", "\(hiddenSize)", "batch_first=True"] + torchOptions
      + [hasBias ? nil : "bias=False"]
  }

  /// The expression for the cell as a class in generated code.
  func written(_ options: [String?], _ construction: PyTorchConstruction) -> String {
    guard parts.isEmpty else {
      let cells = parts.map { $0.written([Self.stacked], construction) }
      let own = options.compactMap { $0 }.filter { $0 != Self.stacked }
      return "\(ownClass)(\((cells + own).joined(separator: ", ")))"
    }
    let functions = activations.map {
      "\($0.argument)=\(PyTorchActivations.name($0.function))"
    }
    return construction.call(
      ownClass,
      ["\(inputSize)", "\(hiddenSize)"] + functions + ownOptions
        + [hasBias ? nil : "bias=False"] + options)
  }

  private static let stacked = "stacked=True"
}
