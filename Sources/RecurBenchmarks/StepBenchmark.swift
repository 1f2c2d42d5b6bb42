import Recur
import RecurContainers
import RecurTensors

/// `RecurBenchmarks steps`: what one timestep of one sequence with one input costs, in a call of its
/// own and within a sequence.
struct StepBenchmark {
  private struct Row {
    let cell: RecurrentCase.Cell
    let units: Int
    /// Seconds per timestep.
    var step = 0.0
    var sequence = 0.0
    var sequenceWithHead = 0.0
  }

  private static let units = [8, 16, 20, 32, 40, 64, 96, 128]
  private static let timesteps = 256

  private let arguments: BenchmarkArguments
  private var rows: [Row] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    self.arguments = arguments
    for cell in [RecurrentCase.Cell.lstm, .gru] {
      for units in Self.units {
        var row = Row(cell: cell, units: units)
        var step = try LayerRun(RecurrentCase(cell, 1, units, 1, 1), arguments)
        row.step = try step.stepTiming(arguments.budget).median
        let whole = RecurrentCase(cell, 1, units, 1, Self.timesteps)
        var sequence = try LayerRun(whole, arguments)
        row.sequence = try sequence.timing(arguments.budget).median / Double(Self.timesteps)
        var headed = try LayerRun(whole, arguments, hasHead: true)
        row.sequenceWithHead = try headed.timing(arguments.budget).median / Double(Self.timesteps)
        rows.append(row)
      }
    }
  }

  var json: JSONValue {
    [
      "threads": .integer(arguments.threads), "timesteps": .integer(Self.timesteps),
      "rows": .array(
        rows.map { row in
          [
            "cell": .string(row.cell.rawValue), "H": .integer(row.units),
            "single_step_us": nanoseconds(row.step),
            "sequence_us_per_step": nanoseconds(row.sequence),
            "sequence_with_dense_us_per_step": nanoseconds(row.sequenceWithHead),
          ]
        }),
    ]
  }

  var table: BenchmarkTable {
    var table = BenchmarkTable(
      ["cell", "units", "single step µs", "in a sequence µs", "with Dense(1) µs"])
    for row in rows {
      table.add(
        [row.cell.rawValue, String(row.units)]
          + [row.step, row.sequence, row.sequenceWithHead].map { nanoseconds($0).text })
    }
    return table
  }

  /// Microseconds with four decimals.
  private func nanoseconds(_ seconds: Double) -> JSONValue {
    .number((seconds * 1e10).rounded() / 1e4)
  }
}
