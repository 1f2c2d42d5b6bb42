import CRecurBenchmarks
import Recur
import RecurContainers

/// What the processor can do at most, measured on one thread.
struct MachineRates {
  /// The name of the kernels that use these vectors.
  let kernels: String
  /// Floating-point operations in multiply-adds on registers, in 10⁹ per second.
  let multiplyAdd: Double
  /// What it reads from the caches and from memory, in 10⁹ bytes per second.
  let reads: [(source: Source, rate: Double)]

  enum Source: String, CaseIterable {
    case level1 = "L1"
    case level2 = "L2"
    case level3 = "L3"
    case memory

    /// Bytes that fit this one and not the one above it, on processors with 32 to 64 KB, 0.5 to
    /// 2 MB and 8 MB or more of each.
    var bytes: Int {
      switch self {
      case .level1: 16 << 10
      case .level2: 320 << 10
      case .level3: 6 << 20
      case .memory: 256 << 20
      }
    }
  }

  /// The rate of one source.
  subscript(source: Source) -> Double { reads.first { $0.source == source }?.rate ?? .nan }

  /// Measures every set of vectors, widest first.
  static func measured(budget: Duration) -> [MachineRates] {
    // Vectors that cross the lines of a cache would be read twice.
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: Source.memory.bytes, alignment: 4096)
    defer { unsafe memory.deallocate() }
    let values = unsafe memory.initializeMemory(
      as: Float.self, repeating: 1, count: Source.memory.bytes / 4)
    return unsafe sets.map { set in
      let reads = Source.allCases.map { source in
        let count = source.bytes / 4
        let timing = RunTiming(budget: budget) { unsafe set.read(values, count) }
        return (source, Double(source.bytes) / timing.best / 1e9)
      }
      var operations = 0.0
      let timing = RunTiming(budget: budget) { operations = unsafe set.multiply_add(100_000) }
      return unsafe MachineRates(
        kernels: String(cString: set.name), multiplyAdd: operations / timing.best / 1e9,
        reads: reads)
    }
  }

  private static var sets: [recur_machine_set] {
    var sets = unsafe [recur_machine_set](repeating: recur_machine_set(), count: 4)
    let count = unsafe recur_machine_sets(&sets, sets.count)
    return unsafe Array(sets.prefix(count))
  }
}

/// `RecurBenchmarks machine`.
struct MachineBenchmark {
  let rates: [MachineRates]

  var json: JSONValue {
    [
      "sets": .array(
        rates.map { set in
          var object = JSONObject()
          _ = object.append("kernels", .string(set.kernels))
          _ = object.append("multiply_add_gflops", rounded(set.multiplyAdd))
          for (source, rate) in set.reads {
            _ = object.append("\(source.rawValue.lowercased())_read_gbs", rounded(rate))
          }
          return .object(object)
        })
    ]
  }

  var table: BenchmarkTable {
    var table = BenchmarkTable(["kernels", "GFLOP/s"] + MachineRates.Source.allCases.map(heading))
    for set in rates {
      table.add([set.kernels, text(set.multiplyAdd)] + set.reads.map { text($0.rate) })
    }
    return table
  }

  private func heading(_ source: MachineRates.Source) -> String { "\(source.rawValue) GB/s" }
}
