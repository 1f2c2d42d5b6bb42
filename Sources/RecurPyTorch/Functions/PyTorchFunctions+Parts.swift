import RecurModel
import RecurTensors

// Parts of a tensor.
extension PyTorchFunctions {
  /// Subscripts, slices and splits.
  static let parts: [PyTorchFunction] = [
    PyTorchFunction("getitem(self, key)") { call throws(PyTorchFunctionProblem) in
      .tensor(try call.subscripted(try call.tensor("self"), call["key"]))
    },
    PyTorchFunction("select(self, dim, index)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      return .tensor(
        try call.selected(x, try call.axis("dim", of: x), try call.integer("index")))
    },
    PyTorchFunction("slice(self, dim=0, start=None, end=None, step=1)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let part = try call.part(
        of: x, try call.axis("dim", of: x), call["start"], call["end"], call["step"])
      return .tensor(
        try part.map { part throws(PyTorchFunctionProblem) in
          try call.add(.slicing(Slicing(parts: [part])), x)
        } ?? x)
    },
    PyTorchFunction("narrow(self, dim, start, length)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      var start = try call.integer("start")
      if start < 0 { start += try call.extent(x, axis) }
      let (end, overflow) = start.addingReportingOverflow(try call.integer("length"))
      guard start >= 0, !overflow, end >= start else { throw call.wrong("length", "a length") }
      return .tensor(try call.sliced(x, axis, start..<end))
    },
    PyTorchFunction("split(self, split_size_or_sections, dim=0)") {
      call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      let extent = try call.extent(x, axis)
      if let size = call["split_size_or_sections"].integer {
        guard size > 0, extent / size < 4096 else {
          throw call.wrong("split_size_or_sections", "a size of at most 4096 parts")
        }
        return try call.split(x, axis, at: Array(stride(from: 0, to: extent, by: size)) + [extent])
      }
      var ends = [0]
      for size in try call.integers("split_size_or_sections") {
        guard size >= 0, size <= extent - (ends.last ?? 0) else {
          throw call.wrong("split_size_or_sections", "sizes whose sum is \(extent)")
        }
        ends.append((ends.last ?? 0) + size)
      }
      guard ends.last == extent else {
        throw call.wrong("split_size_or_sections", "sizes whose sum is \(extent)")
      }
      return try call.split(x, axis, at: ends)
    },
    PyTorchFunction("chunk(self, chunks, dim=0)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      let (extent, chunks) = (try call.extent(x, axis), try call.integer("chunks"))
      guard 1...4096 ~= chunks else { throw call.wrong("chunks", "1 to 4096") }
      let size = max((extent + chunks - 1) / chunks, 1)
      return try call.split(x, axis, at: Array(stride(from: 0, to: extent, by: size)) + [extent])
    },
    PyTorchFunction("unbind(self, dim=0)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let axis = try call.axis("dim", of: x)
      let extent = try call.extent(x, axis)
      guard extent <= 4096 else { throw PyTorchFunctionProblem("\(extent) parts are too many") }
      var parts: [PyTorchArgument] = []
      for index in 0..<extent { parts.append(.tensor(try call.selected(x, axis, index))) }
      return .list(parts)
    },
    PyTorchFunction("flip(self, *dim)") { call throws(PyTorchFunctionProblem) in
      let x = try call.tensor("self")
      let parts = try call.axes("dim", of: x).sorted().map { Slicing.Part(axis: $0, step: -1) }
      return .tensor(try call.add(.slicing(Slicing(parts: parts)), x))
    },
    PyTorchFunction("roll(self, shifts, dim=None)") { call throws(PyTorchFunctionProblem) in
      var x = try call.tensor("self")
      let shifts = try call.integers("shifts")
      guard !call["dim"].isNone else {
        throw PyTorchFunctionProblem("its argument 'dim' is missing")
      }
      let axes = try call.axes("dim", of: x)
      guard axes.count == shifts.count else { throw call.wrong("shifts", "one per axis") }
      for (axis, shift) in zip(axes, shifts) where shift != 0 && shift != .min {
        let tail = Slicing(parts: [Slicing.Part(axis: axis, start: -shift)])
        let head = Slicing(parts: [Slicing.Part(axis: axis, stop: -shift)])
        if let extent = try call.shape(x)[axis].value, shift.magnitude >= extent {
          throw call.wrong("shifts", "less than the extent \(extent)")
        }
        x = try call.add(
          .merge(.concatenate(axis: axis)),
          try call.add(.slicing(tail), x), try call.add(.slicing(head), x))
      }
      return .tensor(x)
    },
  ]
}

