import RecurContainers
import RecurModel
import RecurTensors

extension Recurrent: KerasLayer, KerasCallReading {
  /// The class of a layer that runs any cell.
  private static let wrapper = "RNN"

  /// A class for every cell that Keras has as a layer, and the class that runs any cell.
  static let classes =
    RecurrentCell.kerasClasses.compactMap { cell in
      cell.layer.map { name in
        KerasClass(
          name, generation1: .init(options: ["output_dim": "units"]), arrays: cell.arrays,
          // A layer whose cell has a class of its own keeps the variables in it.
          groups: { _ in cell.cell == nil ? [""] : ["/cell"] }, input: .kernel(.exactly(3)),
          told: { _, arrays in told(arrays) },
          read: { reader in read(&reader, cell.read) })
      }
    } + [
      KerasClass(
        wrapper, arrays: { config, _ in config.inner("cell").flatMap(KerasArrayPlan.declared) },
        groups: { config in
          guard let cell = config.inner("cell") else { return [] }
          return (cell.kerasCell?.groups(cell) ?? [""]).map { "/cell" + $0 }
        }, input: .kernel(.exactly(3)), read: { reader in read(&reader, wrappedCell) })
    ]

  /// The options of a cell that its arrays tell: the units, and the option that is one of shapes.
  static func told(_ arrays: [[Int]]) -> [(name: String, value: JSONValue)] {
    guard let kind = KerasCellKind(arrays) else { return [] }
    return [("units", .integer(kind.units))] + (kind.option.map { [$0] } ?? [])
  }

  /// Whether this kind reads layers of a class.
  static func reads(_ className: String) -> Bool { classes.contains { $0.name == className } }

  private static func read(
    _ reader: inout KerasLayerReader, _ readCell: (inout KerasLayerReader) -> RecurrentCell?
  ) -> Layer? {
    reader.options.only("time_major", false)
    let returnsSequence = reader.options.bool("return_sequences", default: false)
    let returnsState = reader.options.bool("return_state", default: false)
    let goesBackwards = reader.options.bool("go_backwards", default: false)
    let isStateful = reader.options.bool("stateful", default: false)
    let zeroes = reader.options.bool("zero_output_for_mask", default: false)
    let isUnrolled = reader.options.bool("unroll", default: false)
    guard let cell = readCell(&reader) else { return nil }
    let version = reader.version
    if case .stacked = cell, version.reversesStackedStates, returnsState || isStateful {
      reader.options.refuse(
        returnsState ? "return_state" : "stateful",
        because: "Keras before 2.2 kept the states of stacked cells in reverse order")
    }
    let repeated: MaskedOutput = version.repeatsState && !isUnrolled ? .state : .previous
    return .recurrent(
      Recurrent(
        cell: cell, returnsSequence: returnsSequence, returnsState: returnsState,
        direction: goesBackwards ? .backward : .forward, isStateful: isStateful,
        keptStateWins: !version.isKeras3, maskedOutput: zeroes ? .zero : repeated))
  }

  private static func wrappedCell(_ reader: inout KerasLayerReader) -> RecurrentCell? {
    reader.options.ignore("cell")
    reader.options.only("num_constants", nil, 0)
    guard let inner = reader.config.inner("cell") else {
      _ = reader.fail("'\(reader.config.name)' has no cell")
      return nil
    }
    return reader.cell(inner, reader.inputShapes)
  }

  func read(_ call: inout KerasNodeReader) {
    guard call.node.mask != nil, Self.isUnrolled(call.config), maskedOutput == .zero,
      returnsSequence, direction == .backward
    else { return }
    Self.refuseUnrolled(&call)
  }

  /// Whether Keras runs the timesteps in an unrolled loop.
  static func isUnrolled(_ config: KerasArchitecture.LayerConfig?) -> Bool {
    config?.options["unroll"]?.bool == true
  }

  /// Refuses an unrolled loop that clears the wrong timesteps under a mask.
  static func refuseUnrolled(_ call: inout KerasNodeReader) {
    // keras/src/backend/tensorflow/rnn.py clears outputs, which are in processing order, by the
    // mask, which is in the order of time.
    call.refuse(
      "'\(call.config.name)' is unrolled, reads a masked sequence backwards and clears masked "
        + "outputs: Keras clears other timesteps than the masked ones, which is not supported")
  }

