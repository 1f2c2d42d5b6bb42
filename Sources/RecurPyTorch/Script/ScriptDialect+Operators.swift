import RecurModel
import RecurTensors

// The functions of `torch` in code of TorchScript: operators of aten on arrays, sizes, lists and texts.
extension ScriptDialect {
  func operation(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    for value in given.positional {
      // what is not known counts only where it is used
      if case .unknown(let unknown) = value, !SourceInterpreter.changesInPlace(name),
        name != "append"
      {
        return .unknown(unknown)
      }
    }
    var given = given
    for index in given.positional.indices {
      // one element of an array of constants is that number
      given.positional[index] = try number(of: given.positional[index], &interpreter)
    }
    if let result = try plain(name, given, &interpreter) { return result }
    if let result = try recurrent(name, given, &interpreter) { return result }
    if let result = try special(name, given, &interpreter) { return result }
    var own = name
    if SourceInterpreter.changesInPlace(name) { own = String(name.dropLast()) }
    guard let parameters = ScriptSchemas.parameters(own), GraphFunctions.parameters(own) != nil
    else {
      guard own == name else {
        throw interpreter.problem("the operator 'aten::\(name)' is not supported")
      }
      return interpreter.unknown("the operator 'aten::\(name)' is not supported")
    }
    if given.positional.contains(where: { $0.holdsStep }) {
      return try step(own, given, &interpreter)
    }
    return try call(own, parameters, given, &interpreter)
  }

  /// An operator of the table of aten.
  func call(
    _ name: String, _ parameters: [String], _ given: SourceArguments,
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard given.positional.count <= parameters.count else {
      throw interpreter.problem("'\(name)' is called with too many arguments")
    }
    var values = zip(parameters, given.positional).map { (name: $0.0, value: $0.1) }
    values += given.keywords
    try hint(name, values, &interpreter)
    if name == "view" || name == "reshape" { try demandCount(values, &interpreter) }
    var arguments: [(name: String, value: GraphValue)] = []
    for (parameter, value) in values {
      if ["layout", "device", "pin_memory", "memory_format"].contains(parameter) { continue }
      if parameter == "dtype" {
        arguments.append((parameter, try type(value, interpreter)))
      } else if parameter == "rounding_mode" || parameter == "mode" || parameter == "equation" {
        arguments.append((parameter, value.plain ?? .nothing))
      } else if parameter == "indices", name == "index" {
        arguments.append((parameter, .list(try indices(value, &interpreter))))
      } else {
        arguments.append((parameter, try interpreter.argument(value)))
      }
    }
    let results = try interpreter.functions(name, arguments)
    guard results.count == 1 else { return .tuple(results.map { .plain($0) }) }
    if let list = results[0].list { return .list(SourceList(list.map { .plain($0) })) }
    return .plain(results[0])
  }

  /// An element type, which the code gives by its number (c10/core/ScalarType.h).
  func type(
    _ value: SourceValue, _ interpreter: SourceInterpreter
  ) throws(SourceStop) -> GraphValue {
    guard let number = value.integer else { return value.plain ?? .nothing }
    do throws(CheckpointError) {
      // exported programs count from 1
      return .type(try TorchTypes.elementType(number: number + 1, at: .init()))
    } catch {
      throw interpreter.problem("the element type with the number \(number) is not supported")
    }
  }

