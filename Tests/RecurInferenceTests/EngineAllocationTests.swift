import CAllocationCounter
import RecurInference
import RecurModel
import RecurTensors
import Testing

@Suite("A program's memory", .enabled(if: allocation_count() >= 0, "nobody counts here"))
struct EngineAllocationTests {
  /// The number of allocations of this thread during `body`.
  private func allocations(_ body: () throws -> Void) rethrows -> Int {
    let before = allocation_count()
    try body()
    return allocation_count() - before
  }

  @Test("what counts, counts") func counter() {
    #expect(allocations { withExtendedLifetime([Float](repeating: 0, count: 5000)) {} } > 0)
  }

  @Test("a step allocates nothing after the second") func steps() throws {
    let program = try Program(EngineModels.lstm(inputSize: 3, units: 20, head: 2))
    let x: [Float] = [0.1, 0.2, 0.3]
    var y: [Float] = [0, 0]
    var state = ProgramState()
    func step() throws {
      var span = y.mutableSpan
      try program.step(x.span, state: &state, into: &span)
    }
    for _ in 0..<2 { try step() }
    #expect(try allocations { for _ in 0..<100 { try step() } } == 0)
  }

  @Test("runs of random models allocate nothing after the first") func models() throws {
    var seen = 0
    for seed in 0..<150 {
      let (model, calls) = try RandomModels.model(seed: seed)
      guard calls[0].count == 1, !model.isTimeFirst, !model.usesReference else { continue }
      seen += 1
      for threads in [1, 2] {
        let program = try Program(model, threads: threads)
        let x = calls[0][0].floats()
        let (batch, timesteps) = (calls[0][0].shape[0], calls[0][0].shape[1])
        var y = [Float](
          repeating: 0, count: try program.outputSize(batch: batch, timesteps: timesteps))
        func run() throws {
          var span = y.mutableSpan
          try program.run(x.span, batch: batch, timesteps: timesteps, into: &span)
        }
        try run()
        let count = try allocations { for _ in 0..<3 { try run() } }
        #expect(count == 0, "model \(seed): \(model.nodes.map(\.layer.title))")
      }
    }
    #expect(seen > 30)
  }
}

extension Model {
  /// Whether the reference's code computes any layer or activation.
  fileprivate var usesReference: Bool {
    !layersOnReference.isEmpty || nodes.contains { "\($0.layer)".contains("sparsemax") }
  }
}
