import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("A model's own consistency")
struct ModelValidationTests {
  private func dense(_ name: String, _ input: String, from: Int, to: Int) throws -> Model.Node {
    Model.Node(
      name: name, layerName: name,
      layer: .dense(
        Dense(
          kernel: try .zeros(.float32, shape: [to, from]), bias: nil, activation: .linear)),
      inputs: [Model.Value(input)])
  }

  private func model(_ nodes: [Model.Node], outputs: [Model.Value]) -> Model {
    let input = Model.Node(
      name: "x", layerName: "x",
      layer: .input(Input(shape: [nil, 3], elementType: .float32, acceptsOtherTypes: true)),
      inputs: [])
    return Model(name: "m", producer: "", nodes: [input] + nodes, inputs: ["x"], outputs: outputs)
  }

  @Test("layers that fit are silent") func fits() throws {
    let model = model(
      [try dense("a", "x", from: 3, to: 4), try dense("b", "a", from: 4, to: 2)],
      outputs: [Model.Value("b")])
    #expect(model.findings().isEmpty)
    #expect(ModelShapes(model)["b"] == [[.free("batch"), .fixed(2)]])
  }

  @Test("all disagreements are reported at once") func widths() throws {
    let model = model(
      [
        try dense("a", "x", from: 5, to: 4), try dense("b", "x", from: 3, to: 2),
        try dense("c", "b", from: 9, to: 1),
      ], outputs: [Model.Value("c")])
    let error = #expect(throws: CheckpointError.self) { try model.validated() }
    #expect(
      error?.diagnostics.map(\.code.rawValue) == ["model.shape-mismatch", "model.shape-mismatch"])
    #expect(error?.diagnostic.message == "Dense(4) 'a' can't take [batch, 3]")
  }

  @Test("names, order and existence of values") func graph() throws {
    let model = model(
      [
        try dense("a", "b", from: 3, to: 3), try dense("b", "x", from: 3, to: 3),
        try dense("b", "x", from: 3, to: 3),
      ], outputs: [Model.Value("b", 1), Model.Value("nowhere")])
    let messages = model.findings().map(\.message)
    #expect(messages.contains("output 0 of 'b' is used before it is computed, or not at all there"))
    #expect(messages.contains("two nodes are named 'b'"))
    #expect(messages.contains("output 1 of 'b' is used before it is computed, or not at all there"))
    #expect(
      messages.contains("output 0 of 'nowhere' is used before it is computed, or not at all there"))
  }

  @Test("free extents have names, one per input where they may differ") func freeExtents() {
    let nodes = ["a", "b"].map { name in
      Model.Node(
        name: name, layerName: name,
        layer: .input(Input(shape: [nil, nil, 3], elementType: .float32, acceptsOtherTypes: true)),
        inputs: [])
    }
    let model = Model(
      name: "m", producer: "", nodes: nodes, inputs: ["a", "b"], outputs: [Model.Value("a")])
    #expect(ModelShapes(model)["b"] == [[.free("batch"), .free("timesteps(b)"), .fixed(3)]])
  }
}