  private func indices(
    _ value: SourceValue, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> [GraphValue] {
    var result: [GraphValue] = []
    for key in try interpreter.elements(value) {
      if case .positions(let positions) = key, positions.rank == 1 {
        result.append(.range(positions.extent))
      } else {
        result.append(try interpreter.argument(key))
      }
    }
    return result
  }

  /// Tells what an operator says about arguments of the model that it is the first to read.
  private func hint(
    _ name: String, _ values: [(name: String, value: SourceValue)],
    _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) {
    func value(_ name: String) -> SourceValue { values.first { $0.name == name }?.value ?? .none }
    func shape(_ name: String) -> [Int] { value(name).array?.known?.array.shape ?? [] }
    switch name {
    case "linear":
      guard let width = shape("weight").last else { return }
      let x = try array(value("input"), .features(width), &interpreter)
      try interpreter.demand(x, axis: -1, width)
      if try interpreter.extents(x).last == .free("batch") {
        throw interpreter.problem("the batch is read as features")
      }
    case "layer_norm":
      guard let width = shape("weight").last else { return }
      try interpreter.demand(array(value("input"), nil, &interpreter), axis: -1, width)
    case "embedding":
      let x = try array(value("indices"), .tokens, &interpreter)
      try interpreter.demandWhole(x)
    case "conv1d", "conv2d", "conv3d":
      let weight = shape("weight")
      guard weight.count > 2, let groups = value("groups").isNone ? 1 : value("groups").integer
      else { return }
      let channels = weight[1].multipliedReportingOverflow(by: groups).partialValue
      let x = try array(
        value("input"), .channels(channels, axes: weight.count - 2), &interpreter)
      try interpreter.demandRank(x, weight.count)
      try interpreter.demand(x, axis: 1, channels)
    case "batch_norm":
      guard let channels = shape("running_mean").first else { return }
      try interpreter.demand(array(value("input"), nil, &interpreter), axis: 1, channels)
    default: break
    }
  }

  /// Learns the extent of an argument of the model that gets a known shape.
  private func demandCount(
    _ values: [(name: String, value: SourceValue)], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) {
    guard values.count > 1, let x = try interpreter.settled(values[0].value).array else { return }
    var total = Dimension.fixed(1)
    for size in try interpreter.elements(values[1].value) {
      guard let own = size.integer, own > 0 else { return }
      total = total.times(.fixed(own))
    }
    var count = Dimension.fixed(1)
    for extent in try interpreter.extents(x) { count = count.times(extent) }
    guard let wanted = total.value, let solved = count.solved(for: wanted), solved.value > 0,
      solved.name.hasPrefix("features")
    else { return }
    throw .learned(.extent(solved.name, solved.value))
  }

  /// An array; an argument of the model becomes an input.
  func array(
    _ value: SourceValue, _ hint: SourceHint?, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> GraphValue {
    if case .argument(let name) = value { return try interpreter.input(name, hint) }
    guard let array = try interpreter.settled(value).array else {
      throw interpreter.problem(
        value.unknown?.reason ?? "\(value.title) is used as an array", at: value.unknown?.place)
    }
    try interpreter.check(.plain(array))
    return array
  }

  // MARK: operators of several forms

  /// Operators whose arguments have several forms, and those that are more than one operator.
  private func special(
    _ name: String, _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    let values = given.positional
    if let result = try ofPositions(name, values, &interpreter) { return result }
    switch name {
    case "to": return try converted(given, &interpreter)
    case "slice", "select": return try part(name, values, &interpreter)
    case "max", "min":
      guard
        values.first?.array != nil
          || values.first.map({ if case .argument = $0 { true } else { false } }) ?? false
      else { return nil }
      return try interpreter.extreme(name, given)
    case "arange":
      var keywords = given.keywords.filter { $0.name == "dtype" && !$0.value.isNone }
      for index in keywords.indices {
        keywords[index].value = .plain(try type(keywords[index].value, interpreter))
      }
      return try interpreter.call(
        torch: "arange", SourceArguments(positional: values, keywords: keywords))
    case "tensor", "as_tensor":
      return try made(given, &interpreter)
    case "copy_": return try copied(values, &interpreter)
    case "_convolution":
      guard let parameters = ScriptSchemas.parameters("conv1d"), values.count >= 9 else {
        return nil
      }
      _ = parameters
      return try convolution(values, &interpreter)
    case "_unsafe_view":
      return try call("view", ["self", "size"], given, &interpreter)
    case "var", "std":
      guard given.keywords.isEmpty else { break }
      if values.count == 2, values[1].flag != nil {
        return try call(name, ["self", "unbiased"], given, &interpreter)
      }
    default: break
    }
    return nil
  }

  /// `slice` and `select`: the bounds may be free extents.
  private func part(
    _ name: String, _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue? {
    guard let first = values.first, !first.holdsStep,
      !values.contains(where: { $0.isStep }), values.count > 1 || name == "slice"
    else { return nil }
    if case .positions = first { return nil }
    let x = try array(first, nil, &interpreter)
    guard values.count > 1 else { return .plain(x) }
    let rank = try interpreter.extents(x).count
    guard let axis = values[1].integer, -rank..<rank ~= axis else {
      throw interpreter.problem("an array of \(rank) axes has no axis \(values[1].title)")
    }
    let whole = SourceValue.slice(.none, .none, .none)
    var bounds = Array(values.dropFirst(2))
    while bounds.count < 3 { bounds.append(.none) }
    // torch's way to write that a part has no end
    if let end = bounds[1].integer, end >= 1 << 62 { bounds[1] = .none }
    let key = name == "select" ? bounds[0] : .slice(bounds[0], bounds[1], bounds[2])
    return try interpreter.item(
      .plain(x),
      .tuple([SourceValue](repeating: whole, count: axis < 0 ? axis + rank : axis) + [key]))
  }

  private func convolution(
    _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard let weight = values[1].array?.known?.array.shape, 3...5 ~= weight.count,
      let isTransposed = values[6].flag
    else { throw interpreter.problem("a convolution with unknown weights") }
    let axes = weight.count - 2
    let name = isTransposed ? "conv_transpose\(axes)d" : "conv\(axes)d"
    guard let parameters = ScriptSchemas.parameters(name) else {
      throw interpreter.problem("the operator 'aten::_convolution' is not supported here")
    }
    let own =
      isTransposed
      ? Array(values[0..<5]) + [values[7], values[8], values[5]]
      : Array(values[0..<6]) + [values[8]]
    return try call(name, parameters, SourceArguments(positional: own), &interpreter)
  }

  /// `to`: the element type, if any argument gives one; devices count for nothing.
  private func converted(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard let first = given.positional.first else {
      throw interpreter.problem("'aten::to' without an array")
    }
    if case .positions = first { return first }
    if first.array == nil, first.plain?.double != nil || first.dimension != nil { return first }
    if first.holdsStep { return first }
    let x = try array(first, nil, &interpreter)
    var wanted: GraphValue?
    for value in given.positional.dropFirst() + given.keywords.map(\.value) where wanted == nil {
      if let other = value.array {
        wanted = interpreter.builder.type(other).map { .type($0) }
      } else if value.flag == nil, value.integer != nil || value.plain.map(isType) ?? false {
        wanted = try type(value, interpreter)
      } else if value.flag != nil {
        break
      }
    }
    guard case .type(let type)? = wanted else { return .plain(x) }
    return .plain(
      try interpreter.graph { builder throws(CheckpointError) in try builder.cast(x, to: type) })
  }

  private func isType(_ value: GraphValue) -> Bool {
    if case .type = value { true } else { false }
  }

  /// `tensor(value, dtype=…)`.
  private func made(
    _ given: SourceArguments, _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard let first = given.positional.first else { return .none }
    if first.dimension != nil, first.integer == nil { return first }
    let array = try interpreter.made("tensor", SourceArguments(positional: [first]))
    guard let value = given.value("dtype"), !value.isNone, let own = array.array,
      case .type(let type) = try type(value, interpreter)
    else {
      if let unknown = array.unknown { throw interpreter.problem(unknown.reason) }
      return array
    }
    return .plain(
      try interpreter.graph { builder throws(CheckpointError) in try builder.cast(own, to: type) })
  }

  /// `copy_(buffer, value)`: the buffer gets another value, which it has in the next call.
  private func copied(
    _ values: [SourceValue], _ interpreter: inout SourceInterpreter
  ) throws(SourceStop) -> SourceValue {
    guard values.count > 1, let target = values[0].array else {
      throw interpreter.problem("'aten::copy_' to something that is no array")
    }
    let own: GraphValue
    if let number = values[1].plain?.double, values[1].array == nil {
      own = try interpreter.torchValue("full_like", [values[0], .plain(.number(number))])
    } else {
      own = try array(values[1], nil, &interpreter)
    }
    let key: String
    switch target {
    case .known(let known):
      guard known.isStored, let name = interpreter.builder.name(of: known.array) else {
        throw interpreter.problem("'aten::copy_' to an array that is no buffer is not supported")
      }
      key = name
    case .computed(let value):
      guard interpreter.facts.contains(.state(value.node)) else {
        throw interpreter.problem(
          "'aten::copy_' to a part of an array, or to one that is no buffer, is not supported")
      }
      key = value.node
    default: throw interpreter.problem("'aten::copy_' to \(target.title)")
    }
    interpreter.write(own, key: key)
    try interpreter.change(target)
    return .plain(own)
  }
}
