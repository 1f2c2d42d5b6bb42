import RecurInference
import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

@Suite("Graphs are built of known and computed values")
struct GraphBuilderTests {
  private let batch = Dimension.free("batch")

  @Test("formulas of extents are equal when their values are")
  func formulas() {
    let (a, b) = (Dimension.free("a"), Dimension.free("b"))
    #expect(a.plus(1).times(2) == a.times(2).plus(2))
    #expect(a.times(b) == b.times(a))
    #expect(a.plus(b).plus(a.times(-1)) == b)
    #expect(a.times(4).divided(exactlyBy: .fixed(2)) == a.times(2))
    #expect(a.times(4).divided(exactlyBy: a) == .fixed(4))
    #expect(a.plus(1).divided(exactlyBy: .fixed(2)) == nil)
    #expect(a.times(2).plus(4).divided(by: 2, roundsUp: false) == a.plus(2))
    #expect(a.times(2).plus(1).divided(by: 2, roundsUp: true).description == "⌈(2·a+1)/2⌉")
    #expect(Dimension.fixed(.max).times(2).value == .max)
    var long = a
    for name in ["b", "c", "d", "e", "f", "g", "h", "i"] { long = long.plus(.free("\(name)")) }
    #expect(long.value == .max)
  }

  @Test("sizes are computed, arrays of weights are moved and computed with at once")
  func folding() throws {
    var builder = GraphBuilder()
    let x = try builder.input("x", shape: [batch, .fixed(4)], type: .float32, batch: batch)
    let size = try builder.binary(.multiply, .size(batch), .integer(4))
    #expect(size.dimension == batch.times(4))
    #expect(try builder.binary(.floorDivide, .integer(-7), .integer(2)).integer == -4)
    let weights = KnownArray(try Tensor.float32([1, 2, 3, 4, 5, 6], shape: [2, 3]))
    let turned = try builder.permuted(.known(weights), [1, 0])
    let part = try builder.sliced(turned, axis: 0, from: 2, to: nil, step: -2)
    #expect(part.known?.array.doubles() == [3, 6, 1, 4])
    let doubled = try builder.binary(.multiply, part, .integer(2))
    #expect(doubled.known?.array.doubles() == [6, 12, 2, 8])
    let norm = try builder.reduced(.l2Norm, doubled, axes: [0], keepsAxes: true)
    #expect(norm.known?.array.shape == [1, 2])
    let rows = try builder.stacked([doubled, doubled], axis: 0)
    #expect(rows.known?.shape == [.fixed(2), .fixed(2), .fixed(2)])
    #expect(builder.nodes.count == 1, "nothing of this is computed when the model runs")
    _ = x
  }

  @Test("a known array with free extents has them in every call")
  func spread() throws {
    var builder = GraphBuilder()
    let x = try builder.input("x", shape: [batch, .fixed(3)], type: .float32, batch: batch)
    let row = KnownArray(try Tensor.float32([1, 2], shape: [1, 2]))
    let all = try builder.expanded(.known(row), to: [batch, .fixed(2)])
    let joined = try builder.concatenated([x, all], axis: 1)
    let model = try builder.model(
      named: "test", producer: "", outputs: [builder.computed(joined)]
    ).validated()
    let output = try model.run([Tensor.float32([7, 8, 9, 4, 5, 6], shape: [2, 3])])
    #expect(output[0].doubles() == [7, 8, 9, 1, 2, 4, 5, 6, 1, 2])
  }

  @Test("axes with the batch among them are joined and divided")
  func reshaping() throws {
    var builder = GraphBuilder()
    let x = try builder.input("x", shape: [batch, .fixed(4), .fixed(3)], type: .float32)
    let flat = try builder.reshaped(x, [.fixed(-1), .fixed(2)])
    #expect(builder.shape(flat) == [batch.times(6), .fixed(2)])
    let back = try builder.reshaped(flat, [batch, .fixed(12)])
    #expect(builder.shape(back) == [batch, .fixed(12)])
    let model = builder.model(named: "test", producer: "", outputs: [try builder.computed(back)])
    let numbers = (0..<24).map { Float($0) }
    let output = try model.run([Tensor.float32(numbers, shape: [2, 4, 3])])
    #expect(output[0].doubles() == numbers.map { Double($0) })
    #expect(throws: CheckpointError.self) { try builder.reshaped(x, [batch, .fixed(11)]) }
    #expect(throws: CheckpointError.self) { try builder.reshaped(x, [.fixed(-1), .fixed(5)]) }
  }

  @Test("what is wrong is said at the operator; nothing grows without bound")
  func refusals() throws {
    var limits = GraphLimits()
    limits.nodes = 4
    limits.knownElements = 100
    var builder = GraphBuilder(limits: limits)
    builder.location = .init(object: "node 3")
    let x = try builder.input("x", shape: [batch, .fixed(4)], type: .float32)
    let error = expectDiagnostic("graph.unsupported") {
      _ = try builder.permuted(x, [0, 0])
    }
    #expect(error?.location.object == "node 3")
    expectDiagnostic("model.shape-mismatch") {
      _ = try builder.binary(.add, x, .known(KnownArray(Tensor.float32([1, 2], shape: [2]))))
    }
    expectDiagnostic("bytes.limit-exceeded") {
      let one = KnownArray(try Tensor.float32([1], shape: [1, 1]))
      let many = try builder.expanded(.known(one), to: [.fixed(1 << 20), .fixed(1 << 20)])
      _ = try builder.computed(many)
    }
    expectDiagnostic("bytes.limit-exceeded") {
      for _ in 0..<8 { _ = try builder.unary(.absolute, x) }
    }
  }
}
