import RecurModel
import RecurSource
import RecurTensors

extension SourceInterpreter {
  /// `owner[key]`.
  mutating func item(
    _ owner: SourceValue, _ key: SourceValue
  ) throws(SourceStop) -> SourceValue {
    if isInTimesteps || round != nil, key.parts.contains(where: { $0.isStep }),
      let array = try settled(owner).array
    {
      return try atTimestep(array, key.parts)
    }
    switch owner {
    case .foreign(let value): return try value.item(key, &self)
    case .tuple(let values): return try element(values, key)
    case .list(let list):
      if !isInTimesteps, list.elements.count == 1, case .step(let step) = list.elements[0],
        key.integer == -1
      {
        return .plain(try last(step))
      }
      guard isInTimesteps || !owner.holdsStep else {
        throw problem("the values of the timesteps are used one by one")
      }
      return try element(list.elements, key)
    case .plain(.list(let values)): return try element(values.map { .plain($0) }, key)
    case .dictionary(let dictionary):
      if let name = key.openName {
        let texts = dictionary.keys.map(SourceInterpreter.childName)
        throw needs(name, among: try self.texts(texts, of: name))
      }
      let own = try self.key(key)
      return dictionary[own] ?? dictionary.unknown.map { .unknown($0) }
        ?? unknown("a dictionary has no entry '\(SourceInterpreter.childName(own))'")
    case .object(let object) where object.kind?.isContainer == true:
      if case .slice = key {
        let part = SourceObject(type: nil, kind: object.kind, place: position)
        part.children = try slice(object.children, key)
        return .object(part)
      }
      if let index = key.integer {
        let own = index < 0 ? index + object.children.count : index
        guard object.children.indices.contains(own) else {
          throw problem("the container has no module \(index)")
        }
        return object.children[own].value
      }
      let name = SourceInterpreter.childName(try self.key(key))
      return object.children.first { $0.name == name }?.value ?? unknown("no module '\(name)'")
    case .object(let object) where object.type == nil && object.kind == nil:
      let name = SourceInterpreter.childName(try self.key(key))
      return object[name] ?? unknown("no value '\(name)'")
    case .plain(let array) where array.isArray:
      guard phase == .construction else { return .plain(try index(array, key)) }
      return try constructed([owner], []) { interpreter throws(SourceStop) in
        .plain(try interpreter.index(array, key))
      }
    case .plain(.size(let size)) where size.openName != nil:
      guard let name = size.openName else { return unknown("a part of a number") }
      if case .slice = key { return unknown("a part of '\(name)', which the source does not say") }
      if let index = key.integer { return open("\(name)[\(index)]") }
      return open("\(name).\(SourceInterpreter.childName(try self.key(key)))")
    case .plain(.text): return unknown("a part of a text")
    case .argument(let name):
      if let text = key.text { return try part(name, text) }
      return .plain(try index(input(name), key))
    case .positions(var positions):
      let keys: [SourceValue] = if case .tuple(let keys) = key { keys } else { [key] }
      var axis = 0
      for key in keys {
        if key.isNone {
          if axis <= positions.axis { positions.axis += 1 }
          positions.rank += 1
        } else if case .slice(let start, let stop, let step) = key, start.isNone, stop.isNone,
          step.isNone
        {
        } else {
          return .plain(try index(numbers(positions), key))
        }
        axis += 1
      }
      return .positions(positions)
    case .unknown, .library, .type: return owner.unknown == nil ? .library("typing.alias") : owner
    default: return unknown("an element of \(owner.title)")
    }
  }

  private func element(
    _ values: [SourceValue], _ key: SourceValue
  ) throws(SourceStop) -> SourceValue {
    if case .slice = key { return .list(SourceList(try slice(values, key))) }
    guard let index = key.integer else {
      if let name = key.openName { throw needs(name) }
      return unknown("an element at an unknown place")
    }
    let own = index < 0 ? index + values.count : index
    guard values.indices.contains(own) else {
      throw problem("element \(index) of \(values.count)")
    }
    return values[own]
  }

