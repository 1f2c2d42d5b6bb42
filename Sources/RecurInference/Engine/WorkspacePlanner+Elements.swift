import RecurModel

// Functions element by element, and copies in another order.
extension WorkspacePlanner {
  /// Plans y = function(x) for every element.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - y: the results.
  ///   - cost: the cost of the function, in multiplications.
  ///   - function: the function of an element.
  @inline(__always)
  mutating func map(
    _ x: FloatBuffer, into y: FloatBuffer, cost: Int = 1,
    _ function: @escaping @Sendable (Float) -> Float
  ) {
    precondition(x.count == y.count)
    share(x.count, products: x.count * cost) { range, _ in
      let (from, to) = unsafe (x.base, y.base)
      for index in range { unsafe to[index] = function(from[index]) }
    }
  }

  /// Plans y = function(a, b) for every element; shapes are aligned by NumPy's rules.
  @inline(__always)
  mutating func combine(
    _ a: Value, _ b: Value, into y: Value, cost: Int = 1,
    _ function: @escaping @Sendable (Float, Float) -> Float
  ) {
    let lines = StridedLines(
      y.shape,
      [
        rowMajorStrides(y.shape), repeatingStrides(a.shape, filling: y.shape),
        repeatingStrides(b.shape, filling: y.shape),
      ])
    let steps = lines.steps
    act(over: lines, of: [y.buffer, a.buffer, b.buffer], cost: cost) { start, count, _ in
      let to = unsafe y.buffer.base + start[0]
      let (one, other) = unsafe (a.buffer.base + start[1], b.buffer.base + start[2])
      switch (steps[1], steps[2]) {
      case (1, 1):
        for i in 0..<count { unsafe to[i] = function(one[i], other[i]) }
      case (1, 0):
        let right = unsafe other[0]
        for i in 0..<count { unsafe to[i] = function(one[i], right) }
      case (0, 1):
        let left = unsafe one[0]
        for i in 0..<count { unsafe to[i] = function(left, other[i]) }
      default:
        for i in 0..<count { unsafe to[i] = function(one[i * steps[1]], other[i * steps[2]]) }
      }
    }
  }

  /// Plans a copy of evenly spaced elements into a row-major array.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - start: the offset of the first element.
  ///   - strides: the distances between neighbouring elements along each axis of `y`.
  ///   - y: the copy.
  mutating func gather(_ x: FloatBuffer, from start: Int = 0, strides: [Int], into y: Value) {
    let target = y.buffer
    let lines = StridedLines(y.shape, [rowMajorStrides(y.shape), strides])
    let (least, largest) = lines.bounds
    precondition(start + least[1] >= 0 && start + largest[1] < max(x.count, 1))
    let step = lines.steps[1]
    act(over: lines, of: [target]) { offsets, count, _ in
      let to = unsafe target.base + offsets[0]
      let from = unsafe x.base + (start + offsets[1])
      if step == 1 {
        unsafe to.update(from: from, count: count)
      } else {
        for i in 0..<count { unsafe to[i] = from[i * step] }
      }
    }
  }

  /// A constant of an operator, in memory that belongs to the run.
  mutating func value(of constant: Operand.Constant) -> Value {
    let memory = FloatMemory(constant.elements.map { Float($0) })
    hold(memory)
    return Value(buffer: memory.buffer, shape: constant.shape)
  }

  /// The values of all operands, constants among them.
  mutating func values(of operands: [Operand], _ call: Call) -> [Value] {
    var rest = call.inputs[...]
    var values: [Value] = []
    for operand in operands {
      switch operand {
      case .input: values.append(rest.popFirst() ?? call.x)
      case .constant(let constant): values.append(value(of: constant))
      }
    }
    return values
  }
}
