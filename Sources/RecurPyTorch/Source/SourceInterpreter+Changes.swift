import RecurModel
import RecurSource
import RecurTensors

// Arrays that a source changes in place. The values of a graph never change: the name of the array
// gets a new value, and nothing may use the old one, or a view of it, any more.
extension SourceInterpreter {
  /// Whether a method of arrays changes its array.
  static func changesInPlace(_ name: String) -> Bool {
    name.hasSuffix("_") && !name.hasPrefix("_")
      && !["detach_", "requires_grad_", "share_memory_"].contains(name)
  }

  /// Notes that an array is changed in place: it, the array that it is a view of, and all views of that.
  mutating func change(_ array: GraphValue) throws(SourceStop) {
    guard case .computed(let value) = array else { return }
    let byName = Dictionary(
      builder.nodes.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })
    var base = value
    while let node = byName[base.node], node.layer.isView, let input = node.inputs.first {
      base = input
    }
    var all: Set<Model.Value> = [base]
    for node in builder.nodes where node.layer.isView && node.inputs.contains(where: all.contains) {
      all.insert(Model.Value(node.name))
    }
    for own in all { changed[own] = position }
  }

  /// An array that was changed can't be used under a name that has its old value.
  func check(_ value: SourceValue) throws(SourceStop) {
    guard case .plain(.computed(let own)) = value, let place = changed[own] else { return }
    if hasCopies, !facts.contains(.copies) { throw .learned(.copies) }
    let line = files.trees[place.source].text.place(of: place.span).line
    throw problem(
      "an array is used here that was changed in place in line \(line), under another name or as a part",
      hint: "write x = x + y instead of x += y, or x = x.clone() before it")
  }

  /// `del name`, `del config['key']`.
  mutating func delete(
    _ target: Expression, _ scope: SourceScope
  ) throws(SourceStop) {
    switch target.kind {
    case .name(let name): scope.values[name] = nil
    case .tuple(let targets), .list(let targets):
      for target in targets { try delete(target, scope) }
    case .attribute(let owner, let name):
      if case .object(let object) = try evaluate(owner, scope) { object.remove(name) }
    case .item(let owner, let key):
      let own = try evaluate(owner, scope)
      guard case .dictionary(let dictionary) = own else {
        guard phase == .file || own.unknown != nil else {
          throw problem("an element is deleted, which is not supported")
        }
        return
      }
      _ = dictionary.remove(try self.key(evaluate(key, scope)))
    default: break
    }
  }

  /// An array in which a part along one axis has another value.
  mutating func replaced(
    _ array: GraphValue, _ key: SourceValue, _ value: SourceValue
  ) throws(SourceStop) -> GraphValue {
    let shape = try extents(array)
    let keys: [SourceValue] = if case .tuple(let own) = key { own } else { [key] }
    var part: (axis: Int, range: Range<Int>, isOne: Bool)?
    var axis = 0
    for key in keys {
      if case .ellipsis = key {
        axis = shape.count - (keys.count - 1 - axis)
        continue
      }
      guard shape.indices.contains(axis) else { throw problem("too many indices") }
      if let range = try range(key, shape[axis]) {
        guard part == nil, shape[axis].value != nil else { throw unsupportedChange }
        part = (axis, range, key.integer != nil)
      }
      axis += 1
    }
    var own = try settled(value)
    if case .unknown(let unknown) = own { throw problem(unknown.reason, at: unknown.place) }
    let axisAndRange = part ?? (0, 0..<(shape.first?.value ?? 1), false)
    let (place, range) = (axisAndRange.axis, axisAndRange.range)
    let old =
      part == nil
      ? array
      : try graph { builder throws(CheckpointError) in
        try builder.sliced(array, axis: place, from: range.lowerBound, to: range.upperBound)
      }
    if own.array == nil { own = try torch("full_like", [.plain(old), own]) }
    guard var new = own.array else { throw problem("a part of an array gets \(own.title)") }
    let type = builder.type(array) ?? .float32
    let wanted = try extents(old)
    let isOne = axisAndRange.isOne
    new = try graph { [new] builder throws(CheckpointError) in
      var result = try builder.cast(new, to: type)
      // leading axes of extent 1 are dropped, as torch's rules of broadcasting do
      let rank = isOne ? wanted.count - 1 : wanted.count
      while try builder.extents(result).count > rank, try builder.extents(result)[0] == .fixed(1) {
        result = try builder.selected(result, axis: 0, 0)
      }
      if isOne, try builder.extents(result).count == wanted.count - 1 {
        result = try builder.insertingAxis(result, place)
      }
      return try builder.expanded(result, to: wanted)
    }
    try change(array)
    guard part != nil else { return new }
    return try graph { [new] builder throws(CheckpointError) in
      var parts: [GraphValue] = []
      let extent = shape[place].value ?? 0
      if range.lowerBound > 0 {
        parts.append(try builder.sliced(array, axis: place, from: 0, to: range.lowerBound))
      }
      parts.append(new)
      if range.upperBound < extent {
        parts.append(try builder.sliced(array, axis: place, from: range.upperBound, to: extent))
      }
      return try builder.concatenated(parts, axis: place)
    }
  }

  private var unsupportedChange: SourceStop {
    problem("a part of an array is changed in place in this form, which is not supported")
  }

  /// The positions of an axis that a key names; nil for all of them.
  private func range(
    _ key: SourceValue, _ extent: Dimension
  ) throws(SourceStop) -> Range<Int>? {
    if let index = key.integer {
      guard let count = extent.value, -count..<count ~= index else { throw unsupportedChange }
      let own = index < 0 ? index + count : index
      return own..<own + 1
    }
    guard case .slice(let start, let stop, let step) = key, step.isNone || step.integer == 1 else {
      throw unsupportedChange
    }
    if start.isNone, stop.isNone { return nil }
    guard let count = extent.value, start.isNone || start.integer != nil,
      stop.isNone || stop.integer != nil
    else { throw unsupportedChange }
    let part = Slicing.Part(axis: 0, start: start.integer, stop: stop.integer, step: 1)
    let (first, length) = part.positions(in: count)
    guard length > 0 else { throw unsupportedChange }
    return first..<first + length
  }
}

extension SourceValue {
  /// The value whose method this is.
  var boundOwner: SourceValue? { if case .bound(let owner, _) = self { owner } else { nil } }
}

extension Layer {
  /// Whether an array and its result may be the same memory in torch.
  fileprivate var isView: Bool {
    switch self {
    case .selection, .slicing: true
    case .reshaping(.pad), .reshaping(.upsample), .reshaping(.repeatVector): false
    case .reshaping: true
    default: false
    }
  }
}
