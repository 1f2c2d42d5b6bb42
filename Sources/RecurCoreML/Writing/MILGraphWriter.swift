import RecurModel
import RecurTensors

/// Collects the operations of a program.
struct MILGraphWriter: Sendable {
  /// The name of the node that is written.
  var scope = ""
  /// The name of its layer; nodes of one layer share its weights.
  var layerName = ""
  /// The operations of the block that is written.
  private(set) var operations: [MILOperationForm] = []
  /// The constants that are weights, which stand in front of all operations.
  private(set) var constants: [MILOperationForm] = []
  private(set) var weights: [MILWeightForm] = []
  /// Whether a number of the model was computed anew and rounded.
  var isRounded = false
  /// Whether an operation computes in 16 bits.
  private(set) var isHalf = false
  private var names: Set<String> = []
  private var stored: [String: MILWritten] = [:]
  private var around: [[MILOperationForm]] = []

  init() {}

  /// A name that nothing in the program has: letters, digits and underscores.
  mutating func unique(_ name: String) -> String {
    var plain = String(
      name.unicodeScalars.map { scalar in
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
          ? Character(scalar) : "_"
      })
    if plain.first.map({ $0.isNumber || $0 == "_" }) ?? true { plain = "v" + plain }
    var (own, count) = (plain, 0)
    while !names.insert(own).inserted {
      count += 1
      own = "\(plain)_\(count)"
    }
    return own
  }

  // MARK: operations

  /// Applies an operation of several results, given by their shapes and types.
  mutating func apply(
    _ type: String, _ arguments: [(String, MILArgument)],
    results: [(shape: [Dimension], type: ElementType)], isMain: Bool = false,
    blocks: [MILBlockForm] = []
  ) -> [MILWritten] {
    let name = unique(isMain ? scope : "\(scope)_\(type)")
    if results.contains(where: { $0.type == .float16 }) { isHalf = true }
    var own = MILOperationForm(type: type, outputs: [], blocks: blocks, name: name)
    for (argument, value) in arguments.sorted(by: { $0.0 < $1.0 }) {
      own.arguments.append((argument, names(of: value, "\(name)_\(argument)")))
    }
    own.outputs = results.enumerated().map { index, result in
      MILWritten(
        name: index == 0 ? name : unique("\(name)_\(index)"), type: result.type,
        shape: result.shape)
    }
    operations.append(own)
    return own.outputs
  }

  /// Applies an operation of one result.
  mutating func apply(
    _ type: String, _ arguments: [(String, MILArgument)], shape: [Dimension],
    as elementType: ElementType, isMain: Bool = false
  ) -> MILWritten {
    apply(type, arguments, results: [(shape, elementType)], isMain: isMain)[0]
  }

  /// Applies a function of every element.
  mutating func map(
    _ type: String, _ x: MILWritten, _ arguments: [(String, MILArgument)] = []
  ) -> MILWritten {
    apply(type, [("x", .value(x))] + arguments, shape: x.shape, as: x.type)
  }

  /// Applies a function of two values, aligned by NumPy's rules.
  mutating func pair(
    _ type: String, _ x: MILWritten, _ y: MILWritten, as result: ElementType? = nil
  ) -> MILWritten {
    var shape: [Dimension] = []
    for offset in 1...max(x.rank, y.rank, 1) where offset <= max(x.rank, y.rank) {
      let one = offset <= x.rank ? x.shape[x.rank - offset] : .fixed(1)
      let other = offset <= y.rank ? y.shape[y.rank - offset] : .fixed(1)
      shape.insert(one == .fixed(1) ? other : one, at: 0)
    }
    return apply(
      type, [("x", .value(x)), ("y", .value(y))], shape: shape, as: result ?? x.type)
  }

  /// The names of the values of an argument; numbers become constants of the block.
  private mutating func names(of argument: MILArgument, _ name: String) -> [String] {
    switch argument {
    case .value(let value): return [value.name]
    case .values(let values): return values.map(\.name)
    case .text(let text): return [constant(name, nil, [], .text(text))]
    case .int(let number): return [constant(name, .int32, [], .ints([number]))]
    case .ints(let numbers):
      return [constant(name, .int32, [numbers.count], .ints(numbers))]
    case .flag(let flag): return [constant(name, .bool, [], .flags([flag]))]
    case .flags(let flags): return [constant(name, .bool, [flags.count], .flags(flags))]
    case .number(let number, let type):
      return [constant(name, type, [], .bytes(type.bytes(rounding: [number])))]
    }
  }

