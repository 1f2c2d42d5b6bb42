import CAllocationCounter
import RecurInference
import RecurModel
import RecurTensors
import Testing

/// Graphs of all operators and layers, on the engine and on the reference.
@Suite("The engine against the reference over random graphs")
struct GraphAgreementTests {
  /// The number of graphs of each of the ten parts.
  #if DEBUG
    private static let graphs = 20
  #else
    private static let graphs = 200
  #endif

  @Test("two thousand random graphs differ by at most 2e-6 of their scale", arguments: 0..<10)
  func graphs(part: Int) throws {
    for seed in part * Self.graphs..<(part + 1) * Self.graphs {
      let (model, inputs) = try RandomGraphs.model(seed: seed)
      #expect(model.layersOnReference.isEmpty, "\(seed): \(model.layersOnReference)")
      let expected = try model.run(inputs)
      for kernels in Kernels.available {
        let results = try Program(model, kernels: kernels).run(inputs)
        for (index, (result, value)) in zip(results, expected).enumerated() {
          let scale = value.doubles().reduce(1) { $1.isFinite ? max($0, $1.magnitude) : $0 }
          let distance = difference(result, value)
          #expect(
            distance <= 2e-6 * scale,
            "output \(index) of graph \(seed) on \(kernels): \(model.nodes.map(\.layer.title))")
        }
      }
    }
  }

  @Test("all kinds of layers are among the graphs") func kinds() throws {
    var seen: Set<String> = []
    for seed in 0..<600 {
      for node in try RandomGraphs.model(seed: seed).model.nodes {
        seen.insert("\(type(of: node.layer.definition))")
      }
    }
    #expect(seen.count >= 44, "\(seen.sorted())")
  }

  @Test("numbers depend on the threads in no bit") func threads() throws {
    for seed in 0..<100 {
      let (model, inputs) = try RandomGraphs.model(seed: seed)
      let one = try Program(model, threads: 1).run(inputs)
      let two = try Program(model, threads: 2).run(inputs)
      for (result, other) in zip(one, two) {
        #expect(
          result.floats().map(\.bitPattern) == other.floats().map(\.bitPattern), "graph \(seed)")
      }
    }
  }

  @Test(
    "runs of a graph allocate what their outputs need",
    .enabled(if: allocation_count() >= 0, "nobody counts here"))
  func allocations() throws {
    for seed in 0..<150 {
      let (model, inputs) = try RandomGraphs.model(seed: seed)
      // The same inputs as outputs: a program without work.
      var idle = model
      idle.nodes = idle.nodes.filter { if case .input = $0.layer { true } else { false } }
      idle.outputs = Array(repeating: Model.Value(idle.inputs[0]), count: model.outputs.count)
      func count(_ model: Model) throws -> Int {
        let program = try Program(model)
        for _ in 0..<2 { _ = try program.run(inputs) }
        let before = allocation_count()
        _ = try program.run(inputs)
        return allocation_count() - before
      }
      #expect(try count(model) <= count(idle), "graph \(seed): \(model.nodes.map(\.layer.title))")
    }
  }
}
