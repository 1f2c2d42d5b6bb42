import RecurModel
import RecurTensors

extension PyTorchModule {
  func statements(_ recurrent: Recurrent, _ call: PyTorchCall) -> [String] {
    let y = call.y
    return application([recurrent], call)
      + (recurrent.returnsSequence ? [] : ["\(y) = \(y)[:, -1]"])
      + (recurrent.returnsState ? named(recurrent.cell.stateNames, call) : [])
  }

  func statements(_ pair: Bidirectional, _ call: PyTorchCall) -> [String] {
    let (y, backward) = (call.y, "\(call.y)__backward")
    var lines = application([pair.forward, pair.backward], call)
    if !pair.forward.returnsSequence || pair.mergeMode != .concatenate {
      let units = "(\(pair.forward.cell.units), \(pair.backward.cell.units))"
      lines.append("\(y), \(backward) = \(y).split(\(units), -1)")
      if !pair.forward.returnsSequence {
        lines.append("\(y), \(backward) = \(y)[:, -1], \(backward)[:, 0]")
      }
      switch pair.mergeMode {
      case nil: break
      case .concatenate: lines.append("\(y) = torch.cat((\(y), \(backward)), -1)")
      case .sum: lines.append("\(y) = \(y) + \(backward)")
      case .multiply: lines.append("\(y) = \(y) * \(backward)")
      case .average: lines.append("\(y) = (\(y) + \(backward)) / 2")
      }
    }
    return lines + (pair.forward.returnsState ? named(pair.stateNames, call) : [])
  }

  /// A variable for every state.
  private func named(_ names: [String], _ call: PyTorchCall) -> [String] {
    let variables = names.map { "\(call.y)__\($0)" }.joined(separator: ", ")
    return ["\(names.count == 1 ? "(\(variables),)" : variables) = \(call.y)__states"]
  }

  /// The call of a submodule: `y` becomes the sequence of all directions, `y__states` the states
  /// `[batch, units]` of all directions if anything needs them.
  ///
  /// A module of torch.nn or of the generated code reads its input forwards; a first direction that
  /// reads backwards is given its input the other way round, and the second one with it.
  private func application(_ directions: [Recurrent], _ call: PyTorchCall) -> [String] {
    let (node, y) = (call.node, call.y)
    let isWritten = isWrittenOut(node)
    let isBackward = directions[0].direction == .backward
    let isStateful = node.layer.isStateful
    let kept = "self._state_of_\(mapping.prefix(of: node.layerName))"
    let stateCount = directions[0].cell.stateSizes.count
    var arguments = [isBackward ? "\(call.x).flip(1)" : call.x]
    if let states = initialStates(directions, call.states, isStateful ? kept : nil) {
      arguments.append(isWritten ? states : "_torch_states(\(states), \(stateCount))")
    }
    if isWritten, let mask = call.mask {
      arguments.append("mask=\(isBackward ? "\(mask).flip(1)" : mask)")
    }
    var lines = ["\(y), \(y)__states = \(call.module)(\(arguments.joined(separator: ", ")))"]
    if !isWritten, isStateful || directions[0].returnsState {
      // torch.nn has one tensor per kind of state, with the directions along its first axis.
      lines.append(
        stateCount == 1
          ? "\(y)__states = tuple(\(y)__states)"
          : "\(y)__states = tuple(state for pair in zip(*\(y)__states) for state in pair)")
    }
    if isStateful {
      lines.append("\(kept) = tuple(state.detach() for state in \(y)__states)")
    }
    return lines
  }

  /// The states before the first timestep as a tuple, those of each direction after the other; nil
  /// is zeros.
  private func initialStates(
    _ directions: [Recurrent], _ given: [String], _ kept: String?
  ) -> String? {
    guard !given.isEmpty else { return kept }
    var parts: [String] = []
    var first = 0
    for direction in directions {
      let end = min(first + direction.cell.stateSizes.count, given.count)
      let tuple = "(\(given[first..<end].map { "\($0)," }.joined(separator: " ")))"
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
