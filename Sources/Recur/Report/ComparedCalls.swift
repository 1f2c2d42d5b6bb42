import RecurInference
import RecurModel
import RecurTensors
import RecurVerification

/// The calls of one recording, with what was recorded and what the reference computes.
struct ComparedCalls {
  /// One output.
  struct Output {
    let name: String
    let recorded: Tensor
    /// What the reference computes; nil where shapes differ.
    let computed: Tensor?
    let tolerance: Tolerance?
  }

  let inputs: [Tensor]
  let outputs: [Output]
  let activity: [GateActivity]
  /// The recording that is shown, from 0, and how many there are.
  let position: (index: Int, count: Int)

  /// The recording in which the model is farthest off.
  ///
  /// - Throws: what running the model throws.
  init(
    _ model: Model, _ golden: GoldenFile, _ verification: Verification?
  ) throws(CheckpointError) {
    let sets = golden.sets
    let comparisons = verification?.comparisons ?? []
    let perSet = max(comparisons.count / max(sets.count, 1), 1)
    let worst = comparisons.indices.max { one, other in
      let (a, b) = (comparisons[one], comparisons[other])
      return (a.matches ? 0 : a.passingTolerance) < (b.matches ? 0 : b.passingTolerance)
    }
    let index = min((worst ?? 0) / perSet, sets.count - 1)
    let set = sets[index]
    position = (index, sets.count)
    let calls = max(model.callCount(inputs: set.inputs.count) ?? 1, 1)
    let (given, recorded) = (set.inputs.count / calls, set.outputs.count / calls)
    var (state, gateState) = (RecurrentState(), RecurrentState())
    var outputs: [Output] = []
    var activity: [GateActivity] = []
    for call in 0..<calls {
      let inputs = Array(set.inputs[call * given..<(call + 1) * given])
      let computed = try model.run(inputs, state: &state)
      if call == 0 {
        activity = try model.gateActivity(on: inputs, state: &gateState, keepsCourses: true)
      }
      for place in 0..<recorded {
        let number = call * recorded + place
        let expected = set.outputs[number]
        let comparison = index * perSet + number
        outputs.append(
          Output(
            name: "out_\(number)", recorded: expected,
            computed: computed[place].shape == expected.shape ? computed[place] : nil,
            tolerance: comparisons.indices.contains(comparison)
              ? comparisons[comparison].tolerance : nil))
      }
    }
    inputs = Array(set.inputs.prefix(given))
    self.outputs = outputs
    self.activity = activity
  }
}

extension ComparedCalls.Output {
  /// The element that is farthest off, and the courses through it.
  var worst: (sequence: Int, unit: Int)? {
    guard let computed, recorded.rank > 1, recorded.count > 0 else { return nil }
    let pairs = zip(recorded.doubles(), computed.doubles()).map { distance($0, $1) }
    guard let place = pairs.indices.max(by: { pairs[$0] < pairs[$1] }) else { return nil }
    let units = recorded.shape[recorded.rank - 1]
    return (place / (recorded.count / recorded.shape[0]), place % units)
  }

  /// The numbers of a sequence: of one unit at every timestep, or of all units.
  func course(_ tensor: Tensor, sequence: Int, unit: Int) -> [Double] {
    let length = tensor.count / max(tensor.shape[0], 1)
    let numbers = tensor.doubles()[sequence * length..<(sequence + 1) * length]
    guard tensor.rank == 3 else { return Array(numbers) }
    return stride(from: numbers.startIndex + unit, to: numbers.endIndex, by: tensor.shape[2]).map {
      numbers[$0]
    }
  }

  /// The largest difference at each timestep, or of each unit where there are no timesteps.
  var errors: [Double] {
    guard let computed, recorded.rank > 1 else { return [] }
    let axis = recorded.rank == 3 ? 1 : recorded.rank - 1
    let inner = recorded.shape.dropFirst(axis + 1).reduce(1, *)
    var errors = [Double](repeating: 0, count: recorded.shape[axis])
    for (index, pair) in zip(recorded.doubles(), computed.doubles()).enumerated() {
      let place = index / inner % recorded.shape[axis]
      errors[place] = max(errors[place], distance(pair.0, pair.1))
    }
    return errors
  }

  /// The differences of one sequence, unit by unit: `[units][timesteps]`; nil without timesteps.
  func differences(sequence: Int) -> [[Double]]? {
    guard let computed, recorded.rank == 3 else { return nil }
    return (0..<recorded.shape[2]).map { unit in
      zip(
        course(recorded, sequence: sequence, unit: unit),
        course(computed, sequence: sequence, unit: unit)
      ).map { distance($0, $1) }
    }
  }
}
