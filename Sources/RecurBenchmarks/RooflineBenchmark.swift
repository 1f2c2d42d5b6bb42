import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// `RecurBenchmarks roofline`: large batches against the multiply-adds the processor can do, single
/// sequences against the rate at which it can read their weights from the second cache.
struct RooflineBenchmark {
  private struct Row {
    let test: RecurrentCase
    /// The best and the median run, in seconds.
    let best: Double
    let median: Double
    /// What bounds it, in 10⁹ per second.
    let bound: String
    /// The best the machine did, in short loops.
    let peak: Double
    /// What a run does, in 10⁹.
    let work: Double

    /// What the best run reached; the peak is a best too.
    var reached: Double { work / best }
    var share: Double { reached / peak }
    /// The share of the median run, other work on the machine included.
    var medianShare: Double { work / median / peak }
  }

  private static let batches = [
    (128, 128, 16, 100), (128, 128, 32, 100), (256, 256, 16, 100), (256, 512, 16, 100),
    (512, 1024, 32, 50),
  ]
  private static let sequences = [(1, 128, 1, 256), (128, 128, 1, 100)]
  /// How often the machine and the layer take turns: its clock changes from second to second.
  private static let rounds = 5

  private let arguments: BenchmarkArguments
  private var rows: [Row] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    self.arguments = arguments
    let kernels = arguments.kernels.name
    guard let loops = MachineLoops.all.first(where: { $0.kernels == kernels }) else { return }
    let memory = AlignedMemory(byteCount: MachineRates.Source.level2.bytes)
    for cell in [RecurrentCase.Cell.lstm, .gru] {
      for shape in Self.batches {
        let test = RecurrentCase(cell, shape.0, shape.1, shape.2, shape.3)
        try add(test, bound: "GFLOP/s", work: test.operations) { budget in
          loops.multiplyAdd(budget: budget) * Double(arguments.threads)
        }
      }
      for shape in Self.sequences {
        let test = RecurrentCase(cell, shape.0, shape.1, shape.2, shape.3)
        // The recurrent weights are read at every timestep; those of the inputs once for several.
        let recurrent = RecurrentCase(cell, 0, test.units, 1, test.timesteps)
        try add(test, bound: "L2 GB/s", work: recurrent.operations / 2 * 4) { budget in
          loops.read(.level2, memory, budget: budget)
        }
      }
    }
  }

  /// Lets the machine's loop and the layer take turns: `work` are the operations or bytes of a run,
  /// `peak` is what the machine does in so much time, in 10⁹ per second.
  private mutating func add(
    _ test: RecurrentCase, bound: String, work: Double, _ peak: (Duration) -> Double
  ) throws(CheckpointError) {
    var run = try LayerRun(test, arguments)
    var peaks: [Double] = []
    var timings: [RunTiming] = []
    for _ in 0..<Self.rounds {
      peaks.append(peak(arguments.budget / Self.rounds / 2))
      timings.append(try run.timing(arguments.budget / Self.rounds))
    }
    let medians = timings.map(\.median).sorted()
    rows.append(
      Row(
        test: test, best: timings.map(\.best).min() ?? .nan, median: medians[medians.count / 2],
        bound: bound, peak: peaks.max() ?? .nan, work: work / 1e9))
  }

  var json: JSONValue {
    [
      "rows": .array(
        rows.map { row in
          [
            "cell": .string(row.test.cell.rawValue), "I": .integer(row.test.inputs),
            "H": .integer(row.test.units), "B": .integer(row.test.batch),
            "T": .integer(row.test.timesteps), "us": rounded(row.best * 1e6),
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
          text(row.best * 1e6), row.bound, text(row.peak), text(row.reached),
          percent(row.share), percent(row.medianShare),
        ])
    }
    return table
  }
}
