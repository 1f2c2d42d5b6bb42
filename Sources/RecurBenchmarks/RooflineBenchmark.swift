import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// `RecurBenchmarks roofline`: layers compared with the peak of the processor.
///
/// A large batch is compared with the rate of multiply-adds, a single sequence with the rate of
/// reading weights from the L2 cache.
struct RooflineBenchmark {
  private struct Row {
    let test: RecurrentCase
    /// The best and the median run, in seconds.
    let best: Double
    let median: Double
    /// The rate that bounds the layer, in 10⁹ per second.
    let bound: String
    /// The peak rate, measured in short loops.
    let peak: Double
    /// The operations or bytes of one run, in 10⁹.
    let work: Double

    /// The rate of the best run, because the peak is that of a best run too.
    var reached: Double { work / best }
    var share: Double { reached / peak }
    /// The share of the peak in the median run, which other work on the machine slows down.
    var medianShare: Double { work / median / peak }
  }

  private static let batches = [
    (128, 128, 16, 100), (128, 128, 32, 100), (256, 256, 16, 100), (256, 512, 16, 100),
    (512, 1024, 32, 50),
  ]
  private static let sequences = [(1, 128, 1, 256), (128, 128, 1, 100)]
  /// How often the peak loop and the layer take turns.
  ///
  /// The clock of a processor changes every second.
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
        // The recurrent weights are read at every timestep, the input weights once for several
        // timesteps.
        let recurrent = RecurrentCase(cell, 0, test.units, 1, test.timesteps)
        try add(test, bound: "L2 GB/s", work: recurrent.operations / 2 * 4) { budget in
          loops.read(.level2, memory, budget: budget)
        }
      }
    }
  }

  /// Measures the peak loop and the layer in turns; `work` is the number of operations or bytes of
  /// a run, and `peak` measures the peak rate within a time, in 10⁹ per second.
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
