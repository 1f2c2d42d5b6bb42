import Recur
import RecurInference
import RecurTensors

/// One benchmark case: a packed layer and its input.
struct LayerRun {
  let program: Program
  private let test: RecurrentCase
  private let x: [Float]
  private var y: [Float]

  /// Packs the layer, followed by a Dense(1) if `hasHead`.
  init(
    _ test: RecurrentCase, _ arguments: BenchmarkArguments, hasHead: Bool = false,
    weights: WeightType = .float32
  ) throws(CheckpointError) {
    self.test = test
    program = try Program(
      try test.model(hasHead: hasHead), weights: weights, kernels: arguments.kernels,
      threads: arguments.threads)
    var numbers = RandomNumbers(scale: 1)
    let rows = test.batch * test.timesteps
    x = numbers.floats(rows * test.inputs)
    y = [Float](repeating: 0, count: rows * (hasHead ? 1 : test.units))
  }

  /// The time of a whole sequence, from a state of zeros.
  mutating func timing(_ budget: Duration) throws(CheckpointError) -> RunTiming {
    let (program, test, x) = (program, test, x)
    var output = y.mutableSpan
    return try RunTiming(budget: budget) { () throws(CheckpointError) in
      try program.run(x.span, batch: test.batch, timesteps: test.timesteps, into: &output)
    }
  }

  /// The time per timestep when each timestep is a call of its own.
  mutating func stepTiming(_ budget: Duration) throws(CheckpointError) -> RunTiming {
    let (program, x) = (program, x)
    var output = y.mutableSpan
    var state = ProgramState()
    return try RunTiming(budget: budget) { () throws(CheckpointError) in
      try program.step(x.span, state: &state, into: &output)
    }
  }
}
