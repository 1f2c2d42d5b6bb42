import RecurModel
import RecurTensors

extension PyTorchCall {
  /// A variable for every state.
  func naming(_ names: [String]) -> [String] {
    let variables = names.map { "\(y)__\($0)" }.joined(separator: ", ")
    return ["\(names.count == 1 ? "(\(variables),)" : variables) = \(y)__states"]
  }

  /// The call of a submodule: `y` becomes the sequence of all directions, and `y__states` the
  /// states `[batch, units]` of all directions if they are used.
  ///
  /// Modules of torch.nn and of generated code read their input forwards. If the first direction
  /// reads backwards, the input of the call is reversed for both directions.
  func application(_ directions: [Recurrent]) -> [String] {
    let isBackward = directions[0].direction == .backward
    let isStateful = node.layer.isStateful
    let stateCount = directions[0].cell.stateSizes.count
    var arguments = [isBackward ? "\(x).flip(1)" : x]
    if let states = initialStates(directions, isStateful ? keptState : nil) {
      arguments.append(isWrittenOut ? states : "_torch_states(\(states), \(stateCount))")
    }
    if isWrittenOut, let mask {
      arguments.append("mask=\(isBackward ? "\(mask).flip(1)" : mask)")
    }
    var lines = ["\(y), \(y)__states = \(module)(\(arguments.joined(separator: ", ")))"]
    if !isWrittenOut, isStateful || directions[0].returnsState {
      // A torch module returns one tensor per kind of state, with the directions along the first
      // axis.
      lines.append(
        stateCount == 1
          ? "\(y)__states = tuple(\(y)__states)"
          : "\(y)__states = tuple(state for pair in zip(*\(y)__states) for state in pair)")
    }
    if isStateful {
      lines.append("\(keptState) = tuple(state.detach() for state in \(y)__states)")
    }
    return lines
  }

  /// The states before the first timestep as a tuple, one direction behind the other; nil for
  /// zeros.
  private func initialStates(
    _ directions: [Recurrent], _ kept: String?
  ) -> String? {
    guard !states.isEmpty else { return kept }
    var parts: [String] = []
    var first = 0
    for direction in directions {
      let end = min(first + direction.cell.stateSizes.count, states.count)
      let tuple = "(\(states[first..<end].map { "\($0)," }.joined(separator: " ")))"
      if let kept, direction.keptStateWins {
        parts.append("_kept_or_given(\(kept), \(first), \(tuple))")
      } else {
        parts.append(tuple)
      }
      first = end
    }
    return parts.joined(separator: " + ")
  }
}
