import RecurContainers
import RecurTensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Measures the engine; the results are in `docs/performance.md`.
@main
struct Benchmarks {
  static func main() {
    do throws(BenchmarkArguments.Problem) {
      let arguments = try BenchmarkArguments(Array(CommandLine.arguments.dropFirst()))
      do throws(CheckpointError) {
        try run(arguments)
      } catch {
        let renderer = DiagnosticRenderer()
        for diagnostic in error.diagnostics { complain(renderer.text(diagnostic)) }
        exit(2)
      }
    } catch {
      complain("error: \(error.message)\n\n\(BenchmarkArguments.usage)")
      exit(64)
    }
  }

  private static func run(_ arguments: BenchmarkArguments) throws(CheckpointError) {
    let (json, table): (JSONValue, BenchmarkTable)
    switch arguments.command {
    case .machine:
      let benchmark = MachineBenchmark(rates: MachineRates.measured(budget: arguments.budget))
      (json, table) = (benchmark.json, benchmark.table)
    case .forward:
      let benchmark = try ForwardBenchmark(arguments)
      (json, table) = (benchmark.json, benchmark.table)
    case .models:
      let benchmark = try ModelsBenchmark(arguments)
      (json, table) = (benchmark.json, benchmark.table)
    case .steps:
      let benchmark = try StepBenchmark(arguments)
      (json, table) = (benchmark.json, benchmark.table)
    case .weights:
      let benchmark = try WeightsBenchmark(arguments)
      (json, table) = (benchmark.json, benchmark.table)
    case .roofline:
      let benchmark = try RooflineBenchmark(arguments)
      (json, table) = (benchmark.json, benchmark.table)
    }
    print(arguments.isJSON ? json.text : table.lines.joined(separator: "\n"))
  }

  private static func complain(_ text: String) {
    _ = unsafe writeAll(Array((text + "\n").utf8).span.bytes, to: STDERR_FILENO)
  }
}
