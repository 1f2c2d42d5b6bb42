import RecurModel
import RecurTensors

// Cells over sequences, as one operation or as a loop.
extension MILGraphWriter {
  /// One direction, forward.
  ///
  /// - Throws: `model.unrepresentable`.
  mutating func recurrent(
    _ cell: RecurrentCell, _ own: CoreMLSequenceCall
  ) throws(CheckpointError) -> CoreMLWrittenSequence {
    var own = own
    if own.initial.isEmpty { own.initial = firstStates(cell, own) }
    if let form = try cell.coreML.operation(own.call) {
      return operation([form], own, direction: "forward")
    }
    return try loop(cell, own)
  }

  /// Zeros, `[batch, size]` each.
  mutating func firstStates(_ cell: RecurrentCell, _ own: CoreMLSequenceCall) -> [MILWritten] {
    cell.stateSizes.map { size in
      zeros([own.x.shape[1], .fixed(size)], like: own.x, axes: [1, nil], own.call.type)
    }
  }

  /// `lstm` or `rnn`, in one direction or, for an LSTM, in both.
  mutating func operation(
    _ forms: [CoreMLRecurrentForm], _ own: CoreMLSequenceCall, direction: String
  ) -> CoreMLWrittenSequence {
    let (form, type, x) = (forms[0], own.call.type, own.x)
    var arguments: [(String, MILArgument)] = [
      ("x", .value(x)), ("initial_h", .value(own.initial[0])), ("direction", .text(direction)),
      ("output_sequence", .flag(true)),
    ]
    if form.type == "lstm" { arguments.append(("initial_c", .value(own.initial[1]))) }
    for (index, one) in forms.enumerated() {
      let suffix = index == 0 ? "" : "_back"
      if one.isRounded { isRounded = true }
      func add(_ name: String, _ tensor: Tensor?) {
        guard let tensor else { return }
        arguments.append(
          (
            name + suffix,
            .value(
              weight(
                tensor, own.role(name + suffix), sources: one.sources[name] ?? [], as: type))
          ))
      }
      add("weight_ih", one.kernel)
      add("weight_hh", one.recurrentKernel)
      add("bias", one.bias)
      add("peephole", one.peepholes)
    }
    for (name, function) in form.functions { arguments.append((name, .text(function))) }
    if let clip = form.clip { arguments.append(("clip", .number(clip, type))) }
    let width = Dimension.fixed(forms.count * form.units)
    let state = [x.shape[1], width]
    let count = form.type == "lstm" ? 2 : 1
    let results = apply(
      form.type, arguments,
      results: [(shape: [x.shape[0], x.shape[1], width], type: type)]
        + [(shape: [Dimension], type: ElementType)](repeating: (state, type), count: count),
      isMain: true)
    return CoreMLWrittenSequence(outputs: results[0], states: Array(results.dropFirst()))
  }

  /// A loop over the timesteps, which collects a row in each.
  private mutating func loop(
    _ cell: RecurrentCell, _ own: CoreMLSequenceCall
  ) throws(CheckpointError) -> CoreMLWrittenSequence {
    let (x, type) = (own.x, own.call.type)
    let steps = extent(of: x, 0)
    let shape = [x.shape[0], x.shape[1], Dimension.fixed(cell.units)]
    let rows = zeros(shape, like: x, axes: [0, 1, nil], type)
    let counter = numbers([0], .int32, shape: [])
    let first = [counter] + own.initial + [rows]
    let position = blockValue("i", like: counter)
    let inputs =
      [position]
      + own.initial.enumerated().map { blockValue("state\($0.offset)", like: $0.element) }
      + [blockValue("rows", like: rows)]
    beginBlock()
    let more = apply(
      "less", [("x", .value(position)), ("y", .value(steps))], shape: [], as: .bool)
    let condition = endBlock(inputs: inputs, outputs: [more])
    beginBlock()
    let timestep = apply(
      "gather",
      [
        ("x", .value(x)), ("indices", .value(position)), ("axis", .int(0)),
        ("batch_dims", .int(0)),
      ], shape: Array(x.shape.dropFirst()), as: x.type)
    let next: [MILWritten]
    do throws(CheckpointError) {
      next = try cell.coreML.step(
        timestep, Array(inputs.dropFirst().dropLast()), own, &self)
    } catch {
      _ = endBlock(inputs: [], outputs: [])
      throw error
    }
    let row = insertingAxes(next[0], [0])
    let collected = apply(
      "scatter",
      [
        ("data", .value(inputs[inputs.count - 1])),
        ("indices", .value(insertingAxes(position, [0]))), ("updates", .value(row)),
        ("axis", .int(0)), ("mode", .text("update")),
      ], shape: shape, as: type)
    let following = pair("add", position, numbers([1], .int32, shape: []))
    let body = endBlock(inputs: inputs, outputs: [following] + next + [collected])
    let results = apply(
      "while_loop", [("loop_vars", .values(first))],
      results: first.map { (shape: $0.shape, type: $0.type) }, isMain: true,
      blocks: [condition, body])
    return CoreMLWrittenSequence(
      outputs: results[results.count - 1], states: Array(results.dropFirst().dropLast()))
  }
}
