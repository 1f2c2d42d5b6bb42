import RecurModel
import RecurTestSupport
import Testing

@Suite("Shapes of operators, with extents that are free")
struct OperatorShapeTests {
  private let sequence: [Dimension] = [.free("batch"), .free("timesteps"), .fixed(4)]

  private func shape(_ layer: Layer, _ inputs: [[Dimension]]) throws -> String {
    text(try layer.outputShapes(inputs, named: "op")[0])
  }

  @Test("bounds and steps are those of Python")
  func slices() {
    // start, stop, step and extent, with the first position and the count that Python's
    // range(*slice(start, stop, step).indices(extent)) has.
    let cases: [(Int?, Int?, Int, Int, first: Int, count: Int)] = [
      (nil, nil, 1, 5, 0, 5), (1, -1, 2, 5, 1, 2), (nil, nil, -1, 5, 4, 5), (-2, nil, 1, 5, 3, 2),
      (10, nil, -2, 5, 4, 3), (nil, 99, 3, 5, 0, 2), (-99, 2, 1, 5, 0, 2), (3, 1, 1, 5, 3, 0),
      (1, 3, -1, 5, 1, 0), (3, nil, -3, 5, 3, 2), (nil, -3, -1, 5, 4, 2), (0, -99, -1, 5, 0, 1),
      (5, nil, 1, 5, 5, 0), (nil, .max, 1, 5, 0, 5), (.min, nil, 2, 5, 0, 3),
    ]
    for (start, stop, step, extent, first, count) in cases {
      let part = Slicing.Part(axis: 0, start: start, stop: stop, step: step)
      let found = part.positions(in: extent)
      #expect(found.count == count, "\(part)")
      if count > 0 { #expect(found.first == first, "\(part)") }
    }
  }

  @Test("a slice of a free extent is free, and the whole of it keeps its name")
  func freeSlices() throws {
    let cut = Slicing(parts: [.init(axis: 1, start: 1), .init(axis: 2, start: -3, step: 2)])
    #expect(try shape(.slicing(cut), [sequence]) == "[batch, axis1(op), 2]")
    let turned = Slicing(parts: [.init(axis: 1, step: -1)])
    #expect(try shape(.slicing(turned), [sequence]) == "[batch, timesteps, 4]")
  }

  @Test("operands are aligned at their last axes, constants too")
  func broadcasting() throws {
    let bias = Operand.constant(.init(shape: [4], elements: [1, 2, 3, 4], isWhole: false))
    #expect(
      try shape(.binary(Binary(.add, .input, bias)), [sequence]) == "[batch, timesteps, 4]")
    let pooled: [Dimension] = [.free("batch"), .fixed(1), .fixed(4)]
    let both = Layer.binary(Binary(.divide, .input, .input))
    #expect(try shape(both, [pooled, sequence]) == "[batch, timesteps, 4]")
    #expect(throws: ShapeProblem.self) {
      try both.outputShapes([sequence, [.fixed(3)]], named: "op")
    }
  }

  @Test("reductions remove their axes or keep them with one element")
  func reductions() throws {
    let kept = Layer.reduction(Reduction(.mean, axes: [1], keepsAxes: true))
    #expect(try shape(kept, [sequence]) == "[batch, 1, 4]")
    let gone = Layer.reduction(Reduction(.maximum, axes: [-1, 1], keepsAxes: false))
    #expect(try shape(gone, [sequence]) == "[batch]")
    #expect(throws: ShapeProblem.self) {
      try Layer.reduction(Reduction(.sum, axes: [1, -2], keepsAxes: false))
        .outputShapes([sequence], named: "op")
    }
  }

  @Test("matrices multiply over free extents; a row is one axis")
  func matrices() throws {
    let product = Layer.matrixProduct(MatrixProduct(.input, .input))
    let turned: [Dimension] = [.free("batch"), .fixed(4), .free("timesteps")]
    #expect(try shape(product, [sequence, turned]) == "[batch, timesteps, timesteps]")
    #expect(try shape(product, [sequence, [.fixed(4)]]) == "[batch, timesteps]")
    #expect(throws: ShapeProblem.self) {
      try product.outputShapes([sequence, [.fixed(3), .fixed(4)]], named: "op")
    }
  }
}
