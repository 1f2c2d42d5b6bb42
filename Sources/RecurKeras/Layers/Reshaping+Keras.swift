import RecurContainers
import RecurModel
import RecurTensors

extension Reshaping: KerasLayer, KerasMaskComputing {
  static let classes =
    [
      KerasClass("Flatten") { reader in
        reader.readDataFormat(outputs: [nil])
        return .reshaping(.flatten)
      },
      KerasClass("Reshape", read: reshape),
      KerasClass("Permute", read: permute),
      KerasClass("RepeatVector") { reader in
        reader.options.size("n").map { .reshaping(.repeatVector(count: $0)) }
      },
      KerasClass("CenterCrop", read: middle),
      KerasClass.operation("ExpandDims", read: expandDims),
      KerasClass.operation("Transpose", followsInput: true, read: transpose),
      KerasClass.operation("Swapaxes", followsInput: true, read: swapaxes),
      KerasClass.operation("Moveaxis", followsInput: true, read: moveaxis),
      KerasClass.operation("Squeeze", followsInput: true, completes: squeeze, read: squeezed),
      KerasClass.operation("Reshape", followsInput: true, read: reshapeOperation),
    ] + (1...3).flatMap(resizings)

  /// The classes that change the extents of so many axes.
  private static func resizings(_ axes: Int) -> [KerasClass] {
    let generation1 = KerasClass.Generation1(
      options: ["length": "size", "dim_ordering": "data_format"])
    return [
      KerasClass("UpSampling\(axes)D", generation1: generation1) { reader in
        reader.readDataFormat()
        let isLinear =
          axes == 2 && reader.options.choice("interpolation", "nearest", "bilinear") == "bilinear"
        return reader.options.sizes("size", count: axes, default: 2).map {
          isLinear
            ? .interpolation(Interpolation(factors: $0)) : .reshaping(.upsample($0))
        }
      },
      KerasClass("ZeroPadding\(axes)D", generation1: generation1) { reader in
        reader.readDataFormat()
        return reader.options.margins("padding", axes, default: 1).map { .reshaping(.pad($0)) }
      },
      KerasClass("Cropping\(axes)D", generation1: generation1) { reader in
        reader.readDataFormat()
        return reader.options.margins("cropping", axes, default: axes == 1 ? 1 : 0).map {
          .reshaping(.crop($0))
        }
      },
    ]
  }

  private static func reshape(_ reader: inout KerasLayerReader) -> Layer? {
    let target = reader.options.value("target_shape")?.array?.compactMap(\.integer)
    guard let target, target.count(where: { $0 < 0 }) <= 1,
      target.allSatisfy({ $0 < 1 << 31 })
    else {
      return reader.fail(
        "'\(reader.config.name)' has no target_shape of whole numbers, at most one of them -1")
    }
    return .reshaping(.reshape(target.map { $0 < 0 ? nil : $0 }))
  }

  /// The middle of a picture; a larger one than the picture would be stretched.
  private static func middle(_ reader: inout KerasLayerReader) -> Layer? {
    reader.readDataFormat()
    guard let height = reader.options.size("height"), let width = reader.options.size("width"),
      let extents = reader.windowedExtents(2)
    else { return nil }
    var margins: [Margin] = []
    for (axis, extent) in zip([("height", height), ("width", width)], extents) {
      let (name, size) = axis
      guard let known = extent.value, known >= size else {
        reader.options.refuse(name, because: "it is the middle of \(extent) positions")
        return nil
      }
      let before = (known - size) / 2
      margins.append(Margin(before, known - size - before))
    }
    return .reshaping(.crop(margins))
  }

  private static func permute(_ reader: inout KerasLayerReader) -> Layer? {
    let axes = reader.options.value("dims")?.array?.compactMap(\.integer) ?? []
    guard !axes.isEmpty, axes.sorted() == Array(1...axes.count) else {
      return reader.fail("'\(reader.config.name)' has no dims that are an order of axes")
    }
    return .reshaping(.permute(axes))
  }

  private static func expandDims(_ reader: inout KerasLayerReader) -> Layer? {
    guard let axis = reader.options.value("axis")?.integer,
      let rank = reader.inputShapes.first?.count
    else { return reader.fail("operation '\(reader.config.name)' has no single axis") }
    let position = axis < 0 ? axis + rank + 1 : axis
    guard position > 0, position <= rank else {
      return reader.fail("operation '\(reader.config.name)' has the axis \(axis)")
    }
    return .reshaping(.insertAxis(position))
  }

  private static func transpose(_ reader: inout KerasLayerReader) -> Layer? {
    let given = reader.options.value("axes")
    let numbers = given?.array?.compactMap(\.integer)
    let rank = reader.inputShapes.first?.count ?? numbers?.count ?? 0
    // Without axes, their order is reversed.
    let axes = numbers ?? (given?.isNull ?? true ? Array((0..<rank).reversed()) : [])
    return reordering(axes.map { $0 < 0 ? $0 + rank : $0 }, rank: rank, &reader)
  }

  private static func swapaxes(_ reader: inout KerasLayerReader) -> Layer? {
    guard let one = reader.options.value("axis1")?.integer,
      let other = reader.options.value("axis2")?.integer,
      let rank = reader.inputShapes.first?.count
    else { return reader.fail("operation '\(reader.config.name)' exchanges no two axes") }
    let (first, second) = (one < 0 ? one + rank : one, other < 0 ? other + rank : other)
    var axes = Array(0..<rank)
    guard axes.indices.contains(first), axes.indices.contains(second) else {
      return reader.fail(
        "operation '\(reader.config.name)' exchanges the axes \(one) and \(other)")
    }
    axes.swapAt(first, second)
    return reordering(axes, rank: rank, &reader)
  }

