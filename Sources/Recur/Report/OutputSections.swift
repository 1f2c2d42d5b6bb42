import RecurInference
import RecurModel
import RecurTensors
import RecurVerification

extension HTMLReport.Section {
  /// The comparison of every output: a table.
  static func comparison(_ verification: Verification) -> Self {
    var table = HTMLTable(
      ["output", "shape", "verdict", "largest difference", "tolerance", "outside", "typical of"],
      numeric: [3, 4, 5])
    for comparison in verification.comparisons {
      table.add([
        comparison.name, shapeText(comparison.shape), comparison.matches ? "PASS" : "FAIL",
        scientific(comparison.worst?.size ?? 0), "\(comparison.tolerance)",
        "\(comparison.outside) of \(comparison.compared)",
        comparison.matches ? "" : comparison.band.rawValue,
      ])
    }
    let places = verification.comparisons.compactMap(\.localization).first?.sentences ?? []
    let list = places.map { "<li>\(markup($0))</li>" }.joined()
    return Self(
      title: "Comparison", content: table.html + (list.isEmpty ? "" : "<ul>\(list)</ul>"))
  }

  /// The courses of outputs and of their differences.
  static func outputs(_ calls: ComparedCalls) -> Self {
    var content = ""
    if calls.position.count > 1 {
      content += "<p>Recording \(calls.position.index + 1) of \(calls.position.count) is shown.</p>"
    }
    content +=
      "<p><span class=\"key\">recorded</span> <span class=\"key dashed\">computed</span></p>"
    for output in calls.outputs.prefix(6) {
      content += "<h3>\(markup(output.name)) \(markup(shapeText(output.recorded.shape)))</h3>"
      guard let computed = output.computed else {
        content += "<p>The model puts out another shape.</p>"
        continue
      }
      guard let worst = output.worst else {
        content += "<p>One number a sequence: see the table.</p>"
        continue
      }
      let hasTime = output.recorded.rank == 3
      let axis = hasTime ? "timestep" : "unit"
      let title =
        "sequence \(worst.sequence)" + (hasTime ? ", unit \(worst.unit)" : "")
        + ", where the difference is largest"
      let courses = LinePlot(
        axis: axis,
        courses: [
          .init(
            name: "recorded", style: "a",
            values: output.course(output.recorded, sequence: worst.sequence, unit: worst.unit)),
          .init(
            name: "computed", style: "b",
            values: output.course(computed, sequence: worst.sequence, unit: worst.unit)),
        ])
      content += HTMLFigure(title: title, svg: courses.svg(title), numbers: courses.numbers).html
      content += errors(output, axis: axis)
      guard let differences = output.differences(sequence: worst.sequence) else { continue }
      let most = differences.joined().filter(\.isFinite).max() ?? 0
      let map = Heatmap(
        differences, axes: ("units", "timesteps"), range: 0...max(most, 1e-12), pooling: .maximum)
      content +=
        HTMLFigure(
          title: "|difference| of sequence \(worst.sequence); \(map.legend)",
          svg: map.svg("differences by unit and timestep"), numbers: map.numbers
        ).html
    }
    if calls.outputs.count > 6 {
      content += "<p>\(calls.outputs.count - 6) more outputs are in the table above.</p>"
    }
    return Self(title: "Outputs and differences", content: content)
  }

  private static func errors(_ output: ComparedCalls.Output, axis: String) -> String {
    let errors = output.errors
    let allowed = output.tolerance?.absolute
    let first = allowed.flatMap { limit in errors.firstIndex { !($0 <= limit) } }
    var plot = LinePlot(
      axis: axis, courses: [.init(name: "|difference|", style: "a", values: errors)])
    plot.isLogarithmic = true
    plot.limit = allowed.map { ("tolerance", $0) }
    plot.mark = first.map { ("first beyond it:", $0) }
    let title = "largest |difference| by \(axis), all sequences"
    return HTMLFigure(title: title, svg: plot.svg(title), numbers: plot.numbers).html
  }

  /// The values of gates over time, for the first sequence.
  static func gates(_ calls: ComparedCalls, of model: Model) -> Self? {
    let limit = 24
    var figures: [String] = []
    var omitted = 0
    for activity in calls.activity {
      for (index, cell) in activity.courses.enumerated() {
        let names = model.gateNames(activity.layerName, half: activity.half, cell: index)
        for (gate, course) in cell.enumerated() where !course.isEmpty {
          guard figures.count < limit else {
            omitted += 1
            continue
          }
          let values = course.map { $0.map(Double.init) }
          let units = values[0].indices.map { unit in values.map { $0[unit] } }
          let isGate = values.joined().allSatisfy { $0 >= 0 && $0 <= 1 }
          let map = Heatmap(
            units, axes: ("units", "timesteps"), range: isGate ? 0...1 : -1...1, pooling: .mean,
            size: (16, 32))
          let count = Double(max(values.joined().count, 1))
          let saturated = values.joined().reduce(0.0) {
            $0 + ($1.magnitude >= 0.99 || isGate && $1 <= 0.01 ? 1 : 0)
          }
          let name = names.indices.contains(gate) ? names[gate] : "gate \(gate)"
          let title =
            "\(name) of '\(activity.layerName)'" + (activity.half == 1 ? ", backward" : "")
            + ": \(Int(saturated / count * 100)) % saturated"
          figures.append(
            HTMLFigure(title: title, svg: map.svg(title), numbers: map.numbers).html)
        }
      }
    }
    guard !figures.isEmpty else { return nil }
    return Self(
      title: "Gates",
      content:
        "<p>Units from top to bottom, timesteps from left to right, first sequence: dark is closed "
        + "(0, or -1 for candidates), bright is open (1).</p><div class=\"small\">"
        + figures.joined() + "</div>"
        + (omitted > 0 ? "<p>\(omitted) more gates are not shown.</p>" : ""))
  }
}

extension Model {
  /// The names of the gates of a cell, in the order in which they are observed.
  func gateNames(_ layer: String, half: Int, cell: Int) -> [String] {
    let recurrents =
      nodes.first { Name($0.layerName) == Name(layer) }?.layer.recurrents ?? []
    guard recurrents.indices.contains(half) else { return [] }
    let cells = recurrents[half].cell.cells
    guard cells.indices.contains(cell) else { return [] }
    if case .lstm = cells[cell] { return LSTMGate.allCases.map { "\($0) gate" } }
    if case .gru = cells[cell] { return GRUGate.allCases.map { "\($0) gate" } }
    return ["candidate"]
  }
}
