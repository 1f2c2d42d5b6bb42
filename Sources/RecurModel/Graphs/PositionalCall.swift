package import RecurTensors

/// A call of an operator whose inputs have positions and no names.
package protocol PositionalCall {
  /// The inputs; nothing for one that is left out.
  var inputs: [GraphValue] { get }
  /// The operator with its place in the file, as errors name it.
  var subject: String { get }
  /// Known whole numbers.
  func integers(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> [Int]
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

  /// Numbers that the file holds, or that are computed from them.
  package func weight(
    _ index: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> KnownArray {
    guard let known = self[index].known else {
      throw problem("has \(self[index].title) for input \(index), which must be weights", builder)
    }
    if known.isStored { return known }
    guard known.storedCount ?? .max <= builder.limits.knownElements else {
      throw builder.problem(
        "\(subject) reads weights of more than \(builder.limits.knownElements) elements that are "
          + "made of one", code: .limitExceeded)
    }
    let stored = try known.stored()
    guard stored.isStored else {
      throw problem("has weights of a free shape for input \(index)", builder)
    }
    return stored
  }

  package func integers(
    _ index: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Int] {
    let known = try weight(index, builder)
    guard known.array.count <= 4_096, !known.type.isFloatingPoint else {
      throw problem("has \(known.array.count) numbers for input \(index)", builder)
    }
    return known.wholeNumbers
  }

  /// A known whole number.
  package func integer(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> Int {
    let numbers = try integers(index, builder)
    guard numbers.count == 1 else {
      throw problem("has \(numbers.count) numbers for input \(index)", builder, expected: "one")
    }
    return numbers[0]
  }
}
