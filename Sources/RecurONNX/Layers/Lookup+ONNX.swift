import RecurModel
import RecurTensors

extension Lookup: ONNXLayer {
  func results(
    _ call: ONNXLayerCall, _ graph: inout ONNXGraphWriter
  ) throws(CheckpointError) -> [ONNXValue] {
    guard keys.count <= 4096, unknownCount > 0 else {
      throw call.unrepresentable("looks numbers up in a list of \(keys.count), too many to compare")
    }
    let x = graph.cast(call.x, to: .int64)
    let list = graph.numbers(keys.map(Double.init), .int64, shape: [keys.count])
    let hits = graph.cast(
      graph.compare("Equal", graph.insertingAxes(x, [call.rank]), list), to: .int64)
    let places = graph.numbers(
      keys.indices.map { Double(firstPosition + $0) }, .int64, shape: [keys.count])
    func sum(_ values: ONNXValue) -> ONNXValue {
      graph.reduced("ReduceSum", values, axes: [call.rank], keepsAxes: false)
    }
    let found = graph.compare("Greater", sum(hits), 0)
    let rest = graph.apply("Mod", x, graph.number(Double(unknownCount), .int64))
    return [
      graph.choose(
        found, sum(graph.multiply(hits, places)), graph.add(rest, Double(unknownPosition)))
    ]
  }
}
