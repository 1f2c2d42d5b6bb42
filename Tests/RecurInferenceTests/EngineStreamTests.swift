import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

@Suite("A program's streams and threads")
struct EngineStreamTests {
  /// The seeds of random models with one sequence as their only input that can be read in pieces.
  private static let streams: [Int] = (0..<400).filter { seed in
    guard let (model, calls) = try? RandomModels.model(seed: seed), calls[0].count == 1 else {
      return false
    }
    return (try? ModelStream(model)) != nil
  }

  @Test(
    "in pieces of any size are the whole, bit for bit, on kernels and by the reference's code",
    arguments: Kernels.available, [ElementType.float32, .float16])
  func pieces(kernels: Kernels, precision: ElementType) throws {
    #expect(Self.streams.count >= 40)
    for seed in Self.streams {
      var (model, calls) = try RandomModels.model(seed: seed)
      for index in model.nodes.indices { model.nodes[index].precision = precision }
      let program = try Program(model, kernels: kernels)
      let x = calls[0][0]
      let axis = model.isTimeFirst ? 0 : 1
      let (timesteps, batch) = (x.shape[axis], x.shape[1 - axis])
      var stream = try ModelStream(model)
      let whole = try stream.feed([x], inPiecesOf: timesteps, on: program)[0]
      for count in 1..<max(timesteps, 2) {
        var state = ProgramState()
        var parts: [Tensor] = []
        for start in Swift.stride(from: 0, to: timesteps, by: count) {
          let piece = x.slice(axis: axis, start..<min(start + count, timesteps))
          let length = piece.shape[axis]
          var y = [Float](
            repeating: .nan,
            count: try program.outputSize(batch: batch, timesteps: length))
          var span = y.mutableSpan
          let numbers = piece.floats()
          try program.run(
            numbers.span, batch: batch, timesteps: length, state: &state, into: &span)
          parts.append(try .float32(y, shape: [y.count]))
        }
        #expect(state.timesteps == timesteps)
        var pieces = try ModelStream(model)
        let joined = try pieces.feed([x], inPiecesOf: count, on: program)[0]
        #expect(joined.isBitEqual(to: whole))
        let last = parts[parts.count - 1]
        if whole.shape.count == 2 { #expect(last.doubles() == whole.doubles()) }
      }
    }
  }

  @Test("a stream of a program is the reference's stream") func agreement() throws {
    for seed in Self.streams {
      let (model, calls) = try RandomModels.model(seed: seed)
      let program = try Program(model)
      var (stream, own) = (try ModelStream(model), try ModelStream(model))
      let expected = try stream.feed(calls[0], inPiecesOf: 2)
      let results = try own.feed(calls[0], inPiecesOf: 2, on: program)
      for (result, value) in zip(results, expected) {
        #expect(difference(result, value) <= 2e-6, "model \(seed)")
      }
      #expect(own.timesteps == stream.timesteps)
    }
  }

  @Test("layers that the reference's code computes carry on their states, bit for bit")
  func reference() throws {
    for seed in Self.streams {
      var (model, calls) = try RandomModels.model(seed: seed)
      for index in model.nodes.indices where !model.nodes[index].layer.recurrents.isEmpty {
        model.nodes[index].precision = .bfloat16
      }
      let recurrent = model.nodes.filter { !$0.layer.recurrents.isEmpty }.map(\.layerName)
      #expect(Set(recurrent).isSubset(of: model.layersOnReference))
      for index in model.nodes.indices { model.nodes[index].precision = .bfloat16 }
      let program = try Program(model)
      for count in 1...3 {
        var (stream, own) = (try ModelStream(model), try ModelStream(model))
        let expected = try stream.feedInFloat(calls[0], inPiecesOf: count)
        let results = try own.feed(calls[0], inPiecesOf: count, on: program)
        for (result, value) in zip(results, expected) {
          #expect(
            result.floats().map(\.bitPattern) == value.floats().map(\.bitPattern), "model \(seed)")
        }
      }
    }
  }

