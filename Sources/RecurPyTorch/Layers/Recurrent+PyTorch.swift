import RecurModel
import RecurTensors

// nn.LSTM, nn.GRU, nn.RNN and their cells (torch/nn/modules/rnn.py), or a class in generated code.
extension Recurrent: PyTorchLayer {
  static let classes = PyTorchRecurrentKind.all.flatMap { kind in
    [PyTorchClass(kind, isCell: false), PyTorchClass(kind, isCell: true)]
  }

  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError) {
    try visitor.visit(&cell, keys)
  }

  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] {
    let subject = "\(cell.pytorch.form.kind) \(name)"
    return limits(of: subject)
      + (isMasked ? [.masked("\(subject) skips masked timesteps", "a mask")] : [])
      + (direction == .backward
        ? [PyTorchLimit(what: "\(subject) reads its input backwards")] : [])
  }

  func leftToCode(_ name: String) -> [String] {
    leftToCode(of: name)
      + (returnsSequence
        ? [] : ["\(cell.pytorch.form.kind) \(name) puts out the last timestep only"])
  }

  var operands: PyTorchOperands { .floatingPoint }
  var isTorch: Bool { cell.pytorch.form.torchClass != nil }
  var torchDirections: [Recurrent] { isTorch && direction == .forward ? [self] : [] }

  func constructor(_ construction: PyTorchConstruction) -> String? {
    let form = cell.pytorch.form
    guard !construction.isWrittenOut, let torchClass = form.torchClass else {
      return form.written([maskedOutputArgument], construction)
    }
    return construction.call(torchClass, form.torchArguments)
  }

  /// The arguments about masked timesteps for a class in generated code.
  var maskedOutputArgument: String? {
    switch maskedOutput {
    case .previous: nil
    case .zero: "masked_output=\"zero\""
    case .state: "masked_output=\"state\""
    }
  }

  func activations(isWrittenOut: Bool) -> [Activation] {
    isWrittenOut ? cell.pytorch.form.functions : []
  }

  var furtherOutputs: [String] { cell.pytorch.form.stateVariables }

  func statements(_ call: PyTorchCall, in code: PyTorchModule) -> [String] {
    call.application([self])
      + (returnsSequence ? [] : call.assigning("\(call.y)[:, -1]"))
      + (returnsState ? call.naming(furtherOutputs) : [])
  }
}