  func form(
    named name: String, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    try form(named: name, inPair: false, &writer)
  }

  /// The form of this layer, which may be one direction of a pair.
  func form(
    named name: String, inPair: Bool, _ writer: inout KerasLayerWriter
  ) throws(CheckpointError) -> KerasLayerForm? {
    checkOptions(&writer, inPair: inPair)
    guard let cell = try self.cell.keras.form(&writer) else { return nil }
    let isKeras3 = writer.target.isKeras3
    var options: [(name: String, value: JSONValue)] = [
      ("return_sequences", .bool(returnsSequence)), ("return_state", .bool(returnsState)),
      ("go_backwards", .bool(direction == .backward)), ("stateful", .bool(isStateful)),
      ("unroll", false),
    ]
    if isKeras3 || maskedOutput == .zero {
      options.append(("zero_output_for_mask", .bool(maskedOutput == .zero)))
    }
    if !isKeras3 { options.append(("time_major", false)) }
    let layer = RecurrentCell.kerasClasses.first { $0.cell == cell.className }?.layer
    guard let layer, !isWrapped else {
      return KerasLayerForm(
        className: Self.wrapper, name: name, options: options,
        children: [.init(option: "cell", form: cell)], stateCounts: cell.stateCounts)
    }
    // The layer LSTM has the options and arrays of its cell LSTMCell.
    return KerasLayerForm(
      className: layer, name: name, options: options + cell.options, arrays: cell.arrays,
      cellName: cell.name)
  }

  /// Whether the layer was an RNN around a single cell, by the paths of its arrays.
  ///
  /// In the model, RNN(LSTMCell) and LSTM are the same layer. Native weights are found by class, so
  /// the class is kept where the file tells it: by the group of the arrays, or by the name that Keras
  /// gives to an RNN.
  private var isWrapped: Bool {
    guard let path = cell.tensors.first?.tensor.location.object else { return false }
    return path.split(separator: "/").contains { $0 == "rnn" || $0.hasPrefix("rnn_") }
  }

  /// Refuses effects of a mask or a kept state that the target can't have.
  private func checkOptions(_ writer: inout KerasLayerWriter, inPair: Bool) {
    let (target, node) = (writer.target, writer.node)
    guard target.holdsArchitecture else { return }
    let hasOwnState = !node.initialState.isEmpty || isStateful
    if node.mask != nil, maskedOutput == .state, hasOwnState {
      writer.fail(
        "'\(node.layerName)' puts out its initial state before the first timestep that counts, as "
          + "Keras before 2.3 did; \(target.reader) puts out zeros",
        hint: "write a PyTorch module: \(.moduleConversion)")
    }
    let forced: Recurrent.MaskedOutput = returnsSequence ? .zero : .previous
    if inPair, node.mask != nil, (maskedOutput == .zero) != (forced == .zero) {
      writer.fail(
        "'\(node.layerName)' repeats the output before a masked timestep, as Bidirectional did "
          + "before tf.keras; \(target.reader) puts out \(forced == .zero ? "zeros" : "the last")",
        hint: "write a PyTorch module: \(.moduleConversion)")
    }
    if isStateful, !node.initialState.isEmpty,
      keptStateWins == target.isKeras3
    {
      writer.fail(
        "'\(node.layerName)' is stateful and called with an initial state: "
          + (keptStateWins
            ? "the model prefers the state it kept, Keras 3 the one it is given"
            : "the model prefers the state it is given, Keras 2 the one it kept"))
    }
    if !target.isKeras3, !node.initialState.isEmpty, case .stacked(let stack) = cell,
      stack.cells.contains(where: { $0.stateSizes.count > 1 })
    {
      writer.fail(
        "'\(node.layerName)' is a stack of cells called with an initial state, which Keras 2 can't "
          + "store when a cell has several states", hint: "write .keras for Keras 3")
    }
    if isStateful, writer.inputShapes.first?.first?.value == nil {
      writer.fail(
        "'\(node.layerName)' is stateful, for which Keras needs a fixed batch size",
        expected: "a number", found: "a free batch")
    }
  }

  /// The last timestep alone has no mask.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: .needed, outcome: returnsSequence ? .passed : .none)
  }
}
