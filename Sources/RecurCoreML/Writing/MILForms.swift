import RecurContainers
import RecurModel
import RecurTensors

/// A value of the program that is written.
struct MILWritten: Hashable, Sendable {
  let name: String
  let type: ElementType
  /// Its extents; free ones are not known to the program either.
  let shape: [Dimension]

  /// The number of axes.
  var rank: Int { shape.count }
}

/// An argument of an operation.
enum MILArgument: Sendable {
  case value(MILWritten)
  case values([MILWritten])
  case text(String)
  case int(Int)
  case ints([Int])
  case flag(Bool)
  case flags([Bool])
  case number(Double, ElementType)
}

/// A constant of the program.
struct MILConstantForm: Sendable {
  enum Content: Sendable {
    /// Numbers of the model, which stand in the program or in the file of weights.
    case tensor(Tensor)
    case ints([Int])
    case flags([Bool])
    case text(String)
    /// Numbers that belong to an operation, as bytes.
    case bytes([UInt8])
  }

  var type: ElementType?
  var shape: [Int]
  var content: Content

  /// Arrays of at least so many numbers are in the file of weights, as other writers have it.
  static let leastStored = 10

  /// The numbers, if they belong into the file of weights.
  var stored: Tensor? {
    guard case .tensor(let tensor) = content, tensor.count >= Self.leastStored else { return nil }
    return tensor
  }
}

/// An operation of the program that is written.
struct MILOperationForm: Sendable {
  var type: String
  /// The names of values, by argument; several for a list.
  var arguments: [(name: String, values: [String])] = []
  var outputs: [MILWritten]
  var blocks: [MILBlockForm] = []
  /// The value of a constant.
  var constant: MILConstantForm?
  /// The name, which is that of the first result unless another is given.
  var name: String
}

/// A block of the program that is written.
struct MILBlockForm: Sendable {
  var inputs: [MILWritten]
  var operations: [MILOperationForm]
  var outputs: [String]
}

/// An array of the model in the program, for reports.
struct MILWeightForm: Sendable {
  var name: String
  var tensor: Tensor
  /// The tensors of the file whose elements these are; empty for the one itself.
  var sources: [Tensor]
}
