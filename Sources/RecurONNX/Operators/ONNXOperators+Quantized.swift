import RecurModel
import RecurTensors

// Operators of quantized models, computed with the same whole numbers in floating point.
extension ONNXOperators {
  static let quantized: [ONNXOperator] = [
    ONNXOperator("DequantizeLinear", 2...3, "axis") { call, builder throws(CheckpointError) in
      [try dequantized(call, &builder)]
    },
    ONNXOperator("QuantizeLinear", 2...3, "axis saturate") {
      call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let (scale, zero) = try parameters(call, of: x, &builder)
      let type = builder.type(call[2]) ?? .uint8
      guard let range = type.quantizedRange else { throw call.problem("makes \(type)", builder) }
      return [try quantized(x, scale, zero, range, &builder)]
    },
    ONNXOperator("DynamicQuantizeLinear", 1...1) { call, builder throws(CheckpointError) in
      let x = try call.array(0, builder)
      let axes = Array(try builder.extents(x).indices)
      func extreme(_ function: Reduction.Function, _ bound: Binary.Function) throws(CheckpointError)
        -> GraphValue
      {
        let value = try builder.apply(
          .reduction(Reduction(function, axes: axes, keepsAxes: false)), builder.computed(x))
        return try builder.binary(bound, value, .number(0))
      }
      let low = try extreme(.minimum, .minimum)
      let high = try extreme(.maximum, .maximum)
      let range = try builder.binary(.subtract, high, low)
      let scale = try builder.binary(.divide, range, .number(255))
      // Without a range every number is 0, whatever the scale is.
      let isFlat = try builder.binary(.equal, scale, .number(0))
      let divisor = try builder.conditional(isFlat, .number(1), scale)
      let first = try builder.binary(
        .divide, builder.binary(.subtract, .number(0), low), divisor)
      let zero = try clamped(builder.unary(.round, first), 0...255, &builder)
      return [try quantized(x, divisor, zero, 0...255, &builder), scale, zero]
    },
    ONNXOperator("MatMulInteger", 2...4) { call, builder throws(CheckpointError) in
      let left = try shifted(call, 0, zero: 2, rowsAxis: -2, &builder)
      let right = try shifted(call, 1, zero: 3, rowsAxis: nil, &builder)
      return [try product(left, right, &builder)]
    },
    ONNXOperator("ConvInteger", 2...4, "auto_pad dilations group kernel_shape pads strides") {
      call, builder throws(CheckpointError) in
      let x = try shifted(call, 0, zero: 2, rowsAxis: nil, &builder)
      guard let kernel = try shifted(call, 1, zero: 3, rowsAxis: 0, &builder).known else {
        throw call.problem("has a computed kernel", builder)
      }
      return [try convolved(x, kernel.stored().array, call, &builder, hasBias: false)]
    },
  ]

  /// Scale and zero point of a tensor, in a shape that is aligned with it.
  private static func parameters(
    _ call: ONNXCall, of x: GraphValue, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> (scale: GraphValue, zero: GraphValue?) {
    let rank = try builder.extents(x).count
    let axis = try call.int("axis", builder, default: 1)
    func aligned(_ index: Int) throws(CheckpointError) -> GraphValue {
      var value = try call.array(index, builder)
      let own = try builder.extents(value)
      guard own.count == 1, own[0] != .fixed(1), rank > 1 else {
        guard own.count <= 1 else { throw call.problem("is quantized in blocks", builder) }
        return own.count == 1 && rank == 0 ? try builder.selected(value, axis: 0, 0) : value
      }
      let position = try builder.axis(axis, of: x)
      for _ in position + 1..<rank { value = try builder.insertingAxis(value, -1) }
      return value
    }
    return (try aligned(1), call.has(2) ? try aligned(2) : nil)
  }

  private static func dequantized(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let x = try call.array(0, builder)
    let (scale, zero) = try parameters(call, of: x, &builder)
    let type = builder.type(scale) ?? .float32
    var number = try builder.cast(x, to: type)
    if let zero { number = try builder.binary(.subtract, number, builder.cast(zero, to: type)) }
    return try builder.binary(.multiply, number, scale)
  }

  private static func quantized(
    _ x: GraphValue, _ scale: GraphValue, _ zero: GraphValue?, _ range: ClosedRange<Double>,
    _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let quotient = try builder.binary(.divide, x, scale)
    var number: GraphValue
    if let known = try mapped(quotient, { $0.rounded(.toNearestOrEven) }) {
      number = known
    } else {
      number = try builder.unary(.round, quotient)
    }
    if let zero {
      let type = builder.type(number) ?? .float32
      number = try builder.binary(.add, number, builder.cast(zero, to: type))
    }
    return try clamped(number, range, &builder)
  }

  private static func clamped(
    _ x: GraphValue, _ range: ClosedRange<Double>, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    if let known = try mapped(x, { min(max($0, range.lowerBound), range.upperBound) }) {
      return known
    }
    return try builder.apply(
      .clamp(Clamp(minimum: range.lowerBound, maximum: range.upperBound)), builder.computed(x))
  }

  /// A function of known numbers; nil for computed ones.
  private static func mapped(
    _ x: GraphValue, _ change: (Double) -> Double
  ) throws(CheckpointError) -> GraphValue? {
    guard var known = x.known else { return nil }
    known.array = try Tensor.numbers(
      known.array.doubles().map(change), known.type, shape: known.array.shape)
    known.name = nil
    return .known(known)
  }

  /// Whole numbers less their zero point, in floating point.
  private static func shifted(
    _ call: ONNXCall, _ index: Int, zero: Int, rowsAxis: Int?, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    let x = try builder.cast(call.array(index, builder), to: .float32)
    guard call.has(zero) else { return x }
    var shift = try builder.cast(call.array(zero, builder), to: .float32)
    let own = try builder.extents(shift)
    if let rowsAxis, own.count == 1, own[0] != .fixed(1) {
      // One number per row.
      let rank = try builder.extents(x).count
      let axis = rowsAxis < 0 ? rank + rowsAxis : rowsAxis
      guard 0..<rank ~= axis else { throw call.problem("has no rows", builder) }
      for _ in axis + 1..<rank { shift = try builder.insertingAxis(shift, -1) }
    }
    return try builder.binary(.subtract, x, shift)
  }
}