  private func slice<Element>(
    _ values: [Element], _ key: SourceValue
  ) throws(SourceStop) -> [Element] {
    guard case .slice(let start, let stop, let step) = key else { return values }
    func bound(_ value: SourceValue) throws(SourceStop) -> Int? {
      if value.isNone { return nil }
      if let name = value.openName { throw needs(name) }
      guard let integer = value.integer else { throw problem("a slice with unknown bounds") }
      return integer
    }
    let stride = try bound(step) ?? 1
    guard stride != 0, stride != .min else { throw problem("a slice of step \(stride)") }
    let part = Slicing.Part(axis: 0, start: try bound(start), stop: try bound(stop), step: stride)
    let (first, count) = part.positions(in: values.count)
    return (0..<count).map { values[first + $0 * stride] }
  }

  // MARK: arrays

  /// The part of an array that `key` chooses.
  private mutating func index(
    _ array: GraphValue, _ key: SourceValue
  ) throws(SourceStop) -> GraphValue {
    var keys: [SourceValue]
    if case .tuple(let own) = key { keys = own } else { keys = [key] }
    for position in keys.indices { keys[position] = try settled(keys[position]) }
    var result = array
    let rank = try extents(array).count
    let used = keys.count { key in
      if case .ellipsis = key { return false }
      return !key.isNone
    }
    guard used <= rank else { throw problem("\(used) indices for an array of \(rank) axes") }
    var axis = 0
    for key in keys {
      switch key {
      case .ellipsis: axis += rank - used
      case .slice(let start, let stop, let step):
        result = try sliced(result, axis, start, stop, step)
        axis += 1
      case .unknown(let unknown): throw problem(unknown.reason, at: unknown.place)
      case .plain(let own):
        if own.isNothing {
          result = try graph { [result] builder throws(CheckpointError) in
            try builder.insertingAxis(result, axis)
          }
          axis += 1
        } else if let extent = own.dimension {
          result = try selected(result, axis, extent)
        } else if own.isArray {
          return try chosen(array, keys)
        } else {
          throw problem("an index that is \(key.title)")
        }
      case .positions, .list: return try chosen(array, keys)
      default: throw problem("an index that is \(key.title)")
      }
    }
    return result
  }

  /// The elements at positions that arrays give: `x[torch.arange(len(x)), lengths - 1]`.
  private mutating func chosen(
    _ array: GraphValue, _ keys: [SourceValue]
  ) throws(SourceStop) -> GraphValue {
    var indices: [GraphValue] = []
    for key in keys {
      if case .slice(let start, let stop, let step) = key, start.isNone, stop.isNone, step.isNone {
        indices.append(.nothing)
      } else if case .list = key {
        guard let own = try made("LongTensor", SourceArguments(positional: [key])).array else {
          throw problem("an index that is \(key.title)")
        }
        indices.append(own)
      } else if case .ellipsis = key {
        throw problem("an index of arrays with '...' is not supported")
      } else if key.integer != nil || key.isNone {
        throw problem("an index of arrays and numbers together is not supported")
      } else {
        if case .positions(let positions) = key, positions.rank == 1 {
          indices.append(.range(positions.extent))
        } else {
          indices.append(try argument(key))
        }
      }
    }
    return try functions("index", [("self", array), ("indices", .list(indices))])[0]
  }

  func extents(_ array: GraphValue) throws(SourceStop) -> [Dimension] {
    guard let shape = builder.shape(array) ?? round?.around.shape(array) else {
      throw problem("\(array.title) is no array")
    }
    return shape
  }

  /// One position of an axis; a position computed from the extent counts from the end.
  private mutating func selected(
    _ array: GraphValue, _ axis: Int, _ position: Dimension
  ) throws(SourceStop) -> GraphValue {
    let extent = try extents(array)[axis]
    var index = position.value
    if let name = position.openName { throw missing(name) }
    if index == nil { index = position.plus(extent.times(-1)).value }
    guard let index else { throw problem("an index that is known only when the model runs") }
    if case .free(let name) = extent, name.description.hasPrefix("axis0("), index >= 0 {
      taken[name.description] = max(taken[name.description] ?? 0, index + 1)
    }
    return try graph { builder throws(CheckpointError) in
      try builder.selected(array, axis: axis, index)
    }
  }

