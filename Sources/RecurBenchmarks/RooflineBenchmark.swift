import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// `RecurBenchmarks roofline`: large batches against the multiply-adds the processor can do, single
/// sequences against the rate at which it can read their weights from the second cache.
struct RooflineBenchmark {
  private struct Row {
    let test: RecurrentCase
    let timing: RunTiming
    /// What bounds it, in 10⁹ per second.
    let bound: String
    /// The best the machine did, in short loops.
    let peak: Double
    /// What a run does, in 10⁹.
    let work: Double

    /// What the best run reached; the peak is a best too.
    var reached: Double { work / timing.best }
    var share: Double { reached / peak }
    /// The share of the median run, other work on the machine included.
    var medianShare: Double { work / timing.median / peak }
  }

  private static let batches = [
    (128, 128, 16, 100), (128, 128, 32, 100), (256, 256, 16, 100), (256, 512, 16, 100),
    (512, 1024, 32, 50),
  ]
  private static let sequences = [(1, 128, 1, 256), (128, 128, 1, 100)]

  private var rows: [Row] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    let kernels = arguments.kernels.name
    let machine = MachineRates.measured(budget: .milliseconds(200))
    guard let own = machine.first(where: { $0.kernels == kernels }) else { return }
    for cell in [RecurrentCase.Cell.lstm, .gru] {
      for shape in Self.batches {
        let test = RecurrentCase(cell, shape.0, shape.1, shape.2, shape.3)
        var run = try LayerRun(test, arguments)
        let timing = try run.timing(arguments.budget)
        rows.append(
          Row(
            test: test, timing: timing, bound: "GFLOP/s",
            peak: own.multiplyAdd * Double(arguments.threads),
            work: test.operations / 1e9))
      }
      for shape in Self.sequences {
        let test = RecurrentCase(cell, shape.0, shape.1, shape.2, shape.3)
        var run = try LayerRun(test, arguments)
        let timing = try run.timing(arguments.budget)
        // The recurrent weights are read at every timestep; those of the inputs once for several.
        let recurrent = RecurrentCase(cell, 0, test.units, 1, test.timesteps)
        rows.append(
          Row(
            test: test, timing: timing, bound: "L2 GB/s", peak: own[.level2],
            work: recurrent.operations / 2 * 4 / 1e9))
      }
    }
  }

  var json: JSONValue {
    [
      "rows": .array(
        rows.map { row in
          [
            "cell": .string(row.test.cell.rawValue), "I": .integer(row.test.inputs),
            "H": .integer(row.test.units), "B": .integer(row.test.batch),
            "T": .integer(row.test.timesteps), "us": rounded(row.timing.best * 1e6),
            "bound": .string(row.bound), "peak": rounded(row.peak),
            "reached": rounded(row.reached), "share": rounded(row.share),
            "median_share": rounded(row.medianShare),
          ]
        })
    ]
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  var table: BenchmarkTable {
    var table = BenchmarkTable(
      [
        "cell", "inputs", "units", "batch", "timesteps", "µs", "bound", "peak", "reached", "share",
        "median",
      ])
    for row in rows {
      table.add(
        row.test.cells + [
          text(row.timing.best * 1e6), row.bound, text(row.peak), text(row.reached),
          percent(row.share), percent(row.medianShare),
        ])
    }
    return table
  }
}
