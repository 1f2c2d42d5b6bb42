import CRecurBenchmarks
import Recur
import RecurContainers

/// The peak rates of the processor, measured on one thread.
struct MachineRates {
  /// The name of the kernels that use these vectors.
  let kernels: String
  /// Floating-point operations in multiply-adds on registers, in 10⁹ per second.
  let multiplyAdd: Double
  /// The rates of reading from each cache and from memory, in 10⁹ bytes per second.
  let reads: [(source: Source, rate: Double)]

  enum Source: String, CaseIterable {
    case level1 = "L1"
    case level2 = "L2"
    case level3 = "L3"
    case memory

    /// A byte count that fits into this cache and not into the next smaller one, on processors with
    /// 32 to 64 KB, 0.5 to 2 MB and 8 MB or more.
    var bytes: Int {
      switch self {
      case .level1: 16 << 10
      case .level2: 320 << 10
      case .level3: 6 << 20
      case .memory: 256 << 20
      }
    }
  }

  /// Measures every set of vectors, widest first.
  static func measured(budget: Duration) -> [MachineRates] {
    let memory = AlignedMemory(byteCount: Source.memory.bytes)
    return MachineLoops.all.map { loops in
      MachineRates(
        kernels: loops.kernels, multiplyAdd: loops.multiplyAdd(budget: budget),
        reads: Source.allCases.map { ($0, loops.read($0, memory, budget: budget)) })
    }
  }
}

/// The loops of one set of vectors.
@safe struct MachineLoops {
  private let set: recur_machine_set

  /// The name of the kernels that use these vectors.
  var kernels: String { unsafe String(cString: set.name) }

  /// Every set of vectors, widest first.
  static var all: [MachineLoops] {
    var sets = unsafe [recur_machine_set](repeating: recur_machine_set(), count: 4)
    let count = unsafe recur_machine_sets(&sets, sets.count)
    return unsafe sets.prefix(count).map { unsafe MachineLoops(set: $0) }
  }

  /// Floating-point operations in multiply-adds on registers, in 10⁹ per second.
  func multiplyAdd(budget: Duration) -> Double {
    var operations = 0.0
    let timing = RunTiming(budget: budget) { operations = unsafe set.multiply_add(100_000) }
    return operations / timing.best / 1e9
  }

  /// The rate of reading from one source, in 10⁹ bytes per second.
  func read(_ source: MachineRates.Source, _ memory: AlignedMemory, budget: Duration) -> Double {
    let timing = RunTiming(budget: budget) {
      unsafe set.read(memory.values, source.bytes / MemoryLayout<Float>.stride)
    }
    return Double(source.bytes) / timing.best / 1e9
  }
}

/// Aligned memory for the loops that read: a vector across two cache lines would be read twice.
@safe final class AlignedMemory {
  fileprivate let values: UnsafeMutablePointer<Float>

  init(byteCount: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 4096)
    unsafe values = memory.initializeMemory(
      as: Float.self, repeating: 1, count: byteCount / MemoryLayout<Float>.stride)
  }

  deinit { unsafe UnsafeMutableRawPointer(values).deallocate() }
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
