import RecurModel
import RecurTensors

// Sequences of arrays, as programs collect the outputs of their timesteps in.
extension ONNXOperators {
  /// The most arrays of a sequence.
  private static let mostElements = 4_096

  static let sequences: [ONNXOperator] = [
    ONNXOperator("SequenceEmpty", 0...0, "dtype") { _, _ throws(CheckpointError) in
      [ONNXArrayList.value([])]
    },
    ONNXOperator("SequenceConstruct", 1...mostElements) { call, builder throws(CheckpointError) in
      var elements: [GraphValue] = []
      for index in call.inputs.indices { elements.append(try call.array(index, builder)) }
      return [ONNXArrayList.value(elements)]
    },
    ONNXOperator("SequenceInsert", 2...3) { call, builder throws(CheckpointError) in
      guard var elements = ONNXArrayList.elements(call[0]) else {
        throw call.problem("adds to \(call[0].title)", builder)
      }
      let place = call.has(2) ? try call.number(2, builder) : Double(elements.count)
      let index = Int(exactly: place < 0 ? place + Double(elements.count) : place) ?? -1
      guard 0...elements.count ~= index, elements.count < mostElements else {
        throw call.problem("adds an array at \(place) of \(elements.count)", builder)
      }
      elements.insert(try call.array(1, builder), at: index)
      return [ONNXArrayList.value(elements)]
    },
    ONNXOperator("SequenceAt", 2...2) { call, builder throws(CheckpointError) in
      guard let elements = ONNXArrayList.elements(call[0]) else {
        throw call.problem("takes an array of \(call[0].title)", builder)
      }
      let place = try call.number(1, builder)
      let index = Int(exactly: place < 0 ? place + Double(elements.count) : place) ?? -1
      guard elements.indices.contains(index) else {
        throw call.problem("takes the array \(place) of \(elements.count)", builder)
      }
      return [elements[index]]
    },
    ONNXOperator("ConcatFromSequence", 1...1, "axis new_axis") {
      call, builder throws(CheckpointError) in
      let isNew = try call.int("new_axis", builder) != 0
      let given = try call.int("axis", builder, default: 0)
      if let stack = ONNXArrayList.rounds(call[0]) {
        let rank = try builder.extents(stack).count
        guard let axis = positions(of: [given], rank: isNew ? rank : rank - 1)?.first else {
          throw call.problem("joins along axis \(given)", builder)
        }
        // The rounds are axis 0: they move to their place, or become one with the axis there.
        var order = Array(1..<rank)
        order.insert(0, at: axis)
        let moved = try builder.permuted(stack, order)
        guard !isNew else { return [moved] }
        var shape = try builder.extents(moved)
        shape[axis] = shape[axis].times(shape[axis + 1])
        shape.remove(at: axis + 1)
        return [try builder.reshaped(moved, shape)]
      }
      guard let elements = ONNXArrayList.elements(call[0]), !elements.isEmpty else {
        throw call.problem("joins \(call[0].title)", builder)
      }
      return [
        isNew
          ? try builder.stacked(elements, axis: given)
          : try builder.concatenated(elements, axis: given)
      ]
    },
  ]
}
