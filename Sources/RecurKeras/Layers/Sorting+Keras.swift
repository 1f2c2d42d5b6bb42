import RecurContainers
import RecurModel
import RecurTensors

extension Sorting: KerasLayer {
  static let classes = [
    KerasClass.operation("Sort", followsInput: true) { sorted(&$0, givesPositions: false) },
    KerasClass.operation("Argsort") { sorted(&$0, givesPositions: true) },
    KerasClass.operation("TopK", followsInput: true, completes: completeTop, read: top),
  ]

  private static func sorted(
    _ reader: inout KerasLayerReader, givesPositions: Bool
  ) -> Layer? {
    reader.options.only("direction", nil, "ASCENDING")
    guard let axes = reader.axes() else { return nil }
    guard axes.count == 1 else {
      reader.options.refuse("axis", because: "one axis belongs there")
      return nil
    }
    return .sorting(
      Sorting(axis: axes[0], isDescending: false, count: nil, givesPositions: givesPositions))
  }

  private static func top(_ reader: inout KerasLayerReader) -> Layer? {
    // Unsorted, the order of the elements is not said.
    reader.options.only("sorted", nil, true)
    guard let count = reader.options.size("k") else { return nil }
    guard let rank = reader.inputShapes.first?.count, rank > 1 else {
      return reader.fail("operation '\(reader.config.name)' takes the largest of a batch")
    }
    return .sorting(
      Sorting(axis: rank - 1, isDescending: true, count: count, givesPositions: false))
  }

  /// The positions are a node of their own.
  private static func completeTop(_ call: inout KerasNodeReader) {
    guard case .sorting(var positions) = call.node.layer else { return }
    positions.givesPositions = true
    let name = "\(call.node.name):positions"
    call.added.append(
      Model.Node(
        name: name, layerName: name, layer: .sorting(positions), inputs: call.node.inputs,
        precision: call.node.precision, location: call.node.location))
    call.outputs = [Model.Value(call.node.name), Model.Value(name)]
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    guard writer.spares(batchIn: [axis]) else { return nil }
    let rank = writer.inputShapes.first?.count
    let all = rank.map { axis == $0 - 1 } == true ? writer.inputShapes[0][axis].value : nil
    if isDescending {
      guard let count = count ?? all, rank == axis + 1 else {
        writer.fail(
          "'\(writer.node.layerName)' is \(title), and Keras sorts downwards on the last axis")
        return nil
      }
      var form = writer.operation("TopK", name, [("k", .integer(count)), ("sorted", true)])
      form.firstOutput = givesPositions ? 1 : 0
      return form
    }
    guard count == nil else {
      writer.fail("'\(writer.node.layerName)' takes the smallest elements, which Keras can't")
      return nil
    }
    return writer.operation(givesPositions ? "Argsort" : "Sort", name, [("axis", .integer(axis))])
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
