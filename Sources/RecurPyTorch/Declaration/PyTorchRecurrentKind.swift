import RecurContainers
import RecurModel
import RecurTensors

/// A recurrent class of torch.nn and its cell class: `nn.LSTM` and `nn.LSTMCell`.
///
/// The class of a kind of cell is listed in the room of the kind.
struct PyTorchRecurrentKind: Sendable {
  /// Reads the cell of one direction of one layer; nil for an error, which is reported as a
  /// finding.
  typealias ReadCell =
    @Sendable (inout PyTorchModuleReader, PyTorchCellParameters, inout PyTorchModelReader)
    throws(CheckpointError) -> RecurrentCell?

  /// The option of a declaration for the form that nn.GRU has not: false for a reset gate that is applied
  /// before the product.
  static let resetOption = "reset_after"

  /// `LSTM`.
  let name: String
  /// The number of gates in a tensor.
  let gateCount: Int
  /// The letters that programs have for each gate in a tensor, torch's first; empty without gates.
  let letters: [String]
  /// Which of the gates forgets, in torch's order; nil when none does alone.
  let forgetGate: Int?
  /// The states it carries: `h`, and `c` of an LSTM.
  let states: [String]
  /// Whether h may have a projection.
  let isProjectable: Bool
  /// The functions for the option `nonlinearity`, the default first; empty for a class without this
  /// option.
  let nonlinearities: [(word: String, function: Activation)]
  /// Whether a declaration says where the reset gate is applied.
  let hasResetPlacement: Bool
  /// A sentence about this kind for the error that one bias is missing.
  let biasRemark: String?
  /// Reads a cell.
  let read: ReadCell

  init<Gate>(
    name: String, layout: RecurrentLayout<Gate>, letters: [String] = [], forgetGate: Int? = nil,
    states: [String], isProjectable: Bool = false,
    nonlinearities: [(word: String, function: Activation)] = [], hasResetPlacement: Bool = false,
    biasRemark: String? = nil,
    read: @escaping ReadCell
  ) {
    self.name = name
    gateCount = layout.gateOrder.count
    self.letters = letters
    self.forgetGate = forgetGate
    self.states = states
    self.isProjectable = isProjectable
    self.nonlinearities = nonlinearities
    self.hasResetPlacement = hasResetPlacement
    self.biasRemark = biasRemark
    self.read = read
  }

  /// The arguments of a call besides the sequence.
  var stateArguments: [String] { states.map { "\($0)_0" } }
  /// The results of a call besides the sequence.
  var stateResults: [String] { states.map { "\($0)_n" } }

  /// The options that change numbers and that shapes can't tell, with their defaults.
  func words(isCell: Bool) -> [String: JSONValue] {
    var words: [String: JSONValue] = ["nonlinearity": "tanh"]
    if !isCell { words["batch_first"] = false }
    if hasResetPlacement { words[Self.resetOption] = true }
    return words
  }

  /// The name of the class or of its cell class.
  func className(isCell: Bool) -> String {
    isCell ? "nn.\(name)Cell" : "nn.\(name)"
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// The recurrent class with this name, or nil.
  var recurrentKind: PyTorchRecurrentKind? {
    PyTorchRecurrentKind.all.first {
      [$0.className(isCell: false), $0.className(isCell: true)].contains(typeName)
    }
  }

  /// Whether the class is a cell, which is called for one timestep.
  var isCell: Bool { typeName.hasSuffix("Cell") }
}

extension PyTorchClass {
  /// A recurrent class, or its cell class.
  init(_ kind: PyTorchRecurrentKind, isCell: Bool) {
    self.init(
      kind.className(isCell: isCell), parameters: RecurrentParameter.allCases.map(\.rawValue),
      words: kind.words(isCell: isCell),
      outline: { layer in
        let directions = layer.options["bidirectional"]?.bool == true ? 2 : 1
        let projected = layer.size("proj_size") ?? 0
        let own = projected > 0 ? projected : layer.size("hidden_size")
        return PyTorchOutline(
          rank: isCell ? 2 : 3,
          batchAxis: isCell || layer.options["batch_first"]?.bool == true ? 0 : 1,
          takes: layer.size("input_size"), gives: own.map { $0 * directions })
      },
      recognize: { names in names.options(of: kind, isCell: isCell) },
      read: { reader, model, _ throws(CheckpointError) in
        guard let module = try reader.recurrent(kind, &model) else { return nil }
        reader.setInput(
          isCell ? [nil, module.inputSize] : [nil, nil, module.inputSize],
          type: module.elementType)
        return .recurrent(module)
      })
  }
}

extension StateDictModules.Candidate {
  /// The options of a recurrent module with these kernels; nil for another class.
  func options(of kind: PyTorchRecurrentKind, isCell: Bool) -> PyTorchClass.Options? {
    let first = RecurrentParameter.suffix(layer: isCell ? nil : 0)
    func tensor(_ parameter: RecurrentParameter) -> Tensor? {
      self.tensor(parameter.name(first))
    }
    guard let kernel = tensor(.kernel), let own = tensor(.recurrentKernel),
      kernel.rank == 2, own.rank == 2, own.shape[1] > 0
    else { return nil }
    let projection = tensor(.projection)
    let units = own.shape[0] / kind.gateCount
    guard own.shape[0] == kind.gateCount * units, kernel.shape[0] == own.shape[0],
      projection == nil ? units == own.shape[1] : kind.isProjectable
    else { return nil }
    var options: PyTorchClass.Options = [
      ("input_size", .integer(kernel.shape[1])), ("hidden_size", .integer(units)),
    ]
    if !has(RecurrentParameter.bias.name(first)), !has(RecurrentParameter.recurrentBias.name(first))
    {
      options.append(("bias", false))
    }
    guard !isCell else { return options }
    var depth = 1
    while has(RecurrentParameter.kernel.name(RecurrentParameter.suffix(layer: depth))) {
      depth += 1
    }
    if depth > 1 { options.append(("num_layers", .integer(depth))) }
    if has(RecurrentParameter.kernel.name(RecurrentParameter.suffix(layer: 0, isReverse: true))) {
      options.append(("bidirectional", true))
    }
    if projection != nil { options.append(("proj_size", .integer(own.shape[1]))) }
    return options
  }
}
