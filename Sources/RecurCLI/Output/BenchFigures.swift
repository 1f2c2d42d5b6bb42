import Recur
import RecurContainers
import RecurInference
import RecurTensors

/// The lines and members of `recur bench`.
struct BenchFigures {
  let model: String
  let engine: Engine
  /// The layers that the engine leaves to the reference's code.
  let layersOnReference: [String]
  /// The time to open the file.
  let loading: Duration
  let benchmark: ModelBenchmark
  /// The size of the file in bytes.
  let peakMemory: Int

  var lines: [String] {
    let perTimestep = benchmark.run.median / Double(benchmark.timesteps)
    var table = Table()
    table.add("engine", engineText)
    if isFast, !layersOnReference.isEmpty {
      table.add("on the reference", layersOnReference.map(escaped).joined(separator: ", "))
    }
    table.add("inputs", benchmark.inputShapes.map(shapeText).joined(separator: " "))
    table.add("load", duration(loading.seconds))
    if let packing = benchmark.packing {
      table.add("pack", "\(duration(packing.seconds)), \(size(packing.byteCount)) of weights")
      if !packing.narrowLayers.isEmpty {
        table.add(
          "weights",
          "\(weights) in \(packing.narrowLayers.map(escaped).joined(separator: ", "))")
      }
    }
    table.add("run", "\(duration(benchmark.run.median)), best \(duration(benchmark.run.best))")
    table.add(
      "per timestep",
      duration(perTimestep) + (benchmark.batch > 1 ? " for \(benchmark.batch) sequences" : ""))
    table.add("timesteps per second", number(benchmark.timestepsPerSecond))
    if let operations = benchmark.operations, let rate = benchmark.operationsPerSecond {
      table.add("GFLOP/s", "\(number(rate / 1e9)), \(operations) operations per run")
    }
    table.add("peak memory", size(peakMemory))
    return [escaped(model)] + table.lines
  }

  var members: [(String, JSONValue)] {
    let (kernels, threads): (JSONValue, Int) =
      switch engine {
      case .fast(let kernels, let threads, _, _): (.string(kernels.name), threads)
      case .reference: (.null, 1)
      }
    return [
      ("model", .string(model)),
      ("engine", kernels.isNull ? "reference" : "fast"), ("kernels", kernels),
      ("threads", .integer(threads)),
      (
        "layers_on_reference",
        isFast ? .array(layersOnReference.map { .string($0) }) : .null
      ), ("batch", .integer(benchmark.batch)),
      ("timesteps", .integer(benchmark.timesteps)),
      (
        "inputs",
        .array(benchmark.inputShapes.map { .array($0.map { .integer($0) }) })
      ),
      ("load_seconds", .number(loading.seconds)),
      ("pack_seconds", benchmark.packing.map { .number($0.seconds) } ?? .null),
      ("packed_bytes", benchmark.packing.map { .integer($0.byteCount) } ?? .null),
      ("weights", isFast ? .string(weights) : .null),
      (
        "narrow_layers",
        benchmark.packing.map { .array($0.narrowLayers.map { .string($0) }) } ?? .null
      ),
      ("run_seconds", .number(benchmark.run.median)),
      (
        "microseconds_per_timestep",
        .number(benchmark.run.median / Double(benchmark.timesteps) * 1e6)
      ),
      ("timesteps_per_second", .number(benchmark.timestepsPerSecond)),
      ("operations", benchmark.operations.map { .integer($0) } ?? .null),
      ("gflops", benchmark.operationsPerSecond.map { .number($0 / 1e9) } ?? .null),
      ("peak_memory_bytes", .integer(peakMemory)),
    ]
  }

  /// The type in which the engine holds weights.
  private var weights: String {
    if case .fast(_, _, let weights, _) = engine { weights.rawValue } else { "" }
  }

  private var isFast: Bool { if case .fast = engine { true } else { false } }

  private var engineText: String {
    switch engine {
    case .fast(let kernels, let threads, _, _): "fast, \(kernels), \(count(threads, "thread"))"
    case .reference: "reference"
    }
  }

  /// Three significant digits with the unit that suits: `1.24 ms`.
  private func duration(_ seconds: Double) -> String {
    for (unit, scale) in [("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)] where seconds >= scale {
      return "\(number(seconds / scale)) \(unit)"
    }
    return "\(number(seconds / 1e-9)) ns"
  }

  private func size(_ bytes: Int) -> String {
    for (unit, scale) in [("GB", 1e9), ("MB", 1e6), ("KB", 1e3)] where Double(bytes) >= scale {
      return "\(number(Double(bytes) / scale)) \(unit)"
    }
    return "\(bytes) bytes"
  }

  private func number(_ value: Double) -> String {
    guard value < 100 else { return "\(Int(min(value, 1e15).rounded()))" }
    let scale = value < 10 ? 100.0 : 10
    return "\((value * scale).rounded() / scale)"
  }
}
