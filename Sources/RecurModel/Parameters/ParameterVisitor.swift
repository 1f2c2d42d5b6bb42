package import RecurTensors

/// A layer's description of one of its weights.
package struct Parameter: Sendable {
  /// The required shape of a weight.
  package enum Shape: Sendable {
    /// These extents.
    case exactly([Int])
    /// One axis per word, of any extent: `["out", "in"]`.
    case axes([String])
    /// One axis of this name, or no axis.
    case axisOrNumber(String)
    /// Any shape; the layer checks the shape where the weight is applied.
    case any
  }

  /// The weight's role in words: `the kernel of the input gate`.
  package var role: String
  /// The required shape.
  package var shape: Shape
  /// The value of all elements that has the same effect as a missing weight; nil for a required
  /// weight.
  package var neutral: Double?

  /// Describes a weight.
  package init(_ role: String, _ shape: Shape, neutral: Double? = nil) {
    self.role = role
    self.shape = shape
    self.neutral = neutral
  }
}

/// An operation on the weights of a layer, called for one weight after the other.
package protocol ParameterVisitor {
  /// The error that a visit can throw.
  associatedtype Failure: Error
  /// Visits a weight, and may replace it.
  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Failure)
  /// Visits a weight that the layer does not have.
  mutating func visitAbsent(_ parameter: Parameter)
}

extension ParameterVisitor {
  /// Visits an optional weight.
  mutating func visit(_ tensor: inout Tensor?, _ parameter: Parameter) throws(Failure) {
    guard var own = tensor else { return visitAbsent(parameter) }
    try visit(&own, parameter)
    tensor = own
  }
}

/// A change of one tensor.
package typealias TensorChange = (Tensor) throws(CheckpointError) -> Tensor

/// A visitor that lists the weights.
struct ParameterList: ParameterVisitor {
  var entries: [(parameter: Parameter, tensor: Tensor)] = []

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    entries.append((parameter, tensor))
  }

  mutating func visitAbsent(_ parameter: Parameter) {}
}

/// A visitor that replaces a layer's weights by other weights, in order.
struct ParameterReplacement: ParameterVisitor {
  var tensors: ArraySlice<Tensor>

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    if let next = tensors.popFirst() { tensor = next }
  }

  mutating func visitAbsent(_ parameter: Parameter) {}
}
