import RecurModel
import RecurTensors

/// The room of one kind of recurrent cell: everything that the PyTorch formats know of the kind.
///
/// A kind without a class in torch has the form and the tensors of a kind that has one.
protocol PyTorchCell: CellKind {
  /// The recurrent class of torch.nn that is read as this kind; nil for none.
  static var torchKind: PyTorchRecurrentKind? { get }
  /// The Python definitions that generated code of this kind may use.
  static var helpers: [PyTorchHelper] { get }
  /// How generated code writes the cell.
  var form: PyTorchCellForm { get }

  /// Passes every tensor to a visitor, with the key of the tensor in a state dict.
  ///
  /// - Throws: what the visitor throws.
  mutating func visitTensors<Visitor: StateDictVisitor>(
    _ visitor: inout Visitor, _ keys: StateDictKeys
  ) throws(CheckpointError)
}
