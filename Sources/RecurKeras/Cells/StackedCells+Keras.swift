import RecurContainers
import RecurModel
import RecurTensors

extension StackedCells: KerasCell {
  private static let className = "StackedRNNCells"

  static let classes = [
    KerasCellClass(
      cell: className, read: read,
      arrays: { config, _ in
        var plans: [KerasArrayPlan] = []
        for inner in config.innerList("cells") {
          guard let plan = KerasArrayPlan.declared(inner) else { return nil }
          plans.append(plan)
        }
        return KerasArrayPlan(joining: plans)
      },
      groups: { config in
        var counters: [String: Int] = [:]
        return config.innerList("cells").flatMap { inner in
          let key = inner.className.counted(&counters)
          return (inner.kerasCell?.groups(inner) ?? [""]).map { "/cells/\(key)" + $0 }
        }
      })
  ]

  private static func read(_ reader: inout KerasLayerReader) -> RecurrentCell? {
    reader.options.ignore("cells")
    reader.options.only("reverse_state_order", false)
    var cells: [RecurrentCell] = []
    var shapes = reader.inputShapes
    for inner in reader.config.innerList("cells") {
      guard let cell = reader.cell(inner, shapes) else { return nil }
      cells.append(cell)
      shapes = [[.free("batch"), .fixed(cell.units)]]
    }
    return .stacked(StackedCells(cells))
  }

  func form(_ writer: inout KerasLayerWriter) throws(CheckpointError) -> KerasLayerForm? {
    var children: [KerasLayerForm.Child] = []
    var counts: [String: Int] = [:]
    for cell in cells {
      guard var form = try cell.keras.form(&writer) else { return nil }
      let count = counts[form.name, default: 0]
      counts[form.name] = count + 1
      if count > 0 { form.name += "_\(count)" }
      children.append(.init(option: "cells", form: form))
    }
    return KerasLayerForm(
      className: Self.className, name: "stacked_rnn_cells", children: children, isList: true,
      stateCounts: cells.map(\.stateSizes.count))
  }
}