  @Test("numbers of callers are read and written where each caller has them", arguments: [1, 2])
  func callers(threads: Int) throws {
    var seen = 0
    for seed in 0..<300 {
      let (model, calls) = try RandomModels.model(seed: seed)
      guard calls[0].count == 1, !model.isTimeFirst else { continue }
      let program = try Program(model, threads: threads)
      let shape = calls[0][0].shape
      let inputs = [calls[0][0].floats(), calls[0][0].floats().map { $0 == 0 ? 0 : 1 - $0 }]
      var outputs: [[Float]] = []
      for x in inputs {
        var y = [Float](
          repeating: .nan,
          count: try program.outputSize(batch: shape[0], timesteps: shape[1]))
        var span = y.mutableSpan
        do {
          try program.run(x.span, batch: shape[0], timesteps: shape[1], into: &span)
        } catch { continue }
        outputs.append(y)
        // A run on tensors has memory of its own, and leaves the callers' buffers alone.
        let own = try program.run([.float32(x, shape: shape)])[0].floats()
        #expect(own.map(\.bitPattern) == y.map(\.bitPattern), "model \(seed)")
      }
      for (x, y) in zip(inputs, outputs) where outputs.count == 2 {
        let again = try program.run([.float32(x, shape: shape)])[0].floats()
        #expect(again.map(\.bitPattern) == y.map(\.bitPattern), "model \(seed)")
        seen += 1
      }
    }
    #expect(seen > 60)
  }

  @Test("a state is a value: copies go on by themselves") func values() throws {
    let model = try EngineModels.lstm(inputSize: 2, units: 7, head: 3)
    let program = try Program(model)
    func step(_ number: Float, _ state: inout ProgramState) throws -> [Float] {
      var y = [Float](repeating: 0, count: 3)
      var span = y.mutableSpan
      let x = [number, -number]
      try program.step(x.span, state: &state, into: &span)
      return y
    }
    var one = ProgramState()
    _ = try step(0.3, &one)
    var other = one
    let first = try step(0.5, &one)
    #expect(try step(0.5, &other) == first)
    #expect(try step(0.5, &one) != first)
    #expect(one.timesteps == 3 && other.timesteps == 2 && one.batch == 1)
  }

  @Test("a layer that needs the whole sequence is refused, and so are wrong sizes")
  func refusals() throws {
    let model = try EngineModels.lstm(inputSize: 2, units: 5, isBidirectional: true)
    let program = try Program(model)
    let forward = try Program(EngineModels.lstm(inputSize: 2, units: 10))
    var state = ProgramState()
    var y = [Float](repeating: 0, count: 10)
    func run(_ program: Program, _ x: [Float], batch: Int) throws {
      var span = y.mutableSpan
      try program.run(x.span, batch: batch, timesteps: 1, state: &state, into: &span)
    }
    expectDiagnostic("sequence.stream") { try run(program, [1, 2], batch: 1) }
    expectDiagnostic("input.shape") { try run(forward, [1, 2, 3], batch: 1) }
    expectDiagnostic("input.empty") { try run(forward, [], batch: 0) }
    try run(forward, [1, 2], batch: 1)
    y.append(contentsOf: y)
    expectDiagnostic("state.batch") { try run(forward, [1, 2, 3, 4], batch: 2) }
    #expect(state.timesteps == 1)
  }

  // MARK: threads

  @Test("any number of threads gives the same bits", arguments: Kernels.available)
  func threads(kernels: Kernels) throws {
    let cases = [(1, 130, 3, false), (40, 70, 6, true), (2, 300, 2, true), (20, 33, 4, false)]
    for (batch, units, timesteps, isBidirectional) in cases {
      let model = try EngineModels.lstm(
        inputSize: 100, units: units, head: 60, isBidirectional: isBidirectional)
      var numbers = RandomNumbers(seed: units)
      let x = try numbers.tensor([batch, timesteps, 100], bound: 1)
      let expected = try Program(model, kernels: kernels).run([x])[0].floats()
      for threads in 2...4 {
        let program = try Program(model, kernels: kernels, threads: threads)
        for _ in 0..<3 { #expect(try program.run([x])[0].floats() == expected) }
      }
    }
  }

  @Test("one program serves many tasks at the same time") func tasks() async throws {
    let model = try EngineModels.lstm(inputSize: 20, units: 90, head: 5)
    let program = try Program(model, threads: 2)
    var numbers = RandomNumbers(seed: 1)
    let inputs = try (1...8).map { try numbers.tensor([$0, 9, 20], bound: 1) }
    let expected = try inputs.map { try program.run([$0])[0].floats() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for index in 0..<64 {
        let (x, wanted) = (inputs[index % inputs.count], expected[index % inputs.count])
        group.addTask { try program.run([x])[0].floats() == wanted }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }
}

extension Model {
  var isTimeFirst: Bool {
    if case .input(let input) = node(inputs[0])?.layer { input.batchAxis == 1 } else { false }
  }
}
