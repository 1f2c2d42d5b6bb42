import RecurContainers
import RecurModel

extension Reduction: KerasLayer {
  static let classes =
    names.map { name, function in
      KerasClass.operation(name, followsInput: true) { reader in reduction(function, &reader) }
    } + [
      KerasClass.operation("Amax", followsInput: true) { reduction(.maximum, &$0) },
      KerasClass.operation("Amin", followsInput: true) { reduction(.minimum, &$0) },
      KerasClass.operation("Average", followsInput: true) { reader in
        reader.options.only("weights", nil)
        guard !reader.isTensor("weights") else {
          return reader.fail("'\(reader.config.name)' is an average with weights")
        }
        return reduction(.mean, &reader)
      },
      KerasClass.operation("Norm", followsInput: true, read: norm),
    ]

  /// The operations of the functions.
  private static let names: [(String, Function)] = [
    ("Mean", .mean), ("Sum", .sum), ("Max", .maximum), ("Min", .minimum), ("Prod", .product),
    ("All", .all), ("Var", .variance), ("Std", .standardDeviation), ("Logsumexp", .logSumExp),
  ]

  static func reduction(_ function: Function, _ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("initial", nil)
    let keeps = reader.options.bool("keepdims", default: false)
    return reader.axes().map { .reduction(Reduction(function, axes: $0, keepsAxes: keeps)) }
  }

  /// A norm of vectors; over two axes the Euclidean norm of all elements.
  private static func norm(_ reader: inout KerasLayerReader) -> Layer? {
    let order = reader.options.value("ord") ?? .null
    let keeps = reader.options.bool("keepdims", default: false)
    guard let axes = reader.axes() else { return nil }
    let isEuclidean = order.isNull || ["fro", "euclidean"].contains(order.string)
    switch (axes.count, order.double) {
    case (1, 1): return .reduction(Reduction(.l1Norm, axes: axes, keepsAxes: keeps))
    case (1, 2): return .reduction(Reduction(.l2Norm, axes: axes, keepsAxes: keeps))
    case (1...2, nil) where isEuclidean:
      return .reduction(Reduction(.l2Norm, axes: axes, keepsAxes: keeps))
    default:
      reader.options.refuse("ord", because: "1 and 2 along one axis, and \"fro\", are read")
      return nil
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: axes) else { return nil }
    let list = JSONValue.array(axes.map { .integer($0) })
    let options: [(name: String, value: JSONValue)] = [
      ("axis", axes.count == 1 ? .integer(axes[0]) : list), ("keepdims", .bool(keepsAxes)),
    ]
    switch function {
    case .any: return writer.operation("Any", name, options)
    case .l1Norm, .l2Norm:
      guard axes.count == 1 else {
        writer.fail("'\(writer.node.layerName)' is a norm over \(axes.count) axes")
        return nil
      }
      return writer.operation("Norm", name, [("ord", function == .l1Norm ? 1 : 2)] + options)
    default:
      let word = Self.names.first { $0.1 == function }?.0 ?? "Sum"
      return writer.operation(word, name, options)
    }
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
