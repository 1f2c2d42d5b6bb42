import RecurModel
import RecurTensors

/// What the PyTorch formats know of one kind of recurrent cell: the room of the kind.
///
/// A kind that torch has under another name answers with the form and the tensors of that one.
protocol PyTorchCell: CellKind {
  /// The recurrent class of torch.nn that is read as this kind; nil for none.
  static var torchKind: PyTorchRecurrentKind? { get }
  /// The definitions that code for this kind may use.
  static var helpers: [PyTorchHelper] { get }
  /// How the cell is written in Python.
  var form: PyTorchCellForm { get }

  /// Shows every tensor to a visitor, under its key in a state dict.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError)
}
