import RecurModel
import RecurTensors

// Functions of torch.
extension SourceInterpreter {
  /// Functions whose further arguments are one list.
  private static let variadic: Set = [
    "permute", "view", "reshape", "expand", "repeat", "flip", "tile", "zeros", "ones", "new_zeros",
    "new_ones", "einsum", "broadcast_to",
  ]

  /// Names that torch's functions, its methods and its operators give the same parameter.
  private static let synonyms = [
    "input": ["self", "input"], "x": ["self"], "tensor": ["self"], "axis": ["dim"],
    "axes": ["dim", "dims"], "keepdims": ["keepdim"], "split_size_or_sections": ["split_size"],
    "dims": ["dims", "dim"], "size": ["size", "shape", "output_size"],
    "sizes": ["sizes", "repeats"],
    "shape": ["shape", "size"], "mat2": ["mat2", "other"], "exponent": ["exponent", "other"],
    "dim": ["dim", "dims"],
  ]

  /// Functions that read the shape of an array alone.
  private static let shapeOnly: Set = [
    "zeros_like", "ones_like", "full_like", "empty_like", "new_zeros", "new_ones", "new_full",
  ]

  /// Calls a function of torch with arguments by position and by name.
  mutating func torch(
    _ name: String, _ positional: [SourceValue],
    _ keywords: [(name: String, value: SourceValue)] = []
  ) throws(SourceStop) -> SourceValue {
    if phase == .construction {
      return try constructed(Self.shapeOnly.contains(name) ? [] : positional, keywords) {
        interpreter throws(SourceStop) in
        if let result = try interpreter.folded(name, positional, keywords) { return result }
        return try interpreter.called(name, positional, keywords)
      }
    }
    if !Self.shapeOnly.contains(name) { try checkNumbers(positional + keywords.map(\.value)) }
    return try called(name, positional, keywords)
  }

  private mutating func called(
    _ name: String, _ positional: [SourceValue],
    _ keywords: [(name: String, value: SourceValue)]
  ) throws(SourceStop) -> SourceValue {
    if let result = try step(torch: name, positional, keywords) { return result }
    var keywords = keywords
    if ["softmax", "log_softmax", "softmin"].contains(name), positional.count < 2,
      keywords.first(where: { $0.name == "dim" })?.value.isNone ?? true, let x = positional.first,
      case .plain(let array) = try settled(x), array.isArray
    {
      // torch's rule for softmax without an axis
      keywords.removeAll { $0.name == "dim" }
      keywords.append(("dim", .integer([0, 1, 3].contains(try extents(array).count) ? 0 : 1)))
    }
    guard let parameters = GraphFunctions.parameters(name) else {
      throw problem("the function '\(name)' is not supported")
    }
    var arguments: [(name: String, value: GraphValue)] = []
    var given: [GraphValue] = []
    for value in positional { given.append(try argument(value)) }
    let isVariadic = Self.variadic.contains(name)
    for (index, parameter) in parameters.enumerated() where index < given.count {
      if isVariadic, index == parameters.count - 1 || isSizes(parameter) {
        let rest = Array(given[index...])
        arguments.append(
          (parameter, rest.count == 1 && rest[0].list != nil ? rest[0] : .list(rest)))
        given = Array(given[..<index])
        break
      }
      arguments.append((parameter, given[index]))
    }
    guard given.count <= parameters.count else {
      throw problem("'\(name)' is called with too many arguments")
    }
    for (keyword, value) in keywords {
      let candidates = [keyword] + (Self.synonyms[keyword] ?? [])
      let own = candidates.first { parameters.contains($0) } ?? keyword
      if arguments.contains(where: { $0.name == own }) {
        throw problem("'\(name)' gets '\(keyword)' twice")
      }
      arguments.append((own, try argument(value)))
    }
    let results = try functions(name, arguments)
    if results.count == 1 {
      if let list = results[0].list { return .tuple(list.map { .plain($0) }) }
      return .plain(results[0])
    }
    return .tuple(results.map { .plain($0) })
  }

  private func isSizes(_ parameter: String) -> Bool {
    ["size", "shape", "dims", "repeats", "sizes", "tensors"].contains(parameter)
  }

  mutating func torchValue(
    _ name: String, _ positional: [SourceValue]
  ) throws(SourceStop) -> GraphValue {
    let result = try torch(name, positional)
    guard let array = result.array else { throw problem("'\(name)' gives no array") }
    return array
  }

