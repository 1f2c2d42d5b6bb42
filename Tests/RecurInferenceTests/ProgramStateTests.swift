import CAllocationCounter
import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("The state of a program's stream")
struct ProgramStateTests {
  private let model: Model
  private let program: Program
  private let frames: [[Float]] = (0..<10).map { t in
    (0..<3).map { Float(($0 * 7 + t * 5) % 11) / 11 - 0.5 }
  }

  init() throws {
    model = try EngineModels.lstm(inputSize: 3, units: 20, head: 2)
    program = try Program(model)
  }

  /// The outputs of frames, one after the other.
  private func outputs(
    _ frames: some Sequence<[Float]>, from state: inout ProgramState
  ) throws -> [[Float]] {
    var y: [Float] = []
    return try frames.map { frame in
      try program.step(frame, state: &state, into: &y)
      return y
    }
  }

  @Test("frames as arrays are the whole sequence, bit for bit") func arrays() throws {
    var state = try program.makeState()
    let steps = try outputs(frames, from: &state)
    #expect(try (program.inputSize(), program.outputSize()) == (3, 2))
    let whole = try program.run([.float32(frames.flatMap { $0 }, shape: [1, 10, 3])])[0]
    #expect(steps.flatMap { $0 } == whole.floats())
    #expect(state.timesteps == 10)
    var pieces = try program.makeState(batch: 1, timesteps: 5)
    var y: [Float] = [1, 2, 3]
    try program.run(Array(frames.joined().prefix(15)), timesteps: 5, state: &pieces, into: &y)
    #expect(y == steps.prefix(5).flatMap { $0 })
  }

  @Test("states have names, are read, and replace those of another stream") func names() throws {
    var state = try program.makeState()
    #expect(state.names == ["lstm.h", "lstm.c"])
    #expect(try state.values(named: "lstm.h") == [Float](repeating: 0, count: 20))
    let copy = state
    let steps = try outputs(frames.prefix(6), from: &state)
    let cell = CellReference(try #require(model.recurrentCell(named: "lstm")))
    var states = cell.zeroStates
    for frame in frames.prefix(6) { _ = cell.step(frame.map(Double.init), &states) }
    for (name, expected) in zip(state.names, states) {
      let found = try state.values(named: name)
      #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-6 }, "\(name)")
      #expect(found.contains { $0 != 0 })
    }
    #expect(try copy.values(named: "lstm.h").allSatisfy { $0 == 0 }, "a copy is a value of its own")

    var other = try program.makeState()
    for name in state.names { try other.set(state.values(named: name), named: name) }
    let rest = try outputs(frames.suffix(4), from: &other)
    #expect(try outputs(frames.suffix(4), from: &state) == rest)
    var fresh = copy
    #expect(try outputs(frames.prefix(6), from: &fresh) == steps)
    try fresh.withValues(named: "lstm.c") { values in
      for index in values.indices { values[index] = 0 }
    }
    #expect(try fresh.values(named: "lstm.c").allSatisfy { $0 == 0 })
    #expect(try fresh.values(named: "lstm.h").contains { $0 != 0 })
  }

  @Test("names and sizes that do not fit are refused, and nothing changes") func refusals() throws {
    var state = try program.makeState(batch: 2)
    expectDiagnostic("state.unknown") { try state.values(named: "h") }
    expectDiagnostic("state.units") { try state.set([1], named: "lstm.h") }
    expectDiagnostic("state.batch") {
      var y: [Float] = []
      try program.step(frames[0], state: &state, into: &y)
    }
    #expect(state.timesteps == 0)
    let unnamed = ProgramState()
    expectDiagnostic("state.unknown") { try unnamed.values(named: "lstm.h") }
    let whole = try Program(EngineModels.lstm(inputSize: 3, units: 4, isBidirectional: true))
    expectDiagnostic("sequence.stream") { try whole.makeState() }
  }

  @Test("after makeState nothing is allocated, from the first frame on")
  func allocations() throws {
    guard allocation_count() >= 0 else { return }
    var state = try program.makeState()
    var y: [Float] = [0, 0]
    // The first frame of a process also makes what is shared by all programs.
    var warm = try program.makeState()
    try program.step(frames[0], state: &warm, into: &y)
    let before = allocation_count()
    for frame in frames { try program.step(frame, state: &state, into: &y) }
    #expect(allocation_count() == before)
  }

  @Test("a stream is not bound by the number of timesteps that the file declares")
  func declaredTimesteps() throws {
    var declared = model
    declared.nodes[0].layer = .input(
      Input(shape: [nil, 4, 3], elementType: .float32, acceptsOtherTypes: true))
    let x = try Tensor.float32(frames.flatMap { $0 }, shape: [1, 10, 3])
    expectDiagnostic("input.timesteps") { try Program(declared).run([x]) }
    let bound = try Program(declared)
    var (state, free) = (try bound.makeState(), try program.makeState())
    var (y, expected): ([Float], [Float]) = ([], [])
    for frame in frames {
      try bound.step(frame, state: &state, into: &y)
      try program.step(frame, state: &free, into: &expected)
      #expect(y == expected)
    }
    var stream = try ModelStream(declared)
    #expect(
      try stream.feed([x], inPiecesOf: 3)[0].isBitEqual(to: model.run([x])[0]))
    #expect(
      try declared.freeingTimesteps().run([x])[0].isBitEqual(to: model.run([x])[0]))

    var flat = declared
    flat.nodes[2] = Model.Node(
      name: "head", layerName: "head", layer: .reshaping(.flatten),
      inputs: [Model.Value("lstm")])
    let kernel = try Tensor.float32([Float](repeating: 0.1, count: 80), shape: [1, 80])
    flat.nodes.append(
      Model.Node(
        name: "last", layerName: "last",
        layer: .dense(Dense(kernel: kernel, bias: nil, activation: .linear)),
        inputs: [Model.Value("head")]))
    flat.outputs = [Model.Value("last")]
    expectDiagnostic("model.timesteps-fixed") { try flat.freeingTimesteps() }
  }

  /// What a plug-in holds: everything is a stored property.
  private struct Voice {
    let program: Program
    var state: ProgramState
    var y: [Float] = []

    mutating func process(_ x: [Float]) throws(CheckpointError) -> Float {
      try program.step(x, state: &state, into: &y)
      return y[0]
    }
  }

  private actor Robot {
    private let program: Program
    private var state: ProgramState
    private var y: [Float] = []

    init(_ program: Program) throws(CheckpointError) {
      self.program = program
      state = try program.makeState()
    }

    func process(_ x: [Float]) throws(CheckpointError) -> Float {
      try program.step(x, state: &state, into: &y)
      return y[0]
    }
  }

  @Test("works from stored properties of a struct and of an actor") func holders() async throws {
    var voice = Voice(program: program, state: try program.makeState())
    let robot = try Robot(program)
    for frame in frames {
      let value = try voice.process(frame)
      #expect(try await robot.process(frame) == value)
    }
  }
}

extension Model {
  /// The cell of a recurrent layer.
  fileprivate func recurrentCell(named name: String) -> RecurrentCell? {
    guard case .recurrent(let layer) = node(name)?.layer else { return nil }
    return layer.cell
  }
}
