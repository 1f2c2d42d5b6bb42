import RecurModel
import RecurTensors

// Arrays that are made of numbers in the graph.
extension ONNXOperators {
  static let made: [ONNXOperator] = [
    // The reader of graphs gives the numbers of the attribute as the input.
    ONNXOperator(
      "Constant", 0...1, "value value_float value_floats value_int value_ints"
    ) { call, builder throws(CheckpointError) in
      if call.has(0) { return [call[0]] }
      if let values = try call.ints("value_ints", builder) {
        return [.known(try KnownArray(whole: values, shape: [values.count]))]
      }
      if call.attributes["value_int"] != nil {
        return [.known(try KnownArray(whole: [call.int("value_int", builder)], shape: []))]
      }
      if call.attributes["value_float"] != nil {
        let number = try call.float("value_float", builder, default: 0)
        return [.known(KnownArray(try Tensor.numbers([number], .float32, shape: [])))]
      }
      let numbers = try call.floats("value_floats", builder)
      return [.known(KnownArray(try Tensor.numbers(numbers, .float32, shape: [numbers.count])))]
    },
    // The reader of graphs gives the number of the attribute as the second input.
    ONNXOperator("ConstantOfShape", 1...2, "value") { call, builder throws(CheckpointError) in
      let shape = try call.extents(0, builder)
      let value = call.has(1) ? try call.weight(1, builder) : nil
      guard value?.array.count ?? 1 == 1 else { throw call.problem("has several numbers", builder) }
      return [
        .known(
          try KnownArray(
            repeating: value?.array.doubles()[0] ?? 0, value?.type ?? .float32, shape: shape))
      ]
    },
    ONNXOperator("Range", 3...3) { call, builder throws(CheckpointError) in
      if case .size(let extent) = call[1], call[0].double == 0, call[2].double == 1 {
        return [ONNXRange.value(extent)]
      }
      if (0..<3).contains(where: { call[$0].isSymbolic }) {
        throw call.problem("counts to \(call[1].title), which depends on the call", builder)
      }
      let (start, limit) = (try call.number(0, builder), try call.number(1, builder))
      let step = try call.number(2, builder)
      let count = max(((limit - start) / step).rounded(.up), 0)
      guard step != 0, count < 1_048_576 else {
        throw call.problem("makes \(count) numbers", builder)
      }
      let values = (0..<Int(count)).map { start + Double($0) * step }
      let type = builder.type(call[0]) ?? .int64
      return [.known(KnownArray(try Tensor.numbers(values, type, shape: [values.count])))]
    },
    ONNXOperator("EyeLike", 1...1, "dtype k") { call, builder throws(CheckpointError) in
      let shape = try builder.extents(call.array(0, builder)).map(\.value)
      guard shape.count == 2, let rows = shape[0], let columns = shape[1], rows <= 2048,
        columns <= 2048
      else { throw call.problem("needs a matrix of known extents", builder) }
      let shift = try call.int("k", builder)
      let type =
        call.attributes["dtype"] == nil
        ? builder.type(call[0]) ?? .float32 : try call.type("dtype", builder, default: 1)
      let ones = (0..<rows).flatMap { row in
        (0..<columns).map { (column: Int) -> Double in column - row == shift ? 1 : 0 }
      }
      return [.known(KnownArray(try Tensor.numbers(ones, type, shape: [rows, columns])))]
    },
    ONNXOperator("OneHot", 3...3, "axis") { call, builder throws(CheckpointError) in
      let indices = try builder.cast(call.array(0, builder), to: .int64)
      let number = try call.number(1, builder)
      guard let depth = Int(exactly: number), 1...1_048_576 ~= depth else {
        throw call.problem("makes vectors of \(number) elements", builder)
      }
      let values = try call.weight(2, builder)
      guard values.shape == [.fixed(2)] else {
        throw call.problem("has values of the shape \(text(values.shape))", builder)
      }
      let rank = try builder.extents(indices).count
      let given = try call.int("axis", builder, default: -1)
      guard let axis = positions(of: [given], rank: rank + 1)?.first else {
        throw call.problem("puts its vectors along axis \(given)", builder)
      }
      // Every position is compared: one outside of the vector finds no equal.
      let position = try builder.insertingAxis(
        fromStart(indices, extent: .fixed(depth), &builder), axis)
      let extents = (0...rank).map { $0 == axis ? depth : 1 }
      try builder.count(known: depth)
      let numbers = try KnownArray(whole: Array(0..<depth), shape: extents)
      let isOn = try builder.binary(.equal, position, .known(numbers))
      if values.array.doubles() == [0, 1] { return [try builder.cast(isOn, to: values.type)] }
      return [
        try builder.conditional(
          isOn, .known(values.selected(axis: 0, 1)), .known(values.selected(axis: 0, 0)))
      ]
    },
  ]
}