  /// Adds an operator of aten to the graph.
  mutating func functions(
    _ name: String, _ arguments: [(name: String, value: GraphValue)]
  ) throws(SourceStop) -> [GraphValue] {
    try graph { builder throws(CheckpointError) in
      try GraphFunctions.call("torch.ops.aten.\(name)", arguments, &builder)
    }
  }

  /// A value as an argument of an operator.
  mutating func argument(_ value: SourceValue) throws(SourceStop) -> GraphValue {
    if !changed.isEmpty { try check(value) }
    switch value {
    case .plain(let plain):
      if let name = plain.dimension?.openName { throw needs(name) }
      return plain
    case .tuple, .list:
      try step()
      var values: [GraphValue] = []
      for element in try elements(value) { values.append(try argument(element)) }
      return .list(values)
    case .library(let name):
      if let type = SourceBuiltins.elementType(name) { return .type(type) }
      throw problem("'\(name)' is an argument of a function of torch")
    case .argument(let name): return try input(name)
    case .bound(let inner, "nn.Parameter"): return try argument(inner)
    case .unknown(let unknown): throw problem(unknown.reason, at: unknown.place)
    case .positions(let positions): return try numbers(positions)
    default: throw problem("\(value.title) is an argument of a function of torch")
    }
  }

  // MARK: functions that are more than an operator

  /// A function of torch or of `torch.nn.functional`, by its own name.
  mutating func call(
    torch name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let first = given.positional.first ?? given.value("input") ?? .none
    switch name {
    case "arange": return try range(given)
    case "tensor", "as_tensor", "FloatTensor", "LongTensor", "Tensor", "from_numpy", "asarray":
      return try made(name, given)
    case "zeros", "ones", "full", "zeros_like", "ones_like", "full_like", "eye", "empty", "rand",
      "randn", "empty_like", "rand_like", "randn_like", "linspace", "triu", "tril":
      return try filled(name, given)
    case "is_tensor": return .flag(first.array != nil)
    case "max", "min": return try extreme(name, given)
    case "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout":
      let position = name == "dropout" ? 2 : 2
      let training = given.value("training", at: position)
      guard training?.flag == false else {
        throw problem(
          "'\(name)' draws random numbers here: its argument 'training' is not self.training",
          hint: "pass training=self.training, or use nn.Dropout")
      }
      return try settled(first)
    case "interpolate", "upsample": return try interpolate(given)
    case "scaled_dot_product_attention" where GraphFunctions.parameters(name) == nil:
      return try productAttention(given)
    case "size":
      return try call(
        .plain(settled(first).plain ?? .nothing), method: "size",
        SourceArguments(positional: Array(given.positional.dropFirst()), keywords: given.keywords))
    case "pad": return try pad(given)
    case "view", "reshape": return try reshaped(name, given)
    case "numel": return try call(settled(first), method: "numel", .init())
    default: break
    }
    let values = try settledAll(given)
    return try torch(name, values.positional, values.keywords.filter { $0.name != "inplace" })
  }

  mutating func settledAll(
    _ given: SourceArguments
  ) throws(SourceStop) -> SourceArguments {
    var copy = given
    for index in copy.positional.indices {
      copy.positional[index] = try settled(copy.positional[index])
    }
    for index in copy.keywords.indices {
      copy.keywords[index].value = try settled(copy.keywords[index].value)
    }
    return copy
  }

  /// `x.view(-1, 28, 28)`: if the shape of an argument of the model is not known, this is it.
  private mutating func reshaped(
    _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let values = try settledAll(given)
    do throws(SourceStop) {
      return try torch(name, values.positional, values.keywords)
    } catch {
      guard case .problem = error, let array = values.positional.first?.array,
        let own = inputs.first(where: { $0.value.array.map { $0.isSame(as: array) } ?? false })?
          .key,
        try extents(array).contains(where: { $0.names.contains { $0.hasPrefix("features") } })
      else { throw error }
      var sizes = Array(values.positional.dropFirst())
      if sizes.count == 1, case .tuple(let all) = sizes[0] { sizes = all }
      guard sizes.count > 1, sizes[0].integer == -1 || sizes[0].dimension == .free("batch"),
        sizes.dropFirst().allSatisfy({ $0.integer ?? 0 > 0 })
      else { throw error }
      let shape = [Dimension.free("batch")] + sizes.dropFirst().compactMap(\.dimension)
      throw .learned(.axes(own, shape, .float32))
    }
  }

