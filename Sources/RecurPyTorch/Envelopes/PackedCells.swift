import RecurContainers
import RecurStateDicts
import RecurTensors

/// The packed directions of quantized recurrent modules, until all of a module are known: only then is it
/// clear which is which.
struct PackedCells {
  private struct Module {
    let key: String
    var cells: [(index: Int, key: String, parts: [PackedParameters.Part])] = []
  }

  private var modules: [Module] = []
  private var positions: [Name: Int] = [:]
  private var others: [(key: String, parts: [PackedParameters.Part])] = []

  /// Adds the cell whose packed object is at `key`.
  mutating func append(_ key: String, _ parts: [PackedParameters.Part]) {
    guard let place = PackedKeys.cell(key) else {
      others.append((key, parts))
      return
    }
    let position = positions[Name(place.module)] ?? modules.count
    if position == modules.count {
      positions[Name(place.module)] = position
      modules.append(Module(key: place.module))
    }
    modules[position].cells.append((place.index, key, parts))
  }

  /// Every tensor with its key in the module that was quantized: `rnn.weight_ih_l0_reverse`.
  ///
  /// `records` is what pickled modules say of themselves.
  ///
  /// - Returns: keys with their tensors, module by module.
  /// - Throws: what reading shapes throws.
  func named(
    _ records: [PyTorchModuleRecord], _ pickle: inout TorchPickle, _ findings: inout [Diagnostic]
  ) throws(CheckpointError) -> [PackedParameters.Part] {
    var named: [PackedParameters.Part] = []
    for module in modules {
      let cells = module.cells.sorted { $0.index < $1.index }
      let isWhole = cells.enumerated().allSatisfy { $0.offset == $0.element.index }
      let record = records.first { Name($0.key) == Name(module.key) }
      var isBidirectional = record?.options.first { $0.name == "bidirectional" }?.value.bool
      if isBidirectional == nil, isWhole { isBidirectional = try directions(of: cells, &pickle) }
      guard isWhole, let isBidirectional, !isBidirectional || cells.count.isMultiple(of: 2) else {
        findings.append(
          Diagnostic(
            .pytorchEntrySkipped, .warning,
            "'\(module.key)' has \(counted(cells.count, "packed cell")), which are as many layers or as "
              + "many directions: their tensors keep the keys they have",
            at: .init(object: cells.first?.key)))
        for cell in cells { named += cell.parts.map { ("\(cell.key).\($0.name)", $0.reference) } }
        continue
      }
      for cell in cells {
        let suffix =
          isBidirectional
          ? "_l\(cell.index / 2)" + (cell.index.isMultiple(of: 2) ? "" : "_reverse")
          : "_l\(cell.index)"
        named += cell.parts.map { part in
          (StateDictKeys.joined(module.key, part.name + suffix), part.reference)
        }
      }
    }
    for cell in others { named += cell.parts.map { ("\(cell.key).\($0.name)", $0.reference) } }
    return named
  }

  /// Whether cells are two directions of each layer, told by the widths of what they take in; nil when
  /// both would fit.
  private func directions(
    of cells: [(index: Int, key: String, parts: [PackedParameters.Part])],
    _ pickle: inout TorchPickle
  ) throws(CheckpointError) -> Bool? {
    guard cells.count > 1 else { return false }
    var widths: [(takes: Int, units: Int)] = []
    for cell in cells {
      var shapes: [[Int]] = []
      for name in ["weight_ih", "weight_hh"] {
        guard let part = cell.parts.first(where: { $0.name == name }) else { return nil }
        shapes.append(try pickle.tensor(part.reference, "\(cell.key).\(name)").shape)
      }
      guard shapes.allSatisfy({ $0.count == 2 }) else { return nil }
      widths.append((shapes[0][1], shapes[1][1]))
    }
    let units = widths[0].units
    let follow = widths.dropFirst().allSatisfy { $0.takes == units }
    let pair =
      cells.count.isMultiple(of: 2) && widths[1].takes == widths[0].takes
      && widths.dropFirst(2).allSatisfy { $0.takes == 2 * units }
    return follow == pair ? nil : pair
  }
}
