import RecurModel
import RecurTensors

/// Recurrent cells over a sequence that has its timesteps first, in one direction or in both.
struct CoreMLSequence {
  /// `[timesteps, batch, width]`.
  var x: GraphValue
  /// The first states, `[batch, directions·units]` each: forward, then backward.
  var states: [GraphValue]
  var cells: [RecurrentCell]
  var isBackward: [Bool]
  /// The operation as errors name it.
  var subject: String
  /// Whether every timestep is put out, and not the last one alone.
  var returnsSequence: Bool

  /// The outputs `[timesteps or 1, batch, directions·units]`, and the last states in the form of the first.
  ///
  /// - Throws: `graph.unsupported`, `model.shape-mismatch`.
  mutating func results(_ builder: inout GraphBuilder) throws(CheckpointError) -> [GraphValue] {
    let extents = try builder.extents(x)
    guard extents.count == 3 else {
      throw builder.problem(
        "\(subject) reads an array of \(text(extents))", expected: "[timesteps, batch, width]")
    }
    let units = cells[0].units
    let size = cells.count * units
    for state in states {
      let found = try builder.extents(state)
      guard found.count == 2, found[1].agrees(with: .fixed(size)),
        found[0].agrees(with: extents[1])
      else {
        throw builder.problem(
          "\(subject) begins with a state of \(text(found))", code: .shapeMismatch,
          expected: "[\(extents[1]), \(size)]", found: text(found))
      }
    }
    let name = builder.name
    builder.name = "\(name).input"
    var initial: [Model.Value] = []
    if !states.allSatisfy({ $0.known?.isZero ?? false }) {
      for direction in cells.indices {
        for state in states {
          let part =
            cells.count == 1
            ? state
            : try builder.sliced(
              state, axis: 1, from: direction * units, to: (direction + 1) * units)
          initial.append(try builder.computed(part))
        }
      }
    }
    let sequence = try builder.computed(builder.transposed(x, 0, 1))
    let outputs = try builder.add(
      .whole(cells, isBackward: isBackward), [sequence], name: name, initialState: initial,
      precision: cells[0].tensors.first?.tensor.elementType)
    builder.name = "\(name).output"
    var last: [GraphValue] = []
    for state in states.indices {
      let parts = cells.indices.map {
        GraphValue.computed(outputs[1 + $0 * states.count + state])
      }
      last.append(try builder.concatenated(parts, axis: 1))
    }
    guard returnsSequence else {
      return [try builder.insertingAxis(last[0], 0)] + last
    }
    var y = GraphValue.computed(outputs[0])
    // Outputs are at the timesteps to which they belong, also those of a reversed layer.
    if isBackward == [true] {
      y = try builder.sliced(y, axis: 1, from: nil, to: nil, step: -1)
    }
    return [try builder.transposed(y, 0, 1)] + last
  }
}