  /// Another order of axes in which the batch stays first, or is exchanged with the second axis.
  private static func reordering(
    _ axes: [Int], rank: Int, _ reader: inout KerasLayerReader
  ) -> Layer? {
    let config = reader.config
    guard rank >= 2, axes.sorted() == Array(0..<rank) else {
      return reader.fail(
        "operation '\(config.name)' has the axes \(axes), no order of \(rank) axes")
    }
    if axes[0] == 0 { return .reshaping(.permute(Array(axes.dropFirst()))) }
    if axes == [1, 0] + (2..<rank) { return .reshaping(.exchangeBatchAndTime) }
    reader.findings.append(
      Diagnostic(
        .kerasOptionUnsupported, .error,
        "\(config.className) '\(config.name)' puts the axes in the order \(axes); the first two may "
          + "be exchanged, or those after the batch put in another order", at: config.location))
    return nil
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    func whole(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }
    func layer(_ className: String, _ option: String, _ value: JSONValue) -> KerasLayerForm {
      KerasLayerForm(className: className, name: name, options: [(option, value)])
    }
    switch self {
    case .flatten: return layer("Flatten", "data_format", "channels_last")
    case .reshape(let extents):
      return layer("Reshape", "target_shape", whole(extents.map { $0 ?? -1 }))
    case .permute(let axes): return layer("Permute", "dims", whole(axes))
    case .repeatVector(let count): return layer("RepeatVector", "n", .integer(count))
    case .pad(let margins): return resizing("ZeroPadding", "padding", margins, name)
    case .crop(let margins): return resizing("Cropping", "cropping", margins, name)
    case .upsample(let factors):
      let value = factors.count == 1 ? JSONValue.integer(factors[0]) : whole(factors)
      var form = layer("UpSampling\(factors.count)D", "size", value)
      if factors.count > 1 { form.options.append(("data_format", "channels_last")) }
      return form
    case .insertAxis(let position):
      return writer.target.holdsOperations
        ? writer.operation("ExpandDims", name, [("axis", .integer(position))])
        : inserted(position, name, &writer)
    case .reshapeAll(let extents):
      let known = extents.map { extent -> Int? in
        switch extent {
        case .fixed(let value): value
        case .axis(let axis): writer.inputShapes.first?[axis].value
        case .axisOfSecond(let axis): writer.inputShapes.last?[axis].value
        case .rest: nil
        }
      }
      guard known.count(where: { $0 == nil }) <= 1, !takesSecondInput else {
        writer.fail("'\(name)' gives several free extents other places: \(title)")
        return nil
      }
      return writer.operation("Reshape", name, [("newshape", whole(known.map { $0 ?? -1 }))])
    case .exchangeBatchAndTime:
      let rank = writer.inputShapes.first?.count ?? 3
      return writer.operation(
        "Transpose", name, [("axes", whole([1, 0] + (2..<max(rank, 2))))])
    }
  }

  /// Margins as Keras writes them: a pair, or a pair for each of several axes.
  private func resizing(
    _ className: String, _ option: String, _ margins: [Margin], _ name: String
  ) -> KerasLayerForm {
    let pairs = margins.map { JSONValue.array([.integer($0.before), .integer($0.after)]) }
    var form = KerasLayerForm(
      className: "\(className)\(margins.count)D", name: name,
      options: [(option, pairs.count == 1 ? pairs[0] : .array(pairs))])
    if margins.count > 1 { form.options.append(("data_format", "channels_last")) }
    return form
  }

  /// Where operations can't be stored, a new axis is a Reshape, which can leave one extent open.
  private func inserted(
    _ position: Int, _ name: String, _ writer: inout KerasLayerWriter
  ) -> KerasLayerForm? {
    var extents = (writer.inputShapes.first?.dropFirst() ?? []).map { $0.value ?? -1 }
    guard extents.count(where: { $0 < 0 }) <= 1, position > 0, position - 1 <= extents.count else {
      writer.fail(
        "'\(writer.node.layerName)' adds an axis to a shape of which several extents are open")
      return nil
    }
    extents.insert(1, at: position - 1)
    return KerasLayerForm(
      className: "Reshape", name: name,
      options: [("target_shape", .array(extents.map { .integer($0) }))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }

  var maskSource: KerasMaskSource { if case .insertAxis = self { .inputs } else { .none } }
  var maskWriting: KerasMaskWriting { .operation }

  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? { nil }

  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    self == .insertAxis(2) ? masks.mask(inputs[0]) : nil
  }
}

extension KerasOptions {
  /// Margins of `axes` axes: one number for all ends, one per axis, or a pair per axis; over one axis,
  /// a pair.
  fileprivate mutating func margins(
    _ name: String, _ axes: Int, default value: Int
  ) -> [Reshaping.Margin]? {
    guard axes > 1 else {
      return sizes(name, count: 2, least: 0, default: value).map { [.init($0[0], $0[1])] }
    }
    guard let found = self.value(name), !found.isNull else {
      return [Reshaping.Margin](repeating: .init(value, value), count: axes)
    }
    let parts =
      found.integer.map { _ in [JSONValue](repeating: found, count: axes) } ?? found.array ?? []
    let margins = parts.compactMap { part -> Reshaping.Margin? in
      let pair = part.integer.map { [$0, $0] } ?? part.array?.compactMap(\.integer) ?? []
      guard pair.count == 2, pair.allSatisfy({ $0 >= 0 && $0 < 1 << 31 }) else { return nil }
      return .init(pair[0], pair[1])
    }
    guard margins.count == axes, parts.count == axes else {
      refuse(name, because: "a number, \(axes) numbers or \(axes) pairs of numbers belong there")
      return nil
    }
    return margins
  }
}
