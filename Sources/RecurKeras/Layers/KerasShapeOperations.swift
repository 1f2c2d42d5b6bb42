import RecurContainers
import RecurModel
import RecurTensors

// Operations that are read as a ``Reshaping``, or as a ``Selection`` of the one element of an axis.
extension Reshaping {
  /// `reshape`, with the batch first or of all axes.
  static func reshapeOperation(_ reader: inout KerasLayerReader) -> Layer? {
    let name = reader.config.name
    let target = reader.options.value("newshape")?.array?.compactMap(\.integer) ?? []
    guard let shape = reader.inputShapes.first, !shape.isEmpty, !target.isEmpty,
      target.count == reader.config.options["newshape"]?.array?.count,
      target.count(where: { $0 < 0 }) <= 1, target.allSatisfy({ $0 < 1 << 31 })
    else { return reader.fail("operation '\(name)' has no shape of whole numbers") }
    // With -1 in front, the batch stays the batch if the other axes hold what they held before.
    let rest = shape.dropFirst().map(\.value)
    var count: Int? = 1
    for extent in rest { count = count.flatMap { total in extent.map { total * $0 } } }
    let wanted = target.dropFirst().reduce(1, *)
    if target[0] == -1, count == wanted {
      return .reshaping(.reshape(target.dropFirst().map { $0 }))
    }
    return .reshaping(.reshapeAll(target.map { $0 < 0 ? .rest : .fixed($0) }))
  }

  /// `moveaxis` of one axis.
  static func moveaxis(_ reader: inout KerasLayerReader) -> Layer? {
    func one(_ name: String) -> Int? {
      let value = reader.options.value(name)
      return value?.integer ?? (value?.array?.count == 1 ? value?.array?[0].integer : nil)
    }
    let (source, target) = (one("source"), one("destination"))
    guard let rank = reader.inputShapes.first?.count, let source, let target,
      let from = positions(of: [source], rank: rank)?.first,
      let to = positions(of: [target], rank: rank)?.first
    else { return reader.fail("operation '\(reader.config.name)' moves no single axis") }
    var axes = Array(0..<rank)
    axes.insert(axes.remove(at: from), at: to)
    guard axes[0] == 0 else {
      return reader.fail("operation '\(reader.config.name)' moves the batch")
    }
    return .reshaping(.permute(Array(axes.dropFirst())))
  }

  /// The last of the selections that remove axes of extent 1.
  static func squeezed(_ reader: inout KerasLayerReader) -> Layer? {
    guard let axes = reader.axes() else { return nil }
    let shape = reader.inputShapes.first ?? []
    guard axes.allSatisfy({ shape.indices.contains($0) && shape[$0] == .fixed(1) }) else {
      reader.options.refuse("axis", because: "an axis with one element belongs there")
      return nil
    }
    return .selection(Selection(axis: axes[0], index: 0))
  }

  /// One selection per axis, the last axis first.
  static func squeeze(_ call: inout KerasNodeReader) {
    let value = call.config.options["axis"] ?? .null
    let axes = value.integer.map { [$0] } ?? value.array?.compactMap(\.integer) ?? []
    guard let rank = call.inputShapes.first?.count, let own = positions(of: axes, rank: rank) else {
      return
    }
    call.chain(own.reversed().map { .selection(Selection(axis: $0, index: 0)) })
  }
}