  private mutating func sliced(
    _ array: GraphValue, _ axis: Int, _ start: SourceValue, _ stop: SourceValue,
    _ step: SourceValue
  ) throws(SourceStop) -> GraphValue {
    let extent = try extents(array)[axis]
    func bound(_ value: SourceValue) throws(SourceStop) -> Int? {
      if value.isNone { return nil }
      guard let own = value.dimension else {
        throw problem("a slice with the bound \(value.title)")
      }
      if let known = own.value { return known }
      if let name = own.openName { throw missing(name) }
      if own == extent { return nil }
      // a bound that is a known distance from the end counts from there
      guard let distance = own.plus(extent.times(-1)).value, distance < 0 else {
        throw problem(
          "a slice up to an extent that is known only when the model runs: \(own) of \(extent)")
      }
      return distance
    }
    if let free = stop.dimension, free.value == nil, array.known != nil,
      start.isNone || start.integer == 0
    {
      return try cut(array, axis, free)
    }
    let (first, last) = (try bound(start), try bound(stop))
    let stride = try bound(step) ?? 1
    guard stride != 0, stride != .min else { throw problem("a slice of step \(stride)") }
    return try graph { builder throws(CheckpointError) in
      try builder.sliced(array, axis: axis, from: first, to: last, step: stride)
    }
  }

  /// The first rows of a table of weights, as many as a sequence has timesteps.
  private mutating func cut(
    _ table: GraphValue, _ axis: Int, _ extent: Dimension
  ) throws(SourceStop) -> GraphValue {
    let shape = try extents(table)
    guard let rows = shape[axis].value, let width = shape.last?.value, axis < shape.count - 1,
      shape.indices.dropLast().allSatisfy({ $0 == axis || shape[$0] == .fixed(1) })
    else {
      throw problem(
        "weights are cut to an extent that is known only when the model runs: \(extent)")
    }
    let places = try numbers(SourcePositions(extent: extent))
    let own = try graph { builder throws(CheckpointError) in
      try builder.reshaped(table, [.fixed(rows), .fixed(width)])
    }
    let part = try functions("embedding", [("weight", own), ("indices", places)])[0]
    return try graph { builder throws(CheckpointError) in
      var result = part
      for other in shape.indices.dropLast() where other != axis {
        result = try builder.insertingAxis(result, other)
      }
      return result
    }
  }

  /// The numbers 0, 1, … up to a free extent, as an array: sums of ones.
  mutating func numbers(_ positions: SourcePositions) throws(SourceStop) -> GraphValue {
    try graph { builder throws(CheckpointError) in
      let ones = try KnownArray(repeating: 1, .int64, shape: [positions.extent])
      let layer = Cumulation(.sum, axis: 0, isExclusive: true, isReversed: false)
      var result = try builder.apply(.cumulation(layer), builder.computed(.known(ones)))
      for axis in 0..<positions.rank where axis != positions.axis {
        result = try builder.insertingAxis(result, axis)
      }
      return result
    }
  }

  // MARK: writing

  var writtenNames: [SourceTensorName] { Array(written.keys) }

  /// Gives a buffer another value, which it has in the next call.
  mutating func write(
    _ value: SourceValue, to object: SourceObject, _ name: String
  ) throws(SourceStop) {
    guard let array = try settled(value).array else {
      throw problem("a buffer gets a value that is no array: \(value.title)")
    }
    let key = StateDictKeys.joined(object.path ?? "", name)
    // a buffer that gets the value that it has keeps it
    if let known = array.known, known.name == key, known.isStored, !writes.contains(key) { return }
    written[SourceTensorName(object, name)] = array
    // an array that is empty in the file is made by the first call
    guard tensors[key]?.count != 0 else {
      keptAttributes.append((name, position))
      return
    }
    write(array, key: key)
  }

  /// Gives the buffer of this key another value, which it has in the next call.
  mutating func write(_ array: GraphValue, key: String) {
    if !writes.contains(key) { writes.append(key) }
    finals[key] = array
  }

  /// `buffer[:] = value`.
  mutating func writeItem(
    _ array: GraphValue, _ owner: Expression, _ key: SourceValue, _ value: SourceValue,
    _ scope: SourceScope
  ) throws(SourceStop) {
    guard case .attribute(let parent, let name) = owner.kind,
      case .object(let object) = try evaluate(parent, scope), object.tensors[name] != nil
    else {
      try assign(.plain(replaced(array, key, value)), to: owner, scope)
      return
    }
    let keys: [SourceValue] = if case .tuple(let own) = key { own } else { [key] }
    for key in keys {
      if case .ellipsis = key { continue }
      guard case .slice(let start, let stop, let step) = key, start.isNone, stop.isNone, step.isNone
      else { throw problem("a part of a buffer is changed, which is not supported") }
    }
    try write(value, to: object, name)
  }
}
