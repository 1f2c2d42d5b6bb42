import RecurContainers
import RecurModel
import RecurTensors

extension Reshaping: KerasLayer, KerasMaskComputing {
  static let classes = [
    KerasClass("Flatten") { reader in
      reader.options.only("data_format", "channels_last", nil)
      return .reshaping(.flatten)
    },
    KerasClass("Reshape", read: reshape),
    KerasClass("Permute", read: permute),
    KerasClass("RepeatVector") { reader in
      reader.options.size("n").map { .reshaping(.repeatVector(count: $0)) }
    },
    KerasClass("UpSampling1D", generation1: .init(options: ["length": "size"])) { reader in
      reader.options.sizes("size", default: 2).map { .reshaping(.upsample(factor: $0[0])) }
    },
    KerasClass("ZeroPadding1D") { reader in
      reader.options.only("data_format", "channels_last", nil)
      return reader.options.sizes("padding", count: 2, least: 0, default: 1)
        .map { .reshaping(.pad(before: $0[0], after: $0[1])) }
    },
    KerasClass("Cropping1D") { reader in
      reader.options.sizes("cropping", count: 2, least: 0, default: 1)
        .map { .reshaping(.crop(before: $0[0], after: $0[1])) }
    },
    KerasClass.operation("ExpandDims", read: expandDims),
    KerasClass.operation("Transpose", followsInput: true, read: transpose),
    KerasClass.operation("Swapaxes", followsInput: true, read: swapaxes),
    KerasClass.operation("Moveaxis", followsInput: true, read: moveaxis),
    KerasClass.operation("Squeeze", followsInput: true, completes: squeeze, read: squeezed),
    KerasClass.operation("Reshape", followsInput: true, read: reshapeOperation),
  ]

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
    case .pad(let before, let after):
      return layer("ZeroPadding1D", "padding", whole([before, after]))
    case .crop(let before, let after):
      return layer("Cropping1D", "cropping", whole([before, after]))
    case .upsample(let factor): return layer("UpSampling1D", "size", .integer(factor))
    case .insertAxis(let position):
      return writer.target.holdsOperations
        ? writer.operation("ExpandDims", name, [("axis", .integer(position))])
        : inserted(position, name, &writer)
    case .exchangeBatchAndTime:
      let rank = writer.inputShapes.first?.count ?? 3
      return writer.operation(
        "Transpose", name, [("axes", whole([1, 0] + (2..<max(rank, 2))))])
    }
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
