import RecurContainers
import RecurModel
import RecurTensors

extension LayerNormalization: KerasLayer {
  static let classes = [
    KerasClass(
      "LayerNormalization", arrays: arrays, input: .init(axes: .any), completes: complete,
      read: read)
  ]

  private static func arrays(
    _ config: KerasClass.LayerConfig, _ options: inout KerasOptions
  ) -> KerasArrayPlan? {
    KerasArrayPlan(options.scaleAndShift())
  }

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let shape = reader.inputShapes.first ?? []
    let several = severalAxes(reader.config, shape)
    if several != nil { reader.options.ignore("axis") } else { reader.readFeatureAxis() }
    reader.options.only("rms_scaling", false)
    let epsilon = reader.options.number("epsilon", default: 1e-3)
    let plan = reader.plan()
    let (hasScale, hasCenter) = (plan.has("gamma"), plan.has("beta"))
    if let several {
      let extents = several.map { shape[$0].value ?? 0 }
      let width = extents.reduce(1, *)
      guard !extents.contains(0), width < 1 << 31,
        let gamma = flat(hasScale, "gamma", extents, &reader),
        let beta = flat(hasCenter, "beta", extents, &reader)
      else { return reader.fail("the axes of '\(reader.config.name)' have no fixed extents") }
      return .layerNormalization(
        LayerNormalization(gamma: gamma.tensor, beta: beta.tensor, width: width, epsilon: epsilon))
    }
    guard let width = reader.inputSize ?? reader.arrays.first?.count else {
      return reader.fail("the width of '\(reader.config.name)' is not known")
    }
    let gamma = hasScale ? reader.take("gamma", [width]) : nil
    let beta = hasCenter ? reader.take("beta", [width]) : nil
    guard gamma != nil || !hasScale, beta != nil || !hasCenter else { return nil }
    return .layerNormalization(
      LayerNormalization(gamma: gamma, beta: beta, width: width, epsilon: epsilon))
  }

  /// The axes of a layer that normalizes over several, in ascending order.
  private static func severalAxes(
    _ config: KerasArchitecture.LayerConfig, _ shape: [Dimension]
  ) -> [Int]? {
    guard let list = config.options["axis"]?.array, list.count > 1 else { return nil }
    let axes = positions(of: list.compactMap(\.integer), rank: shape.count) ?? []
    return axes.count == list.count && axes.first != 0 ? axes : nil
  }

  /// An array over several axes as one axis; a tensor of nil when the layer has none.
  private static func flat(
    _ isThere: Bool, _ name: String, _ extents: [Int], _ reader: inout KerasLayerReader
  ) -> (tensor: Tensor?, Void)? {
    guard isThere else { return (nil, ()) }
    guard let tensor = reader.take(name, extents),
      let flat = try? tensor.contiguous().reshaped([extents.reduce(1, *)])
    else { return nil }
    return (flat, ())
  }

  /// Makes several axes one, the last.
  private static func complete(_ call: inout KerasNodeReader) {
    guard let shape = call.inputShapes.first, let axes = severalAxes(call.config, shape),
      case .layerNormalization(let layer) = call.node.layer
    else { return }
    let others = shape.indices.dropFirst().filter { !axes.contains($0) }
    let order = others + axes
    let isInOrder = order == Array(1..<shape.count)
    guard shape.indices.count(where: { $0 > 0 && shape[$0].value == nil }) <= 1 else {
      return call.refuse("'\(call.config.name)' keeps several axes of free extents apart")
    }
    let back = (1..<shape.count).map { axis in (order.firstIndex(of: axis) ?? 0) + 1 }
    var chain: [Layer] = isInOrder ? [] : [.reshaping(.permute(order))]
    chain.append(.reshaping(.reshape(others.map { shape[$0].value } + [layer.width])))
    chain.append(call.node.layer)
    chain.append(.reshaping(.reshape(order.map { shape[$0].value })))
    if !isInOrder { chain.append(.reshaping(.permute(back))) }
    call.chain(chain)
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    KerasLayerForm(
      className: "LayerNormalization", name: name,
      options: [
        ("axis", -1), ("epsilon", .number(epsilon)), ("center", .bool(beta != nil)),
        ("scale", .bool(gamma != nil)),
      ],
      arrays: (gamma.map { [writer.array("gamma", $0)] } ?? [])
        + (beta.map { [writer.array("beta", $0)] } ?? []))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .passed }
}
