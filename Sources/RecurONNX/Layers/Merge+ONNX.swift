import RecurModel
import RecurTensors

extension Merge: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    let inputs = call.inputs.map { graph.cast($0, to: call.outputType) }
    let rank = call.shapes.map(\.count).max() ?? 0
    func folded(_ operation: String) -> ONNXValue {
      let aligned = zip(inputs, call.shapes).map { value, shape in
        graph.insertingAxes(value, Array(1..<1 + rank - shape.count))
      }
      return aligned.dropFirst().reduce(aligned[0]) { graph.apply(operation, $0, $1) }
    }
    switch self {
    case .add: return [folded("Add")]
    case .subtract: return [folded("Sub")]
    case .multiply: return [folded("Mul")]
    case .average: return [graph.divide(folded("Add"), Double(inputs.count))]
    case .maximum: return [folded(call.outputType == .bool ? "Or" : "Max")]
    case .minimum: return [folded(call.outputType == .bool ? "And" : "Min")]
    case .concatenate(let axis):
      return [graph.concatenated(inputs, axis: call.axis(axis))]
    case .stack(let axis):
      return [
        graph.concatenated(inputs.map { graph.insertingAxes($0, [axis]) }, axis: axis)
      ]
    case .dot(let axes, let isNormalized):
      return [dot(inputs, call.shapes.map(\.count), axes, isNormalized, &graph)]
    }
  }

  private func dot(
    _ inputs: [ONNXValue], _ ranks: [Int], _ axes: [Int], _ isNormalized: Bool,
    _ graph: inout ONNXGraphWriter
  ) -> ONNXValue {
    var values = inputs
    if isNormalized {
      for index in values.indices {
        let squares = graph.reduced(
          "ReduceSum", graph.multiply(values[index], values[index]), axes: [axes[index]],
          keepsAxes: true)
        let norm = graph.apply("Sqrt", graph.clip(squares, Self.smallestSquare, nil))
        values[index] = graph.divide(values[index], norm)
      }
    }
    // The batch is a, the axis of the sum is z.
    var letters = Array("bcdefghijklmnopqrstuvwxy")[...]
    var (terms, rest): ([String], String) = ([], "")
    for (index, rank) in ranks.enumerated() {
      var term = "a"
      for axis in 1..<rank {
        let letter = axis == axes[index] ? "z" : letters.popFirst() ?? "z"
        term.append(letter)
        if axis != axes[index] { rest.append(letter) }
      }
      terms.append(term)
    }
    let equation = "\(terms.joined(separator: ","))->a\(rest)"
    let y = graph.apply(
      "Einsum", values, [.text("equation", equation)], types: [values[0].type], isMain: true)[0]
    return rest.isEmpty ? graph.insertingAxes(y, [1]) : y
  }

  /// The smallest square of a norm by which vectors are divided.
  private static let smallestSquare = 1e-12
}