  private mutating func pad(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    let values = try settledAll(given)
    return try torch("pad", values.positional, values.keywords)
  }

  private mutating func range(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    let numbers = given.positional
    let ends: [(String, SourceValue)]
    switch numbers.count {
    case 1: ends = [("end", numbers[0])]
    case 2: ends = [("start", numbers[0]), ("end", numbers[1])]
    case 3: ends = [("start", numbers[0]), ("end", numbers[1]), ("step", numbers[2])]
    default: ends = []
    }
    if let end = (ends.first { $0.0 == "end" })?.1.dimension ?? given.value("end")?.dimension,
      end.value == nil
    {
      guard ends.count == 1 else {
        throw problem("numbers up to an extent that is known only when the model runs")
      }
      return .positions(SourcePositions(extent: end))
    }
    return try torch("arange", [], ends.map { (name: $0.0, value: $0.1) } + given.keywords)
  }

  /// `max` and `min` of an array, of two arrays, or along an axis.
  mutating func extreme(
    _ name: String, _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let values = try settledAll(given)
    if values.positional.count > 1, values.positional[1].array != nil {
      return try torch("\(name)imum", values.positional)
    }
    if let other = values.value("other") {
      return try torch("\(name)imum", [values.positional.first ?? .none, other])
    }
    let hasAxis =
      values.positional.count > 1 || values.value("dim") != nil || values.value("axis") != nil
    let result = try torch("a\(name)", values.positional, values.keywords)
    guard hasAxis else { return result }
    let places =
      (try? torch("arg\(name)", values.positional, values.keywords))
      ?? unknown("the positions of a \(name)imum are not supported")
    return .tuple([result, places])
  }

  private mutating func interpolate(_ given: SourceArguments) throws(SourceStop) -> SourceValue {
    let x = try settled(given.value("input", at: 0) ?? .none)
    let mode = given.value("mode", at: 3)?.text ?? "nearest"
    guard mode == "nearest", let array = x.array else {
      throw problem("interpolation by '\(mode)' is not supported")
    }
    let axes = try extents(array).count - 2
    guard 1...3 ~= axes else {
      throw problem("interpolation of an array \(text(try extents(array)))")
    }
    var arguments: [(name: String, value: GraphValue)] = [("input", array)]
    if let size = given.value("size", at: 1), !size.isNone {
      let list = try argument(size)
      arguments.append(("output_size", list.list == nil ? .list([list]) : list))
    } else if let factor = given.value("scale_factor", at: 2), !factor.isNone {
      let list = try argument(factor)
      arguments.append(
        (
          "scale_factors",
          list.list == nil ? .list([GraphValue](repeating: list, count: axes)) : list
        ))
    }
    return .plain(try functions("upsample_nearest\(axes)d", arguments)[0])
  }

  private mutating func productAttention(
    _ given: SourceArguments
  ) throws(SourceStop) -> SourceValue {
    let values = try settledAll(given)
    let query = values.value("query", at: 0) ?? .none
    let key = values.value("key", at: 1) ?? .none
    let value = values.value("value", at: 2) ?? .none
    guard values.value("is_causal", at: 5)?.flag != true else {
      throw problem("causal attention is not supported")
    }
    guard let array = query.array, let width = try extents(array).last?.value else {
      throw problem("attention over an unknown number of features")
    }
    let scale = values.value("scale")?.plain?.double ?? 1 / Double(width).squareRoot()
    let turned = try torch("transpose", [key, .integer(-2), .integer(-1)])
    var scores = try torch("mul", [torch("matmul", [query, turned]), .plain(.number(scale))])
    if let mask = values.value("attn_mask", at: 3), !mask.isNone {
      if let own = mask.array, builder.type(own) == .bool {
        scores = try torch("where", [mask, scores, .plain(.number(-.infinity))])
      } else {
        scores = try torch("add", [scores, mask])
      }
    }
    return try torch("matmul", [torch("softmax", [scores, .integer(-1)]), value])
  }
}

extension GraphValue {
  /// Whether both are the same output of a node.
  fileprivate func isSame(as other: GraphValue) -> Bool {
    if case .computed(let one) = self, case .computed(let two) = other { one == two } else { false }
  }
}
