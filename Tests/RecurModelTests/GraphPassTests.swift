import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// Every pass of canonical form, by the numbers of the model before and after it.
@Suite("Canonical form computes the same numbers")
struct GraphPassTests {
  private var numbers = Mutations.Generator(state: 7)

  private mutating func tensor(_ shape: [Int]) throws -> Tensor {
    try Tensor.float32(
      (0..<shape.reduce(1, *)).map { _ in Float(numbers.next(2001) - 1000) / 1000 }, shape: shape)
  }

  private mutating func weight(_ shape: [Int]) throws -> GraphValue {
    .known(KnownArray(try tensor(shape)))
  }

  private func input(
    _ builder: inout GraphBuilder, _ rest: [Int], _ name: String = "x"
  ) throws -> GraphValue {
    try builder.input(
      name, shape: [.free("batch")] + rest.map { .fixed($0) }, type: .float32,
      batch: .free("batch"))
  }

  /// Runs a graph before and after; returns the titles of the layers after.
  private mutating func titles(
    _ builder: GraphBuilder, _ outputs: [GraphValue]
  ) throws -> [String] {
    var builder = builder
    var values: [Model.Value] = []
    for output in outputs { values.append(try builder.computed(output)) }
    let model = try builder.model(named: "test", producer: "", outputs: values).validated()
    let canonical = try model.canonical().validated()
    for batch in [1, 3] {
      let inputs = try model.inputs.map { name in
        guard case .input(let input)? = model.node(name)?.layer else { throw TestProblem() }
        return try tensor(input.shape.map { $0 ?? batch })
      }
      let (before, after) = (try model.run(inputs), try canonical.run(inputs))
      #expect(before.count == after.count)
      for (one, other) in zip(before, after) {
        #expect(one.shape == other.shape)
        for (x, y) in zip(one.doubles(), other.doubles()) { #expect(abs(x - y) < 1e-6) }
      }
    }
    return canonical.nodes.map(\.layer.title)
  }

  @Test("orders of axes cancel each other, also around functions of elements and of positions")
  mutating func permutations() throws {
    var builder = GraphBuilder()
    let x = try input(&builder, [4, 3])
    let turned = try builder.permuted(x, [1, 0, 2])
    let relu = try builder.apply(.activation(.relu), builder.computed(turned))
    let kernel = Dense(kernel: try tensor([2, 3]), bias: nil, activation: .linear)
    let dense = try builder.apply(.dense(kernel), builder.computed(relu))
    let back = try builder.transposed(dense, 0, 1)
    let cancelled = try titles(builder, [back])
    #expect(cancelled == ["Input", "Activation(relu)", "Dense(2)"])
    let channels = try builder.permuted(x, [0, 2, 1])
    let shifted = try builder.binary(.add, channels, weight([3, 1]))
    let whole = try builder.permuted(builder.unary(.absolute, shifted), [0, 2, 1])
    #expect(try titles(builder, [whole]) == ["Input", "Add(x, [1, 1, 3])", "Abs"])
    let odd = try builder.permuted(builder.permuted(x, [2, 0, 1]), [2, 1, 0])
    #expect(try titles(builder, [odd]).count == 1 + Reshaping.permutations([1, 0, 2]).count)
  }

  @Test("axes that are equally long are told apart")
  mutating func equalAxes() throws {
    var builder = GraphBuilder()
    let x = try builder.input("x", shape: [.fixed(3), .fixed(3), .fixed(2)], type: .float32)
    let turned = try builder.transposed(x, 0, 1)
    let relu = try builder.apply(.activation(.tanh), builder.computed(turned))
    #expect(try titles(builder, [relu]).count == 3)
  }

  @Test("a product and a sum are a dense layer, also around joined axes")
  mutating func products() throws {
    var builder = GraphBuilder()
    let x = try input(&builder, [4, 3])
    let flat = try builder.reshaped(x, [.fixed(-1), .fixed(3)])
    let dense = Dense(kernel: try tensor([2, 3]), bias: nil, activation: .linear)
    let product = try builder.apply(.dense(dense), builder.computed(flat))
    let sum = try builder.binary(.add, product, weight([2]))
    let back = try builder.reshaped(sum, [.free("batch"), .fixed(4), .fixed(2)])
    #expect(try titles(builder, [back]) == ["Input", "Dense(2)"])
  }

  @Test("a part of a stack is what was stacked; the last timestep is counted from the end")
  mutating func parts() throws {
    var builder = GraphBuilder()
    let (x, y) = (try input(&builder, [3]), try input(&builder, [3], "y"))
    let stack = try builder.stacked([x, y], axis: 0)
    let last = try builder.selected(stack, axis: 0, -1)
    #expect(try titles(builder, [last]) == ["Input", "Input"])
    let sequence = try input(&builder, [4, 3], "z")
    let lines = try builder.transposed(sequence, 0, 1)
    let piece = try builder.sliced(lines, axis: 0, from: -1, to: nil)
    let element = try builder.selected(piece, axis: 0, 0)
    #expect(try titles(builder, [element]).last == "Select(axis 1, -1)")
  }

  // MARK: recurrent layers

  /// One step of torch's LSTM: rows i, f, g, o.
  private mutating func lstmStep(
    _ builder: inout GraphBuilder, _ x: GraphValue, _ h: GraphValue, _ c: GraphValue,
    _ weights: [Tensor]
  ) throws -> (h: GraphValue, c: GraphValue) {
    let one = Dense(kernel: weights[0], bias: weights[2], activation: .linear)
    let other = Dense(kernel: weights[1], bias: weights[3], activation: .linear)
    let units = weights[1].shape[1]
    let sum = try builder.binary(
      .add, builder.apply(.dense(other), builder.computed(h)),
      builder.apply(.dense(one), builder.computed(x)))
    let gates = try builder.split(sum, axis: 1, sizes: [Int](repeating: units, count: 4))
    func activated(_ function: Activation, _ value: GraphValue) throws -> GraphValue {
      try builder.apply(.activation(function), builder.computed(value))
    }
    let kept = try builder.binary(.multiply, activated(.sigmoid, gates[1]), c)
    let new = try builder.binary(
      .multiply, activated(.sigmoid, gates[0]), activated(.tanh, gates[2]))
    let cell = try builder.binary(.add, kept, new)
    return (
      try builder.binary(.multiply, activated(.sigmoid, gates[3]), activated(.tanh, cell)), cell
    )
  }

  @Test("the equations of an LSTM are its step, and steps over all timesteps are a layer")
  mutating func lstm() throws {
    var builder = GraphBuilder()
    let weights = [
      try tensor([8, 3]), try tensor([8, 2]), try tensor([8]), try tensor([8]),
    ]
    let (x, h, c) = (
      try input(&builder, [3]), try input(&builder, [2], "h"), try input(&builder, [2], "c")
    )
    let step = try lstmStep(&builder, x, h, c, weights)
    let names = try titles(builder, [step.h, step.c])
    #expect(names.filter { $0 != "Input" } == ["ExpandDims(1)", "LSTM(2)"])

    var loop = GraphBuilder()
    let sequence = try input(&loop, [5, 3])
    let zero = GraphValue.known(
      try KnownArray(repeating: 0, .float32, shape: [.free("batch"), .fixed(2)]))
    var (states, outputs) = ((h: zero, c: zero), [GraphValue]())
    for time in 0..<5 {
      states = try lstmStep(
        &loop, loop.selected(sequence, axis: 1, time), states.h, states.c, weights)
      outputs.append(states.h)
    }
    let stack = try loop.stacked(outputs, axis: 1)
    let looped = try titles(loop, [stack, states.c])
    #expect(looped == ["Input", "LSTM(2)"])
    // A loop that leaves out a timestep is no layer.
    let three = try loop.stacked([outputs[0], outputs[2], outputs[4]], axis: 1)
    #expect(try titles(loop, [three]).count { $0 == "LSTM(2)" } > 1)
  }

  @Test("the equations of a GRU are its step")
  mutating func gru() throws {
    var builder = GraphBuilder()
    let (x, h) = (try input(&builder, [3]), try input(&builder, [2], "h"))
    func product(_ value: GraphValue, _ kernel: Tensor, _ bias: Tensor) throws -> [GraphValue] {
      let dense = Dense(kernel: kernel, bias: bias, activation: .linear)
      let y = try builder.apply(.dense(dense), builder.computed(value))
      return try builder.split(y, axis: 1, sizes: [2, 2, 2])
    }
    let own = try product(x, tensor([6, 3]), tensor([6]))
    let state = try product(h, tensor([6, 2]), tensor([6]))
    func gate(_ index: Int) throws -> GraphValue {
      let sum = try builder.binary(.add, state[index], own[index])
      return try builder.apply(.activation(.sigmoid), builder.computed(sum))
    }
    let (reset, update) = (try gate(0), try gate(1))
    let inner = try builder.binary(.add, own[2], builder.binary(.multiply, state[2], reset))
    let new = try builder.apply(.activation(.tanh), builder.computed(inner))
    let next = try builder.binary(
      .add, builder.binary(.multiply, builder.binary(.subtract, h, new), update), new)
    let names = try titles(builder, [next])
    #expect(names.filter { $0 != "Input" } == ["ExpandDims(1)", "GRU(2)"])
  }

  @Test("states given and returned become states that the model keeps")
  mutating func keptStates() throws {
    var builder = GraphBuilder()
    let weights = [
      try tensor([8, 3]), try tensor([8, 2]), try tensor([8]), try tensor([8]),
    ]
    let x = try builder.input("x", shape: [.fixed(1), .fixed(3)], type: .float32)
    let h = try builder.input("h", shape: [.fixed(1), .fixed(1), .fixed(2)], type: .float32)
    let c = try builder.input("c", shape: [.fixed(1), .fixed(1), .fixed(2)], type: .float32)
    let step = try lstmStep(
      &builder, x, builder.selected(h, axis: 0, 0), builder.selected(c, axis: 0, 0), weights)
    let outputs = [
      try builder.computed(step.h), try builder.computed(builder.insertingAxis(step.h, 0)),
      try builder.computed(builder.insertingAxis(step.c, 0)),
    ]
    let open = builder.model(named: "test", producer: "", outputs: outputs)
    let kept = try open.canonical().keepingStates(["h", "c"]).validated()
    #expect(kept.isStateful)
    #expect(kept.inputs == ["x"])
    var state = RecurrentState()
    var (own, zero) = (try tensor([1, 1, 2]), try tensor([1, 1, 2]))
    own = try Tensor.float32([0, 0], shape: [1, 1, 2])
    zero = own
    for _ in 0..<3 {
      let value = try tensor([1, 3])
      let all = try open.run([value, own, zero])
      let one = try kept.run([value], state: &state)
      for (x, y) in zip(all[0].doubles(), one[0].doubles()) { #expect(abs(x - y) < 1e-6) }
      (own, zero) = (all[1], all[2])
    }
    // A state that something else reads is no state of a layer alone.
    let read = try builder.computed(builder.binary(.add, h, .number(1)))
    let other = builder.model(named: "test", producer: "", outputs: [read] + outputs[1...])
    #expect(throws: CheckpointError.self) { try other.canonical().keepingStates(["h", "c"]) }
  }
}

private struct TestProblem: Error {}
