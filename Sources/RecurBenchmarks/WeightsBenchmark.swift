import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// `RecurBenchmarks weights`: single timesteps of one sequence, with weights in every type.
///
/// The types take turns, so that all see the same machine.
struct WeightsBenchmark {
  private struct Row {
    let test: RecurrentCase
    let type: WeightType
    /// The size of the packed weights in bytes.
    let byteCount: Int
    /// Seconds per timestep, one median per round.
    var times: [Double] = []

    /// The median of the rounds.
    var time: Double { times.sorted()[times.count / 2] }
  }

  private static let units = [128, 256, 512, 1024]
  private static let rounds = 9

  private var groups: [[Row]] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    for cell in [RecurrentCase.Cell.lstm, .gru] {
      for units in Self.units {
        let test = RecurrentCase(cell, units, units, 1, 1)
        var runs: [LayerRun] = []
        var rows: [Row] = []
        for type in WeightType.allCases {
          let run = try LayerRun(test, arguments, weights: type)
          rows.append(Row(test: test, type: type, byteCount: run.program.byteCount))
          runs.append(run)
        }
        for _ in 0..<Self.rounds {
          for index in runs.indices {
            let timing = try runs[index].stepTiming(arguments.budget / (4 * Self.rounds))
            rows[index].times.append(timing.median)
          }
        }
        groups.append(rows)
      }
    }
  }

  var json: JSONValue {
    [
      "rows": .array(
        groups.joined().map { row in
          [
            "cell": .string(row.test.cell.rawValue), "H": .integer(row.test.units),
            "weights": .string(row.type.rawValue), "bytes": .integer(row.byteCount),
            "us": rounded(row.time * 1e6),
          ]
        })
    ]
  }

  var table: BenchmarkTable {
    var table = BenchmarkTable(["cell", "units", "weights", "KB", "µs/step", "GB/s", "ratio"])
    for rows in groups {
      for row in rows {
        table.add([
          row.test.cell.rawValue, String(row.test.units), row.type.rawValue,
          text(Double(row.byteCount) / 1e3), text(row.time * 1e6),
          text(Double(row.byteCount) / row.time / 1e9), text(rows[0].time / row.time),
        ])
      }
    }
    return table
  }
}
