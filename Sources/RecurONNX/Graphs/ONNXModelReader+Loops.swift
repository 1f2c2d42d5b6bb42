import RecurModel
import RecurTensors

// Loops: as many copies of the body as the loop has rounds.
extension ONNXModelReader {
  /// The most rounds of a loop.
  private static let rounds = 4_096

  /// `Loop`: a body that hands on values, and puts out one value per round.
  mutating func loop(_ call: ONNXCall, in scope: Scope) throws(CheckpointError) -> [GraphValue] {
    let body = try body(of: call)
    var trips = Int.max
    if call.has(0) {
      guard let number = call[0].double, let count = Int(exactly: number) else {
        throw call.problem(
          "runs \(call[0].title) rounds, which is not the same in every call, and its body is no "
            + "cell that is known", builder, expected: "a known number of timesteps")
      }
      trips = max(count, 0)
    }
    var values = Array(call.inputs.dropFirst(2))
    var condition = call.has(1) ? call[1] : .known(try KnownArray(whole: [1], shape: []))
    let scans = body.outputs.count - 1 - values.count
    guard scans >= 0, body.inputs.count == values.count + 2 else {
      throw ONNXModel.invalid(
        "the body of the loop has \(body.inputs.count) inputs and \(body.outputs.count) outputs for "
          + "\(values.count) values", call.node.location)
    }
    var (parts, round) = ([[GraphValue]](repeating: [], count: scans), 0)
    while round < trips {
      guard let goesOn = condition.double else {
        throw call.problem("ends by a condition that is computed", builder)
      }
      guard goesOn != 0 else { break }
      guard round < Self.rounds else {
        throw call.problem("has more than \(Self.rounds) rounds", builder)
      }
      let inputs =
        [.known(try KnownArray(whole: [round], shape: [])), condition] + values
      let outputs = try results(of: body, inputs, call, in: scope)
      condition = outputs[0]
      values = Array(outputs[1..<1 + values.count])
      for scan in 0..<scans { parts[scan].append(outputs[1 + values.count + scan]) }
      round += 1
    }
    var stacks: [GraphValue] = []
    for part in parts { stacks.append(try stacked(part, axis: 0, call)) }
    return values + stacks
  }

  /// `Scan`: a body that reads one position of some arrays per round.
  mutating func scan(_ call: ONNXCall, in scope: Scope) throws(CheckpointError) -> [GraphValue] {
    let body = try body(of: call)
    let count = try call.int("num_scan_inputs", builder)
    guard call.version >= 9, count >= 1, count <= call.inputs.count,
      body.inputs.count == call.inputs.count
    else { throw call.problem("reads \(count) arrays", builder) }
    var values = Array(call.inputs.dropLast(count))
    let arrays = Array(call.inputs.suffix(count))
    let scans = body.outputs.count - values.count
    func numbers(_ name: String, _ count: Int) throws(CheckpointError) -> [Int] {
      let own = try call.ints(name, builder) ?? [Int](repeating: 0, count: count)
      guard own.count == count else { throw call.problem("has \(own.count) '\(name)'", builder) }
      return own
    }
    guard scans >= 0 else { throw call.problem("has too few outputs", builder) }
    let (inputAxes, outputAxes) = (
      try numbers("scan_input_axes", count), try numbers("scan_output_axes", scans)
    )
    let (isReversed, isPrepended) = (
      try numbers("scan_input_directions", count), try numbers("scan_output_directions", scans)
    )
    let axis = try builder.axis(inputAxes[0], of: arrays[0])
    guard let rounds = try builder.extents(arrays[0])[axis].value, rounds <= Self.rounds else {
      throw call.problem(
        "runs over a free number of timesteps, and its body is no cell that is known", builder)
    }
    var parts = [[GraphValue]](repeating: [], count: scans)
    for round in 0..<rounds {
      var inputs = values
      for (index, array) in arrays.enumerated() {
        let position = isReversed[index] == 0 ? round : rounds - 1 - round
        inputs.append(try builder.selected(array, axis: inputAxes[index], position))
      }
      let outputs = try results(of: body, inputs, call, in: scope)
      values = Array(outputs.prefix(values.count))
      for scan in 0..<scans { parts[scan].append(outputs[values.count + scan]) }
    }
    var stacks: [GraphValue] = []
    for (scan, part) in parts.enumerated() {
      stacks.append(
        try stacked(isPrepended[scan] == 0 ? part : part.reversed(), axis: outputAxes[scan], call))
    }
    return values + stacks
  }

  func body(of call: ONNXCall) throws(CheckpointError) -> ONNXGraph {
    guard case .graph(let body)? = call.attributes["body"] else {
      throw ONNXModel.invalid("\(call.node.title) has no body", call.node.location)
    }
    return body
  }

  /// The results of one round.
  private mutating func results(
    of body: ONNXGraph, _ inputs: [GraphValue], _ call: ONNXCall, in scope: Scope
  ) throws(CheckpointError) -> [GraphValue] {
    var inner = scope
    inner.depth += 1
    for (input, value) in zip(body.inputs, inputs) { inner.values[Name(input.name)] = value }
    try bindWeights(body, in: &inner)
    try read(body.nodes, results: body.outputs.map(\.name), in: &inner)
    builder.location = call.node.location
    var outputs: [GraphValue] = []
    for output in body.outputs {
      guard let value = inner.values[Name(output.name)] else {
        throw ONNXModel.invalid(
          "the body's output '\(output.name)' is computed by no node", output.location)
      }
      outputs.append(value)
    }
    return outputs
  }

  private mutating func stacked(
    _ parts: [GraphValue], axis: Int, _ call: ONNXCall
  ) throws(CheckpointError) -> GraphValue {
    guard !parts.isEmpty else { throw call.problem("runs no round", builder) }
    // A value that no node needs may be no array.
    guard parts.allSatisfy(\.isArray) else { return .nothing }
    return try builder.stacked(parts, axis: axis)
  }
}
