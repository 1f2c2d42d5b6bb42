import RecurContainers
import RecurModel
import RecurTensors

/// A call of an operator: its inputs and options.
struct OperatorCall: PositionalCall {
  let node: GraphOperator
  /// The inputs; those that only have to run before are left out.
  let inputs: [GraphValue]

  var subject: String { "\(node.operation) '\(node.name)'" }

  /// Whole numbers that may be computed from free extents.
  func sizes(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> GraphSizes {
    guard let sizes = GraphSizes(self[index]) else {
      throw problem(
        "has \(self[index].title) for input \(index), where whole numbers are needed that are the same "
          + "in every call", builder)
    }
    return sizes
  }

  /// Known whole numbers.
  func integers(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> [Int] {
    let sizes = try sizes(index, builder).elements
    let known = sizes.compactMap(\.value)
    guard known.count == sizes.count else {
      throw problem("has \(text(sizes)) for input \(index), which must be known", builder)
    }
    return known
  }

  /// The inputs in a range, which are arrays.
  func arrays(_ range: Range<Int>, _ builder: GraphBuilder) throws(CheckpointError) -> [GraphValue]
  {
    var values: [GraphValue] = []
    for index in range { values.append(try array(index, builder)) }
    return values
  }

  /// Refuses arrays whose channels are not last.
  func demandChannelsLast(_ builder: GraphBuilder) throws(CheckpointError) {
    if let format = node.text("data_format"), !format.hasSuffix("C") {
      throw problem("has its channels in front: \(format)", builder, expected: "NHWC")
    }
  }
}
