import RecurModel
import RecurTensors

// The same elements in another shape or order.
extension PyTorchFunctions {
  /// Orders of axes, and shapes.
  static let reshaping: [PyTorchFunction] = [
    PyTorchFunction("permute(self, *dim)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      return .tensor(try call.permuted(x, try call.axes("dim", of: x)))
    },
    PyTorchFunction("transpose(self, dim0, dim1)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      var order = Array(0..<(try call.rank(x)))
      order.swapAt(try call.axis("dim0", of: x), try call.axis("dim1", of: x))
      return .tensor(try call.permuted(x, order))
    },
    PyTorchFunction("t(self)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let rank = try call.rank(x)
      guard rank <= 2 else { throw PyTorchFunctionProblem("it takes matrices") }
      return .tensor(try call.permuted(x, Array((0..<rank).reversed())))
    },
    PyTorchFunction("mT(self)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let rank = try call.rank(x)
      guard rank >= 2 else { throw PyTorchFunctionProblem("it takes matrices") }
      return .tensor(try call.permuted(x, Array(0..<rank - 2) + [rank - 1, rank - 2]))
    },
    PyTorchFunction("movedim(self, source, destination)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let (from, to) = (try call.axes("source", of: x), try call.axes("destination", of: x))
      guard from.count == to.count else {
        throw PyTorchFunctionProblem("it moves \(from.count) axes to \(to.count) places")
      }
      let rank = try call.rank(x)
      var rest = (0..<rank).filter { !from.contains($0) }[...]
      let order = (0..<rank).map { place in
        to.firstIndex(of: place).map { from[$0] } ?? rest.removeFirst()
      }
      return .tensor(try call.permuted(x, order))
    },
    PyTorchFunction("reshape(self, *shape)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.reshaped(try call.tensor("self"), call["shape"].list ?? []))
    },
    PyTorchFunction("view(self, *shape)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.reshaped(try call.tensor("self"), call["shape"].list ?? []))
    },
    PyTorchFunction("view_as(self, other)") { call throws(PyTorchFunctionProblem) in
      let shape = try call.shape(try call.tensor("other"))
      return .tensor(try call.reshaped(try call.tensor("self"), shape.map { .extent($0) }))
    },
    PyTorchFunction("reshape_as(self, other)") { call throws(PyTorchFunctionProblem) in
      let shape = try call.shape(try call.tensor("other"))
      return .tensor(try call.reshaped(try call.tensor("self"), shape.map { .extent($0) }))
    },
    PyTorchFunction("flatten(self, start_dim=0, end_dim=-1)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let shape = try call.shape(x)
      let (first, last) = (try call.axis("start_dim", of: x), try call.axis("end_dim", of: x))
      guard first <= last else { throw call.wrong("start_dim", "an axis before 'end_dim'") }
      if first == 1, last == shape.count - 1 {
        return .tensor(try call.add(.reshaping(.flatten), x))
      }
      return .tensor(
        try call.reshaped(
          x,
          shape[..<first].map { .extent($0) } + [.integer(-1)]
            + shape[(last + 1)...].map { .extent($0) }))
    },
    PyTorchFunction("unflatten(self, dim, sizes)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let (axis, shape) = (try call.axis("dim", of: x), try call.shape(x))
      let sizes = try call.integers("sizes").map { PyTorchArgument.integer($0) }
      return .tensor(
        try call.reshaped(
          x,
          shape[..<axis].map { .extent($0) } + sizes
            + shape[(axis + 1)...].map { .extent($0) }))
    },
    PyTorchFunction("squeeze(self, dim=None)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let shape = try call.shape(x)
      let isNamed = !call["dim"].isNone
      var result = x
      for axis in try call.axes("dim", of: x).sorted().reversed() {
        guard shape[axis] == .fixed(1) else {
          guard shape[axis].value != nil || !isNamed else {
            throw PyTorchFunctionProblem(
              "whether axis \(axis) of extent \(shape[axis]) disappears is not known")
          }
          continue
        }
        result = try call.add(.selection(Selection(axis: axis, index: 0)), result)
      }
      return .tensor(result)
    },
    PyTorchFunction("unsqueeze(self, dim)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      return .tensor(try call.withAxis(x, at: try call.axis("dim", of: x, isNew: true)))
    },
    PyTorchFunction("pixel_shuffle(self, upscale_factor)") { call throws(PyTorchFunctionProblem) in
      let (x, factor) = (try call.tensor("self"), try call.integer("upscale_factor"))
      let shape = try call.shape(x)
      guard shape.count == 4, 1...1024 ~= factor, let channels = shape[1].value,
        channels % (factor * factor) == 0
      else { throw PyTorchFunctionProblem("it takes channels that the factor's square divides") }
      let (height, width) = (try call.extent(x, 2), try call.extent(x, 3))
      let split = try call.reshaped(
        x,
        [.extent(shape[0])]
          + [channels / (factor * factor), factor, factor, height, width].map { .integer($0) })
      let turned = try call.permuted(split, [0, 1, 4, 2, 5, 3])
      return .tensor(
        try call.reshaped(
          turned,
          [.extent(shape[0])]
            + [channels / (factor * factor), height * factor, width * factor].map { .integer($0) }))
    },
    PyTorchFunction("channel_shuffle(self, groups)") { call throws(PyTorchFunctionProblem) in
      let (x, groups) = (try call.tensor("self"), try call.integer("groups"))
      let shape = try call.shape(x)
      guard shape.count > 2, groups > 0, let channels = shape[1].value, channels % groups == 0
      else { throw PyTorchFunctionProblem("it takes channels that the groups divide") }
      let rest = shape.dropFirst(2).map { PyTorchArgument.extent($0) }
      let split = try call.reshaped(
        x, [.extent(shape[0]), .integer(groups), .integer(channels / groups)] + rest)
      let order = [0, 2, 1] + Array(3..<shape.count + 1)
      let turned = try call.permuted(split, order)
      return .tensor(
        try call.reshaped(turned, [.extent(shape[0]), .integer(channels)] + rest))
    },
    PyTorchFunction("size(self, dim=None)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let extents = try call.shape(x).map { extent in
        extent.value.map { PyTorchArgument.integer($0) } ?? .extent(extent)
      }
      return call["dim"].isNone ? .list(extents) : extents[try call.axis("dim", of: x)]
    },
    PyTorchFunction("dim(self)") { call throws(PyTorchFunctionProblem) in
      .integer(try call.rank(try call.tensor("self")))
    },
  ]
}

