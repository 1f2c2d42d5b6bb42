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

/// Puts other weights in the place of those a layer has, in order.
struct ParameterReplacement: ParameterVisitor {
  var tensors: ArraySlice<Tensor>

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    if let next = tensors.popFirst() { tensor = next }
  }

  mutating func visitAbsent(_ parameter: Parameter) {}
}
