import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// `RecurBenchmarks models`: whole models in which other layers stand around recurrent ones.
struct ModelsBenchmark {
  private let arguments: BenchmarkArguments
  private var rows: [(test: ModelCase, timing: RunTiming)] = []

  init(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    self.arguments = arguments
    let all = ModelCase.Name.allCases.flatMap { name in
      [1, 8].map { ModelCase(name: name, batch: $0) }
    }
    for test in arguments.model.map({ [$0] }) ?? all {
      let program = try Program(
        try test.model(), kernels: arguments.kernels, threads: arguments.threads)
      let x = try test.input()
      rows.append(
        (
          test,
          try RunTiming(budget: arguments.budget) { () throws(CheckpointError) in
            _ = try program.run([x])
          }
        ))
    }
  }

  var json: JSONValue {
    [
      "threads": .integer(arguments.threads), "kernels": .string(arguments.kernels.name),
      "rows": .array(
        rows.map { test, timing in
          [
            "model": .string(test.name.rawValue), "batch": .integer(test.batch),
            "us": rounded(timing.median * 1e6), "best_us": rounded(timing.best * 1e6),
          ]
        }),
    ]
  }

  var table: BenchmarkTable {
    var table = BenchmarkTable(["model", "batch", "µs", "best µs"])
    for (test, timing) in rows {
      table.add(
        [test.name.rawValue, "\(test.batch)", text(timing.median * 1e6), text(timing.best * 1e6)])
    }
    return table
  }
}