extension PyTorchFunctionCall {
  /// The axes of a tensor in another order.
  ///
  /// An order that moves the first axis is an exchange of the first two between two orders that keep
  /// the first one.
  mutating func permuted(
    _ x: PyTorchTensor, _ order: [Int]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let rank = try rank(x)
    guard order.sorted() == Array(0..<rank) else {
      throw PyTorchFunctionProblem("\(order) is no order of \(rank) axes")
    }
    guard order != Array(0..<rank) else { return x }
    guard order[0] != 0 else {
      return try add(.reshaping(.permute(Array(order.dropFirst()))), x)
    }
    // The axis that becomes the first goes to the second place, then both are exchanged.
    var inner = Array(1..<rank).filter { $0 != order[0] }
    inner.insert(order[0], at: 0)
    let moved = inner == Array(1..<rank) ? x : try add(.reshaping(.permute(inner)), x)
    let exchanged = try add(.reshaping(.exchangeBatchAndTime), moved)
    // What is where now: the new first axis, the old first axis, the others.
    let now = [order[0], 0] + inner.dropFirst()
    let rest = order.dropFirst().compactMap { axis in now.firstIndex(of: axis) }
    guard rest != Array(1..<rank) else { return exchanged }
    return try add(.reshaping(.permute(rest)), exchanged)
  }

  /// A new axis of extent 1.
  mutating func withAxis(
    _ x: PyTorchTensor, at position: Int
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    guard position == 0 else { return try add(.reshaping(.insertAxis(position)), x) }
    guard try rank(x) > 0 else {
      throw PyTorchFunctionProblem("a single number with a new axis is not supported")
    }
    return try add(.reshaping(.exchangeBatchAndTime), try add(.reshaping(.insertAxis(1)), x))
  }

  /// The elements in another shape, in which one extent may be -1.
  mutating func reshaped(
    _ x: PyTorchTensor, _ extents: [PyTorchArgument]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let shape = try shape(x)
    var wanted: [Dimension?] = []
    for extent in extents {
      switch extent {
      case .extent(let value): wanted.append(value)
      default:
        guard let number = extent.integer, number >= -1 else {
          throw PyTorchFunctionProblem("the extent \(extent.text) is no whole number")
        }
        wanted.append(number == -1 ? nil : .fixed(number))
      }
    }
    let open = wanted.count { $0 == nil }
    guard let own = shape.first, let first = wanted.first, open <= 1 else {
      throw PyTorchFunctionProblem("a shape of \(wanted.count) axes with a single -1 is needed")
    }
    if wanted == shape.map({ $0 }) { return x }
    let rest = Array(wanted.dropFirst())
    let free = rest.count { $0?.value == nil }
    guard keepsFirst(own, shape, first, rest), free <= 1 else {
      return try whole(x, shape, wanted)
    }
    if rest == [nil] { return try add(.reshaping(.flatten), x) }
    return try add(.reshaping(.reshape(rest.map { $0.flatMap(\.value) })), x)
  }

  /// Whether the first axis stays what it is.
  private func keepsFirst(
    _ own: Dimension, _ shape: [Dimension], _ first: Dimension?, _ rest: [Dimension?]
  ) -> Bool {
    if let first { return first == own }
    // -1 in front is the first axis if all others have as many elements as before.
    let (before, after) = (shape.dropFirst().map(\.value), rest.map { $0?.value })
    if before.contains(where: { $0 == nil }) { return rest == shape.dropFirst().map { $0 } }
    let counts = [before, after].map {
      $0.reduce(Int?.some(1)) { count, extent in
        count.flatMap { count in
          extent.flatMap { extent in
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            return overflow ? nil : product
          }
        }
      }
    }
    return counts[0] != nil && counts[0] == counts[1]
  }

  /// All axes in another shape; an extent that is not known is that of an axis, or the rest.
  private mutating func whole(
    _ x: PyTorchTensor, _ shape: [Dimension], _ wanted: [Dimension?]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    var extents: [Reshaping.Extent] = []
    for extent in wanted {
      if let value = extent?.value {
        extents.append(.fixed(value))
      } else if let extent, let axis = shape.firstIndex(of: extent) {
        extents.append(.axis(axis))
      } else if !extents.contains(.rest) {
        extents.append(.rest)
      } else {
        throw PyTorchFunctionProblem(
          "a shape with several extents that are not known is not supported: "
            + wanted.map { $0.map(\.description) ?? "-1" }.joined(separator: ", "))
      }
    }
    return try add(.reshaping(.reshapeAll(extents)), x)
  }
}
