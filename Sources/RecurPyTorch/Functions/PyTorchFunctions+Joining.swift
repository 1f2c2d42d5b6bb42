import RecurModel
import RecurTensors

// Several tensors side by side, and the same elements several times.
extension PyTorchFunctions {
  /// Concatenation, repetition and padding.
  static let joining: [PyTorchFunction] = [
    PyTorchFunction("cat(tensors, dim=0)") { call throws(PyTorchFunctionProblem) in
      let tensors = try call.tensors("tensors")
      let axis = try call.axis("dim", of: tensors[0])
      guard tensors.count > 1 else { return .tensor(tensors[0]) }
      return .tensor(try call.add(.merge(.concatenate(axis: axis)), tensors))
    },
    PyTorchFunction("stack(tensors, dim=0)") { call throws(PyTorchFunctionProblem) in
      let tensors = try call.tensors("tensors")
      let axis = try call.axis("dim", of: tensors[0], isNew: true)
      return .tensor(try call.add(.merge(.stack(axis: axis)), tensors))
    },
    PyTorchFunction("hstack(tensors)") { call throws(PyTorchFunctionProblem) in
      let tensors = try call.tensors("tensors")
      let axis = try call.rank(tensors[0]) == 1 ? 0 : 1
      return .tensor(try call.add(.merge(.concatenate(axis: axis)), tensors))
    },
    PyTorchFunction("expand(self, *size)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.expanded(try call.tensor("self"), call["size"].list ?? []))
    },
    PyTorchFunction("expand_as(self, other)") { call throws(PyTorchFunctionProblem) in
      let shape = try call.shape(try call.tensor("other"))
      return .tensor(try call.expanded(try call.tensor("self"), shape.map { .extent($0) }))
    },
    PyTorchFunction("repeat(self, *repeats)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.tiled(try call.tensor("self"), try call.integers("repeats")))
    },
    PyTorchFunction("tile(self, *dim)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let counts = try call.integers("dim")
      let ones = [Int](repeating: 1, count: max(try call.rank(x) - counts.count, 0))
      return .tensor(try call.tiled(x, ones + counts))
    },
    PyTorchFunction("repeat_interleave(self, repeats, dim=None)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      guard !call["dim"].isNone else {
        throw PyTorchFunctionProblem("its argument 'dim' is missing")
      }
      let (axis, count) = (try call.axis("dim", of: x), try call.integer("repeats"))
      guard 1...4096 ~= count else { throw call.wrong("repeats", "1 to 4096") }
      let (rank, repeated) = (try call.rank(x), count)
      // Every element becomes an axis of its own, which is repeated and joined again.
      guard axis > 0, axis < rank - 1 else {
        throw PyTorchFunctionProblem("repeating elements of axis \(axis) is not supported")
      }
      var factors = [Int](repeating: 1, count: rank - 2)
      factors[axis - 1] = repeated
      return .tensor(try call.add(.reshaping(.upsample(factors)), x))
    },
    PyTorchFunction("index_select(self, dim, index)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      guard let indices = try call.array("index"), indices.rank <= 1, indices.count <= 4096 else {
        throw PyTorchFunctionProblem("its argument 'index' is no short list of the file")
      }
      var parts: [PyTorchTensor] = []
      for index in indices.doubles() {
        guard let position = Int(exactly: index), position >= 0, position < .max else {
          throw PyTorchFunctionProblem("\(index) is no position")
        }
        parts.append(try call.sliced(x, axis, position..<position + 1))
      }
      guard let first = parts.first else { throw PyTorchFunctionProblem("it selects nothing") }
      guard parts.count > 1 else { return .tensor(first) }
      return .tensor(try call.add(.merge(.concatenate(axis: axis)), parts))
    },
    PyTorchFunction("pad(self, pad, mode=constant, value=None)") {
      call throws(PyTorchFunctionProblem) in
      .tensor(try call.padded(try call.tensor("self")))
    },
  ]
}

