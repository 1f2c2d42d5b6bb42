import RecurContainers
import RecurModel
import RecurTensors

// Loops, as many copies of their body as they have rounds, and variables.
extension LiteModelReader {
  /// The most rounds of a loop.
  private static let rounds = 4_096

  /// The results of an operator that holds graphs or variables; nil for every other operator.
  mutating func control(
    _ call: LiteCall, depth: Int
  ) throws(CheckpointError) -> [GraphValue]? {
    switch call.own.code.number {
    case LiteOperators.whileLoop: return try loop(call, depth: depth)
    case LiteOperators.callOnce: return []
    case LiteOperators.variableHandle:
      let name = try call.own.options?.text(1, limit: 4_096) ?? ""
      return [.text(name)]
    case LiteOperators.readVariable:
      guard let name = call[0].text, let value = variables[Name(name)] else {
        throw call.problem("reads a variable that nothing assigned", builder)
      }
      return [value]
    case LiteOperators.assignVariable:
      guard let name = call[0].text, call[1].isArray else {
        throw call.problem("assigns no variable", builder)
      }
      variables[Name(name)] = call[1]
      return []
    default: return nil
    }
  }

  private mutating func loop(
    _ call: LiteCall, depth: Int
  ) throws(CheckpointError) -> [GraphValue] {
    let (condition, body) = (try call.option(0), try call.option(1))
    guard [condition, body].allSatisfy({ file.graphs.indices.contains($0) && $0 > 0 }) else {
      throw CheckpointError(
        .liteInvalid, "a loop has the graphs \(condition) and \(body) of \(file.graphs.count)",
        at: call.own.location)
    }
    var values = call.inputs
    let location = call.own.location
    for _ in 0..<Self.rounds {
      let goesOn = try evaluated(condition, values, depth: depth + 1)
      builder.location = location
      guard goesOn.count == 1, let flag = goesOn[0].double ?? goesOn[0].flag.map({ $0 ? 1 : 0 })
      else {
        throw call.problem(
          "ends by a condition that is computed", builder, expected: "a known number of timesteps")
      }
      guard flag != 0 else { return values }
      let results = try evaluated(body, values, depth: depth + 1)
      builder.location = location
      guard results.count == values.count else {
        throw CheckpointError(
          .liteInvalid, "the body of a loop gives \(results.count) values for \(values.count)",
          at: location)
      }
      values = results
    }
    throw call.problem("has more than \(Self.rounds) rounds", builder)
  }
}
