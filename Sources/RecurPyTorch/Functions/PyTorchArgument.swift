package import RecurModel
package import RecurTensors

/// A value that a call of a torch function is given, or that it returns.
package indirect enum PyTorchArgument: Sendable {
  /// `None`, or an argument that is not given.
  case none
  /// A Boolean.
  case bool(Bool)
  /// A whole number.
  case integer(Int)
  /// A floating-point number.
  case number(Double)
  /// A string: `"mean"`.
  case text(String)
  /// An element type: `torch.int64`.
  case type(ElementType)
  /// An extent of a shape that may be unknown before the model runs: `x.size(1)`.
  case extent(Dimension)
  /// A tensor that the model computes.
  case tensor(PyTorchTensor)
  /// An array that is known when the file is read: a weight, a constant.
  case array(Tensor)
  /// A list or a tuple.
  case list([PyTorchArgument])
  /// A slice `start:stop:step` of a subscript; each part is a whole number, an extent or none.
  case slice(start: PyTorchArgument, stop: PyTorchArgument, step: PyTorchArgument)
  /// `...` in a subscript.
  case ellipsis
  /// A result that can't be computed here, for a reason; only using the result is an error.
  case unavailable(String)

  /// The argument in messages.
  package var text: String {
    switch self {
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): "\"\(value)\""
    case .type(let value): "torch.\(value)"
    case .extent(let value): "\(value)"
    case .tensor(let value): value.shape.map { "a tensor \(RecurModel.text($0))" } ?? "a tensor"
    case .array(let value): "an array \(tuple(value.shape))"
    case .list(let values):
      "[" + values.prefix(8).map(\.text).joined(separator: ", ")
        + (values.count > 8 ? ", …]" : "]")
    case .slice(let start, let stop, let step): "\(start.text):\(stop.text):\(step.text)"
    case .ellipsis: "..."
    case .unavailable: "a result that is not supported"
    }
  }

  /// The whole number, for a known extent too; nil for anything else.
  package var integer: Int? {
    switch self {
    case .integer(let value): value
    case .extent(let value): value.value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }

  /// The number, whole or not; nil for anything else.
  package var number: Double? {
    if case .number(let value) = self { value } else { integer.map { Double($0) } }
  }

  /// Whether nothing is given.
  package var isNone: Bool { if case .none = self { true } else { false } }

  /// The tensor that the model computes; nil for anything else.
  package var tensor: PyTorchTensor? { if case .tensor(let value) = self { value } else { nil } }

  /// The elements of a list; nil for anything else.
  package var list: [PyTorchArgument]? { if case .list(let values) = self { values } else { nil } }
}

/// A tensor that the model computes: its name, and what is known before the model runs.
package struct PyTorchTensor: Hashable, Sendable {
  /// The node and the output.
  package var value: Model.Value
  /// The extents, outermost first; nil when not even the rank is known.
  package var shape: [Dimension]?
  /// The kind of its numbers.
  package var kind: NumberKind

  /// Describes a tensor.
  package init(_ value: Model.Value, shape: [Dimension]?, kind: NumberKind) {
    self.value = value
    self.shape = shape
    self.kind = kind
  }
}