extension PyTorchFunctionCall {
  /// The tensors of a list, at least one.
  func tensors(_ name: String) throws(PyTorchFunctionProblem) -> [PyTorchTensor] {
    var tensors: [PyTorchTensor] = []
    for argument in self[name].list ?? [self[name]] { tensors.append(try tensor(argument, name)) }
    guard !tensors.isEmpty else { throw wrong(name, "a list of tensors") }
    return tensors
  }

  /// Axes of extent 1 repeated; -1 keeps an extent.
  mutating func expanded(
    _ x: PyTorchTensor, _ sizes: [PyTorchArgument]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    var result = x
    for _ in try rank(x)..<max(sizes.count, try rank(x)) { result = try withAxis(result, at: 0) }
    guard try rank(result) == sizes.count else {
      throw PyTorchFunctionProblem("\(sizes.count) sizes for \(try rank(x)) axes")
    }
    var counts: [Int] = []
    for (size, own) in zip(sizes, try shape(result)) {
      if case .extent(let wanted) = size, wanted == own {
        counts.append(1)
      } else if let wanted = size.integer {
        guard wanted == -1 || own == .fixed(wanted) || own == .fixed(1) else {
          throw PyTorchFunctionProblem("an axis of extent \(own) can't be expanded to \(wanted)")
        }
        counts.append(wanted == -1 || own == .fixed(wanted) ? 1 : wanted)
      } else {
        throw PyTorchFunctionProblem("expanding to the extent \(size.text) is not supported")
      }
    }
    return try tiled(result, counts)
  }

  /// The whole tensor several times along each axis.
  mutating func tiled(
    _ x: PyTorchTensor, _ counts: [Int]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    var result = x
    guard counts.count >= (try rank(x)), counts.allSatisfy({ 1...4096 ~= $0 }) else {
      throw PyTorchFunctionProblem("each axis is repeated 1 to 4096 times")
    }
    for _ in try rank(x)..<counts.count { result = try withAxis(result, at: 0) }
    for (axis, count) in counts.enumerated() where count > 1 {
      let (shape, last) = (try shape(result), counts.count - 1)
      if shape[axis] == .fixed(1), axis == 1, last == 2 {
        // [batch, 1, width] is one timestep that is repeated.
        let one = try add(.selection(Selection(axis: 1, index: 0)), result)
        result = try add(.reshaping(.repeatVector(count: count)), one)
      } else {
        let copies = [PyTorchTensor](repeating: result, count: count)
        result = try add(.merge(.concatenate(axis: axis)), copies)
      }
    }
    return result
  }

  /// Numbers before and after axes; pairs of them, those of the last axis first.
  fileprivate mutating func padded(_ x: PyTorchTensor) throws(PyTorchFunctionProblem)
    -> PyTorchTensor
  {
    let (amounts, rank) = (try integers("pad"), try rank(x))
    guard amounts.count % 2 == 0, amounts.count <= 2 * rank,
      amounts.allSatisfy({ $0.magnitude <= 1 << 20 })
    else { throw wrong("pad", "a pair of numbers for each of the last axes") }
    var margins = [Reshaping.Margin](repeating: Reshaping.Margin(0, 0), count: rank)
    for pair in 0..<amounts.count / 2 {
      margins[rank - 1 - pair] = Reshaping.Margin(amounts[2 * pair], amounts[2 * pair + 1])
    }
    // A negative amount removes positions.
    let cuts = margins.enumerated().filter { $0.element.before < 0 || $0.element.after < 0 }
    let parts = cuts.map { axis, margin in
      Slicing.Part(
        axis: axis, start: margin.before < 0 ? -margin.before : nil,
        stop: margin.after < 0 ? margin.after : nil)
    }
    let kept = parts.isEmpty ? x : try add(.slicing(Slicing(parts: parts)), x)
    let pads = margins.map { Reshaping.Margin(max($0.before, 0), max($0.after, 0)) }
    return try widened(kept, pads)
  }
}
