import RecurModel
import RecurTensors

// Sizes, arrays that are made, and operators that change no number.
extension GraphFunctions {
  static let made: [GraphFunction] =
    [
      GraphFunction("sym_size(self, dim)") { call, builder throws(CheckpointError) in
        let x = try call.array("self", builder)
        return [.size(try builder.extents(x)[builder.axis(call.integer("dim", builder), of: x)])]
      },
      GraphFunction("size(self, dim=None)") { call, builder throws(CheckpointError) in
        let x = try call.array("self", builder)
        let shape = try builder.extents(x)
        guard call.has("dim") else { return [.list(shape.map { .size($0) })] }
        return [.size(shape[try builder.axis(call.integer("dim", builder), of: x)])]
      },
      GraphFunction("zeros(size, dtype=None)") { call, builder throws(CheckpointError) in
        [try filled(0, call.dimensions("size", builder), call.type("dtype", builder) ?? .float32)]
      },
      GraphFunction("ones(size, dtype=None)") { call, builder throws(CheckpointError) in
        [try filled(1, call.dimensions("size", builder), call.type("dtype", builder) ?? .float32)]
      },
      GraphFunction("full(size, fill_value, dtype=None)") { call, builder throws(CheckpointError) in
        [
          try filled(
            call.double("fill_value", builder), call.dimensions("size", builder),
            call.type("dtype", builder) ?? natural(call["fill_value"]))
        ]
      },
      GraphFunction("zeros_like(self, dtype=None)") { call, builder throws(CheckpointError) in
        [try alike(call, 0, builder)]
      },
      GraphFunction("ones_like(self, dtype=None)") { call, builder throws(CheckpointError) in
        [try alike(call, 1, builder)]
      },
      GraphFunction("full_like(self, fill_value, dtype=None)") {
        call, builder throws(CheckpointError) in
        [try alike(call, call.double("fill_value", builder), builder)]
      },
      GraphFunction("new_zeros(self, size, dtype=None)") { call, builder throws(CheckpointError) in
        [try filled(0, call.dimensions("size", builder), type(call, builder))]
      },
      GraphFunction("new_ones(self, size, dtype=None)") { call, builder throws(CheckpointError) in
        [try filled(1, call.dimensions("size", builder), type(call, builder))]
      },
      GraphFunction("new_full(self, size, fill_value, dtype=None)") {
        call, builder throws(CheckpointError) in
        [
          try filled(
            call.double("fill_value", builder), call.dimensions("size", builder),
            type(call, builder))
        ]
      },
      GraphFunction("scalar_tensor(s, dtype=None)") { call, builder throws(CheckpointError) in
        [
          try filled(
            call.double("s", builder), [], call.type("dtype", builder) ?? natural(call["s"]))
        ]
      },
      GraphFunction("arange(end, start=0, step=1, dtype=None)") {
        call, builder throws(CheckpointError) in try range(call, &builder)
      },
      GraphFunction("to(self, dtype=None, other=None)") { call, builder throws(CheckpointError) in
        var type = try call.type("dtype", builder)
        if call["other"].isArray { type = builder.type(call["other"]) }
        let x = try call.array("self", builder)
        return [try type.map { type throws(CheckpointError) in try builder.cast(x, to: type) } ?? x]
      },
      GraphFunction("_to_copy(self, dtype=None)") { call, builder throws(CheckpointError) in
        let x = try call.array("self", builder)
        guard let type = try call.type("dtype", builder) else { return [x] }
        return [try builder.cast(x, to: type)]
      },
      GraphFunction("type_as(self, other)") { call, builder throws(CheckpointError) in
        let type = builder.type(try call.array("other", builder)) ?? .float32
        return [try builder.cast(call.array("self", builder), to: type)]
      },
      GraphFunction("dropout(input, p, train)") { call, builder throws(CheckpointError) in
        guard try !call.flag("train", builder) else {
          throw builder.problem(
            "dropout draws random numbers: the program was exported for training",
            hint: "export after model.eval()")
        }
        return [try call.array("input", builder)]
      },
    ]
    + [
      "clone", "contiguous", "alias", "detach", "detach_", "lift_fresh_copy", "lift", "lift_fresh",
    ]
    .map { name in
      GraphFunction("\(name)(self)") { call, builder throws(CheckpointError) in
        [try call.array("self", builder)]
      }
    }
    + [
      "_assert_tensor_metadata", "_assert_scalar", "sym_constrain_range_for_size",
      "sym_constrain_range", "_assert_async",
    ].map { name in GraphFunction("\(name)()") { _, _ throws(CheckpointError) in [] } }

  private static func filled(
    _ value: Double, _ shape: [Dimension], _ type: ElementType
  ) throws(CheckpointError) -> GraphValue {
    .known(try KnownArray(repeating: value, type, shape: shape))
  }

  private static func natural(_ value: GraphValue) -> ElementType {
    switch value {
    case .size: .int64
    case .flag: .bool
    default: .float32
    }
  }

  private static func type(
    _ call: GraphCall, _ builder: GraphBuilder
  ) throws(CheckpointError) -> ElementType {
    let own = builder.type(try call.array("self", builder))
    return try call.type("dtype", builder) ?? own ?? .float32
  }

  private static func alike(
    _ call: GraphCall, _ value: Double, _ builder: GraphBuilder
  ) throws(CheckpointError) -> GraphValue {
    try filled(
      value, builder.extents(call.array("self", builder)), type(call, builder))
  }

  private static func range(
    _ call: GraphCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let isWhole = ["start", "end", "step"].allSatisfy { call[$0].dimension != nil }
    let type = try call.type("dtype", builder) ?? (isWhole ? .int64 : .float32)
    if let end = call["end"].dimension, end.value == nil {
      guard call["start"].integer == 0, call["step"].integer == 1, type == .int64 else {
        throw builder.problem("\(call.name) counts to the free extent \(end) in another way")
      }
      return [.range(end)]
    }
    let (start, end) = (try call.double("start", builder), try call.double("end", builder))
    let step = try call.double("step", builder)
    let count = ((end - start) / step).rounded(.up)
    guard step != 0, count >= 0, count <= Double(builder.limits.knownElements) else {
      throw call.problem("end", "a range of numbers", builder)
    }
    let values = (0..<Int(count)).map { start + Double($0) * step }
    return [.known(KnownArray(try Tensor.numbers(values, type, shape: [values.count])))]
  }
}