  private mutating func constant(
    _ name: String, _ type: ElementType?, _ shape: [Int], _ content: MILConstantForm.Content
  ) -> String {
    let own = unique(name)
    operations.append(
      Self.constant(own, MILConstantForm(type: type, shape: shape, content: content)))
    return own
  }

  private static func constant(_ name: String, _ form: MILConstantForm) -> MILOperationForm {
    MILOperationForm(
      type: "const",
      outputs: [
        MILWritten(
          name: name, type: form.type ?? .uint8, shape: form.shape.map { .fixed($0) })
      ], constant: form, name: name)
  }

  // MARK: numbers

  /// A weight of the layer.
  ///
  /// What was joined comes from `sources`. The role is the weight's name within the layer.
  mutating func weight(
    _ tensor: Tensor, _ role: String, sources: [Tensor] = [], as type: ElementType
  ) -> MILWritten {
    let key = "\(layerName)\u{0}\(role)\u{0}\(type)"
    if let known = stored[key] { return known }
    let shape = tensor.shape.map { Dimension.fixed($0) }
    let own = MILWritten(
      name: unique("\(layerName)_\(role)"), type: tensor.elementType, shape: shape)
    constants.append(
      Self.constant(
        own.name,
        MILConstantForm(
          type: tensor.elementType, shape: tensor.shape, content: .tensor(tensor))))
    weights.append(MILWeightForm(name: own.name, tensor: tensor, sources: sources))
    var value = own
    if tensor.elementType != type {
      // In front of all operations, so that every block sees it.
      let name = unique("\(own.name)_\(type)")
      value = MILWritten(name: name, type: type, shape: shape)
      let dtype = unique("\(name)_dtype")
      constants.append(
        Self.constant(
          dtype, MILConstantForm(type: nil, shape: [], content: .text(Self.name(of: type)))))
      constants.append(
        MILOperationForm(
          type: "cast", arguments: [("dtype", [dtype]), ("x", [own.name])], outputs: [value],
          name: name))
    }
    stored[key] = value
    return value
  }

  /// Numbers that belong to an operation.
  mutating func numbers(_ values: [Double], _ type: ElementType, shape: [Int]) -> MILWritten {
    let name = unique("\(scope)_constant")
    let content: MILConstantForm.Content =
      type.isFloatingPoint
      ? .bytes(type.bytes(rounding: values)) : .ints(values.map { Int($0) })
    operations.append(
      Self.constant(name, MILConstantForm(type: type, shape: shape, content: content)))
    return MILWritten(name: name, type: type, shape: shape.map { .fixed($0) })
  }

  /// The same numbers in another element type.
  mutating func cast(_ value: MILWritten, to type: ElementType) -> MILWritten {
    guard value.type != type else { return value }
    return apply(
      "cast", [("x", .value(value)), ("dtype", .text(Self.name(of: type)))], shape: value.shape,
      as: type)
  }

  /// The name of an element type as `cast` has it.
  static func name(of type: ElementType) -> String {
    switch type {
    case .float16: "fp16"
    case .float32: "fp32"
    default: "\(type)"
    }
  }

  // MARK: blocks

  /// Begins a block inside of an operation.
  mutating func beginBlock() {
    around.append(operations)
    operations = []
  }

  /// Ends it.
  mutating func endBlock(inputs: [MILWritten], outputs: [MILWritten]) -> MILBlockForm {
    let block = MILBlockForm(
      inputs: inputs, operations: operations, outputs: outputs.map(\.name))
    operations = around.popLast() ?? []
    return block
  }

  /// A value of a block that is handed on.
  mutating func blockValue(_ name: String, like value: MILWritten) -> MILWritten {
    MILWritten(name: unique("\(scope)_\(name)"), type: value.type, shape: value.shape)
  }

  /// Gives the result of an operation another name.
  mutating func rename(_ old: String, to new: String) {
    func renamed(_ operation: MILOperationForm) -> MILOperationForm {
      var own = operation
      own.arguments = own.arguments.map { argument in
        (argument.name, argument.values.map { $0 == old ? new : $0 })
      }
      own.outputs = own.outputs.map {
        $0.name == old ? MILWritten(name: new, type: $0.type, shape: $0.shape) : $0
      }
      own.blocks = own.blocks.map { block in
        var copy = block
        copy.operations = copy.operations.map(renamed)
        copy.outputs = copy.outputs.map { $0 == old ? new : $0 }
        return copy
      }
      return own
    }
    operations = operations.map(renamed)
  }
}
