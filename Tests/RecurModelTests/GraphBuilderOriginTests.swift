import RecurModel
import RecurTensors
import RecurTestSupport
import Testing

/// What moves elements back gives the value from which they came, and makes no node that is used.
@Suite("origins of values in graphs")
struct GraphBuilderOriginTests {
  private static let shape: [Dimension] = [.free("batch"), .free("time"), .fixed(8)]

  private func input(_ builder: inout GraphBuilder) throws -> GraphValue {
    try builder.input("x", shape: Self.shape, type: .float32, batch: .free("batch"))
  }

  private func expect(_ value: GraphValue, is other: GraphValue) {
    guard case .computed(let one) = value, case .computed(let two) = other else {
      Issue.record("\(value.title) and \(other.title)")
      return
    }
    #expect(one == two)
  }

  @Test("an order of axes and the order back")
  func orders() throws {
    var builder = GraphBuilder()
    let x = try input(&builder)
    let turned = try builder.permuted(x, [1, 2, 0])
    #expect(builder.shape(turned) == [.free("time"), .fixed(8), .free("batch")])
    expect(try builder.permuted(turned, [2, 0, 1]), is: x)
    let exchanged = try builder.transposed(turned, 1, 2)
    #expect(builder.shape(exchanged) == [.free("time"), .free("batch"), .fixed(8)])
    expect(try builder.transposed(exchanged, 0, 1), is: x)
  }

  @Test("two directions of a recurrent layer as ONNX has them, and back")
  func directions() throws {
    var builder = GraphBuilder()
    let x = try input(&builder)
    let apart = try builder.reshaped(x, [Self.shape[0], Self.shape[1], .fixed(2), .fixed(4)])
    let y = try builder.permuted(apart, [1, 2, 0, 3])
    // Transposed and reshaped, as torch's exporter does.
    let together = try builder.reshaped(
      builder.permuted(y, [0, 2, 1, 3]), [.free("time"), .free("batch"), .fixed(8)])
    expect(try builder.transposed(together, 0, 1), is: x)
    // Cut apart and joined, as tf2onnx does.
    var parts: [GraphValue] = []
    for direction in 0..<2 {
      let part = try builder.sliced(y, axis: 1, from: direction, to: direction + 1)
      parts.append(try builder.selected(y, axis: 1, direction))
      #expect(builder.shape(part)?[1] == .fixed(1))
    }
    let joined = try builder.concatenated(parts, axis: 2)
    expect(try builder.transposed(joined, 0, 1), is: x)
    // Not in order: another value.
    let crossed = try builder.concatenated(parts.reversed(), axis: 2)
    guard case .computed(let value) = crossed, case .computed(let own) = joined else { return }
    #expect(value != own)
  }

  @Test("a new axis goes without a trace, and parts of a stack are its parts")
  func stacks() throws {
    var builder = GraphBuilder()
    let x = try input(&builder)
    let last = try builder.selected(x, axis: 1, -1)
    let one = try builder.insertingAxis(last, 0)
    expect(try builder.selected(one, axis: 0, 0), is: last)
    let first = try builder.selected(x, axis: 1, 0)
    let stack = try builder.stacked([first, last], axis: 0)
    expect(try builder.selected(stack, axis: 0, -1), is: last)
    let whole = try builder.concatenated([stack, builder.stacked([last], axis: 0)], axis: 0)
    #expect(builder.shape(whole)?[0] == .fixed(3))
    expect(try builder.selected(whole, axis: 0, 0), is: first)
  }

  @Test("extents keep their formulas")
  func extents() throws {
    var builder = GraphBuilder()
    let x = try input(&builder)
    let flat = try builder.reshaped(x, [.fixed(-1), .fixed(8)])
    #expect(builder.shape(flat) == [Dimension.free("batch").times(.free("time")), .fixed(8)])
    expect(try builder.reshaped(flat, Self.shape), is: x)
    let last = try builder.sliced(x, axis: 1, from: -1, to: nil)
    #expect(builder.shape(last) == [.free("batch"), .fixed(1), .fixed(8)])
    let half = Dimension.free("time").plus(-2).divided(by: 2, roundsUp: false).plus(1)
    #expect(half.description == "⌊time/2⌋")
    let sum = Dimension.free("time").plus(1).times(.free("batch"))
    #expect(sum.times(8).divided(exactlyBy: sum) == .fixed(8))
    #expect(sum.plus(1).divided(exactlyBy: sum) == nil)
  }
}
