import Recur
import RecurContainers
import RecurTensors

/// `RecurBenchmarks forward`: whole sequences through one layer.
struct ForwardBenchmark {
  private let arguments: BenchmarkArguments
  private var kernels = ""
  private var rows: [(test: RecurrentCase, timing: RunTiming)] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    self.arguments = arguments
    let all = [RecurrentCase.Cell.lstm, .gru].flatMap { cell in
      RecurrentCase.shapes.map { RecurrentCase(cell, $0.0, $0.1, $0.2, $0.3) }
    }
    for test in arguments.only.map({ [$0] }) ?? all {
      var run = try LayerRun(test, arguments)
      kernels = run.program.kernels.name
      rows.append((test, try run.timing(arguments.budget)))
    }
  }

  var json: JSONValue {
    [
      "threads": .integer(arguments.threads), "kernels": .string(kernels),
      "rows": .array(
        rows.map { test, timing in
          [
            "cell": .string(test.cell.rawValue), "I": .integer(test.inputs),
            "H": .integer(test.units), "B": .integer(test.batch), "T": .integer(test.timesteps),
            "us": rounded(timing.median * 1e6),
          ]
        }),
    ]
  }

  var table: BenchmarkTable {
    var table = BenchmarkTable(
      ["cell", "inputs", "units", "batch", "timesteps", "µs", "µs/step", "GFLOP/s"])
    for (test, timing) in rows {
      table.add(
        test.cells + [
          text(timing.median * 1e6), text(timing.median * 1e6 / Double(test.timesteps)),
          text(test.operations / timing.median / 1e9),
        ])
    }
    return table
  }
}

extension RecurrentCase {
  /// The first columns of every table.
  var cells: [String] {
    [cell.rawValue] + [inputs, units, batch, timesteps].map(String.init)
  }
}