extension PyTorchFunctionCall {
  /// One position along an axis, which disappears.
  mutating func selected(
    _ x: PyTorchTensor, _ axis: Int, _ index: Int
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    try add(.selection(Selection(axis: axis, index: index)), x)
  }

  /// The positions of a range along an axis.
  mutating func sliced(
    _ x: PyTorchTensor, _ axis: Int, _ range: Range<Int>
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let part = Slicing.Part(axis: axis, start: range.lowerBound, stop: range.upperBound)
    return try add(.slicing(Slicing(parts: [part])), x)
  }

  /// The parts of an axis between neighbouring bounds.
  mutating func split(
    _ x: PyTorchTensor, _ axis: Int, at bounds: [Int]
  ) throws(PyTorchFunctionProblem) -> PyTorchArgument {
    var parts: [PyTorchArgument] = []
    for (start, end) in zip(bounds, bounds.dropFirst()) {
      parts.append(.tensor(try sliced(x, axis, start..<end)))
    }
    return .list(parts)
  }

  /// A part of an axis; nil for the whole axis.
  func part(
    of x: PyTorchTensor, _ axis: Int, _ start: PyTorchArgument, _ stop: PyTorchArgument,
    _ step: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> Slicing.Part? {
    let extent = try shape(x)[axis]
    func bound(_ argument: PyTorchArgument) throws(PyTorchFunctionProblem) -> Int? {
      // x[:, :x.size(1)] is the whole axis.
      if case .extent(let value) = argument, value == extent { return nil }
      guard !argument.isNone else { return nil }
      guard let number = argument.integer else {
        throw PyTorchFunctionProblem("the bound \(argument.text) of a slice is not known")
      }
      // aten writes the largest number for an open end.
      return number >= 1 << 62 ? nil : number
    }
    guard let width = step.isNone ? 1 : step.integer, width > 0 else {
      throw PyTorchFunctionProblem("the step \(step.text) of a slice is not supported")
    }
    let (first, end) = (try bound(start), try bound(stop))
    if first ?? 0 == 0, end == nil, width == 1 { return nil }
    return Slicing.Part(axis: axis, start: first, stop: end, step: width)
  }

  /// `x[key]`, with whole numbers, slices, None and `...`.
  mutating func subscripted(
    _ x: PyTorchTensor, _ key: PyTorchArgument
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    var keys = key.list ?? [key]
    let rank = try rank(x)
    let taken = keys.count { key in
      switch key {
      case .none, .ellipsis: false
      default: true
      }
    }
    let ellipses = keys.count { if case .ellipsis = $0 { true } else { false } }
    guard taken <= rank, ellipses <= 1 else {
      throw PyTorchFunctionProblem("a subscript of \(taken) axes does not fit \(rank)")
    }
    let whole = PyTorchArgument.slice(start: .none, stop: .none, step: .none)
    if let dots = keys.firstIndex(where: { if case .ellipsis = $0 { true } else { false } }) {
      keys.replaceSubrange(
        dots...dots, with: [PyTorchArgument](repeating: whole, count: rank - taken))
    }
    var parts: [Slicing.Part] = []
    var indices: [(axis: Int, index: Int)] = []
    var newAxes: [Int] = []
    var (axis, place) = (0, 0)
    for key in keys {
      switch key {
      case .none: newAxes.append(place)
      case .slice(let start, let stop, let step):
        if let part = try part(of: x, axis, start, stop, step) { parts.append(part) }
        axis += 1
      default:
        guard let index = key.integer, key.tensor == nil else {
          throw PyTorchFunctionProblem("the subscript \(key.text) is not supported")
        }
        if case .bool = key { throw PyTorchFunctionProblem("a Boolean subscript is not supported") }
        indices.append((axis, index))
        axis += 1
        continue
      }
      place += 1
    }
    var result = parts.isEmpty ? x : try add(.slicing(Slicing(parts: parts)), x)
    for (axis, index) in indices.reversed() { result = try selected(result, axis, index) }
    for place in newAxes { result = try withAxis(result, at: place) }
    return result
  }
}
