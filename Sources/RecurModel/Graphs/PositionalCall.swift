package import RecurTensors

/// A call of an operator whose inputs have positions and no names.
package protocol PositionalCall {
  /// The inputs; nothing for one that is left out.
  var inputs: [GraphValue] { get }
  /// The operator with its place in the file, as errors name it.
  var subject: String { get }
}

extension PositionalCall {
  /// An input; nothing when it is left out.
  package subscript(index: Int) -> GraphValue {
    inputs.indices.contains(index) ? inputs[index] : .nothing
  }

  /// Whether an input is given.
  package func has(_ index: Int) -> Bool { !self[index].isNothing }

  /// The error of something that is not supported.
  package func problem(
    _ message: String, _ builder: GraphBuilder, expected: String? = nil
  ) -> CheckpointError {
    builder.problem("\(subject) \(message)", expected: expected)
  }

  /// An array; whole numbers that are known are one.
  package func array(
    _ index: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    guard self[index].isArray else {
      throw problem("has \(self[index].title) for input \(index), an array is needed", builder)
    }
    return self[index]
  }
}
