import RecurContainers
import RecurModel
import RecurTensors

/// `x[key]` with any key of numbers, slices, new axes and an ellipsis, `flip` and `split`.
extension Slicing: KerasLayer {
  static let classes = [
    KerasClass.operation("GetItem", followsInput: true, completes: complete, read: read),
    KerasClass.operation("Flip", followsInput: true) { reader in
      reader.axes().map { .slicing(Slicing(parts: $0.map { Part(axis: $0, step: -1) })) }
    },
    KerasClass.operation("Split", followsInput: true, completes: completeSplit) { reader in
      reader.options.ignore("indices_or_sections", "sizes", "axis")
      return parts(reader.config, reader.inputShapes.first).map {
        .slicing(Slicing(parts: [$0[0]]))
      }
        ?? reader.fail("'\(reader.config.name)' splits its input into no equal or known parts")
    },
  ]

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let config = reader.config
    guard let rank = reader.inputShapes.first?.count,
      let key = reader.options.value("key") ?? config.calls.first?.operand
    else { return reader.fail("operation '\(config.name)' takes an element of nothing") }
    guard let layers = KerasGetItemKey(key, rank: rank)?.layers else {
      reader.findings.append(
        Diagnostic(
          .kerasOptionUnsupported, .error,
          "GetItem '\(config.name)' takes [\(KerasGetItemKey.text(key))] of its input of \(rank) "
            + "axes; numbers, slices, ... and None behind the batch are read", at: config.location))
      return nil
    }
    return layers.last
  }

  private static func complete(_ call: inout KerasNodeReader) {
    guard let key = call.config.options["key"] ?? call.call.operand,
      let shape = call.inputShapes.first,
      let layers = KerasGetItemKey(key, rank: shape.count)?.layers
    else { return }
    call.chain(layers)
  }

  /// The parts of a split; nil when the operation does not say them.
  private static func parts(
    _ config: KerasArchitecture.LayerConfig, _ shape: [Dimension]?
  ) -> [Part]? {
    let given = config.options["axis"]?.integer ?? 0
    guard let shape, let axis = positions(of: [given], rank: shape.count)?.first, axis > 0 else {
      return nil
    }
    let (sizes, sections) = (config.options["sizes"], config.options["indices_or_sections"])
    var ends = sections?.array?.compactMap(\.integer) ?? []
    if let list = sizes?.array?.compactMap(\.integer) {
      guard list.allSatisfy({ 0..<1 << 31 ~= $0 }), list.count > 0 else { return nil }
      for size in list.dropLast() { ends.append((ends.last ?? 0) + size) }
    } else if let count = (sizes ?? sections)?.integer {
      guard let extent = shape[axis].value, count > 0, extent % count == 0 else { return nil }
      ends = (1..<count).map { $0 * extent / count }
    } else if ends.isEmpty {
      return nil
    }
    return zip([nil] + ends.map { $0 }, ends.map { $0 } + [nil]).map {
      Part(axis: axis, start: $0, stop: $1)
    }
  }

  /// Each part is a node of its own.
  private static func completeSplit(_ call: inout KerasNodeReader) {
    guard let parts = parts(call.config, call.inputShapes.first) else { return }
    var outputs = [Model.Value(call.node.name)]
    for (index, part) in parts.enumerated().dropFirst() {
      let name = "\(call.node.name):\(index)"
      call.added.append(
        Model.Node(
          name: name, layerName: name, layer: .slicing(Slicing(parts: [part])),
          inputs: call.node.inputs, precision: call.node.precision, location: call.node.location))
      outputs.append(Model.Value(name))
    }
    call.outputs = outputs
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    writer.operation("GetItem", name, operand: KerasGetItemKey.key(self))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
