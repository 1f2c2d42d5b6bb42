package import RecurTensors

/// What a layer says of one of its weights.
package struct Parameter: Sendable {
  /// The shape that a weight must have.
  package enum Shape: Sendable {
    /// These extents.
    case exactly([Int])
    /// As many axes as there are words: `["out", "in"]`.
    case axes([String])
    /// One axis of this name, or none.
    case axisOrNumber(String)
    /// Any shape; the layer checks it where it is applied.
    case any
  }

  /// What the weight is, in words: `the kernel of the input gate`.
  package var role: String
  /// The shape it must have.
  package var shape: Shape
  /// The number that all elements have when a layer does without the weight; nil when it can't.
  package var neutral: Double?

  /// Describes a weight.
  package init(_ role: String, _ shape: Shape, neutral: Double? = nil) {
    self.role = role
    self.shape = shape
    self.neutral = neutral
  }
}

/// What is done with the weights of a layer, one after the other.
package protocol ParameterVisitor {
  /// What a visit can throw.
  associatedtype Failure: Error
  /// Looks at a weight, and may replace it.
  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Failure)
  /// Is told of a weight that the layer does without.
  mutating func visitAbsent(_ parameter: Parameter)
}

extension ParameterVisitor {
  /// Visits a weight that a layer may do without.
  mutating func visit(_ tensor: inout Tensor?, _ parameter: Parameter) throws(Failure) {
    guard var own = tensor else { return visitAbsent(parameter) }
    try visit(&own, parameter)
    tensor = own
  }
}

/// A change of one tensor.
package typealias TensorChange = (Tensor) throws(CheckpointError) -> Tensor

/// Lists the weights.
struct ParameterList: ParameterVisitor {
  var entries: [(parameter: Parameter, tensor: Tensor)] = []

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    entries.append((parameter, tensor))
  }

  mutating func visitAbsent(_ parameter: Parameter) {}
}

extension Layer {
  /// Every weight with what its layer says of it.
  package var parameters: [(parameter: Parameter, tensor: Tensor)] {
    var (list, copy) = (ParameterList(), definition)
    copy.visitParameters(&list)
    return list.entries
  }

  /// Every weight with its role in words.
  package var tensors: [(role: String, tensor: Tensor)] {
    parameters.map { ($0.parameter.role, $0.tensor) }
  }

  /// The number of learned numbers.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// The same layer with every weight replaced by what `change` makes of it, in the order of
  /// ``tensors``.
  ///
  /// - Throws: what `change` throws.
  package func mappingTensors(_ change: TensorChange) throws(CheckpointError) -> Layer {
    // A visitor can't hold a closure that does not escape, so the new weights are made first.
    var changed: [Tensor] = []
    for (_, tensor) in tensors { changed.append(try change(tensor)) }
    var (replacing, copy) = (ParameterReplacement(tensors: changed[...]), definition)
    copy.visitParameters(&replacing)
    return copy.asLayer
  }
}

/// Puts other weights in the place of those a layer has, in order.
private struct ParameterReplacement: ParameterVisitor {
  var tensors: ArraySlice<Tensor>

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    if let next = tensors.popFirst() { tensor = next }
  }

  mutating func visitAbsent(_ parameter: Parameter) {}
}
