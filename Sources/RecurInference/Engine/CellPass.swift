import CRecurKernels
import RecurModel

/// One pass of a cell over the timesteps of a batch, with the buffers that it reads and writes.
@safe struct CellPass: Sendable {
  let cell: PackedCell
  let kernels: Kernels
  let batch: Int
  let timesteps: Int
  /// `[batch, timesteps, inputs]`.
  let x: FloatBuffer
  /// The t-th output of sequence r begins at `yStart` + r·`yRow` + t·`yStep`; nil for no output.
  let y: FloatBuffer?
  let yStart: Int
  let yRow: Int
  let yStep: Int
  /// `[batch, timesteps]`, or nil where no timestep is masked.
  let mask: FloatBuffer?
  let maskedOutput: Recurrent.MaskedOutput
  let isBackward: Bool
  /// h, and for an LSTM c, `[batch, size]` each.
  let states: [FloatBuffer]
  /// Holds 0 if the initial state is zeros, whatever `states` hold; nil if `states` are the initial
  /// state.
  let hasState: FloatBuffer?
  /// The last output, `[batch, outputs]`; required with a mask.
  let last: FloatBuffer?

  /// A pass, or one thread's share of a pass, in the form that the kernels take.
  @safe final class Share: Sendable {
    nonisolated(unsafe) private let pass: UnsafeMutablePointer<recur_pass>
    nonisolated(unsafe) private let kernel:
      @convention(c) (UnsafePointer<recur_cell>?, UnsafePointer<recur_pass>?) -> Void
    private let cell: PackedCell
    private let barrier: PassBarrier?

    fileprivate init(
      _ pass: recur_pass, _ cell: PackedCell, _ kernels: Kernels, _ barrier: PassBarrier? = nil
    ) {
      unsafe self.pass = .allocate(capacity: 1)
      unsafe self.pass.initialize(to: pass)
      unsafe kernel = kernels.matrices(cell.type).sequence
      self.cell = cell
      self.barrier = barrier
    }

    /// Runs the pass.
    func run() { unsafe kernel(cell.cell, pass) }

    /// The pass's field for the address of x; x lies in `buffer`.
    func inputPlace(in buffer: FloatBuffer) -> CallerMemory.Binding {
      unsafe CallerMemory.Binding(
        address(\.x), offset: pass.pointee.x - UnsafePointer(buffer.base))
    }

    /// The pass's field for the address of the output in `buffer`: y or, without y, the last
    /// output.
    func outputPlace(in buffer: FloatBuffer) -> CallerMemory.Binding {
      if let y = unsafe pass.pointee.y {
        return unsafe CallerMemory.Binding(address(\.y), offset: y - buffer.base)
      }
      return unsafe CallerMemory.Binding(address(\.last), offset: pass.pointee.last - buffer.base)
    }

    private func address<Value>(
      _ field: WritableKeyPath<recur_pass, Value>
    ) -> UnsafeMutableRawPointer {
      unsafe withUnsafeMutablePointer(to: &pass.pointee[keyPath: field]) {
        UnsafeMutableRawPointer($0)
      }
    }

    deinit { unsafe pass.deallocate() }
  }

  /// The size of the scratch buffer for a pass over `batch` sequences, in numbers.
  func scratch(batch: Int) -> Int {
    cell.scratch(batch: batch, timesteps: timesteps, kernels)
  }

  /// The number of multiplications in the whole pass.
  var products: Int { cell.products * batch * timesteps }

  /// A pass over the sequences `range` only.
  func rows(_ range: Range<Int>, scratch: FloatBuffer) -> Share {
    unsafe Share(pass(range, scratch), cell, kernels)
  }

  /// One thread's share of the whole pass, when `count` threads divide the units.
  func panels(
    _ thread: Int, of count: Int, scratch: FloatBuffer, _ barrier: PassBarrier
  ) -> Share {
    var pass = unsafe pass(0..<batch, scratch)
    unsafe pass.thread = thread
    unsafe pass.threads = count
    unsafe pass.barrier = { context in
      guard let context = unsafe context else { return }
      unsafe Unmanaged<PassBarrier>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.wait() }
    }
    unsafe pass.barrier_context = Unmanaged.passUnretained(barrier).toOpaque()
    return unsafe Share(pass, cell, kernels, barrier)
  }

  private func pass(_ rows: Range<Int>, _ scratch: FloatBuffer) -> recur_pass {
    let (row, count) = (rows.lowerBound, rows.count)
    let width = cell.inputs
    if y != nil {
      let ends = [yStart, yStart + (batch - 1) * yRow, yStart + (timesteps - 1) * yStep]
      let lowest = min(ends[0], ends[2])
      let highest = ends[1] + max(0, (timesteps - 1) * yStep) + cell.outputs
      precondition(lowest >= 0 && highest <= y?.count ?? 0)
    }
    precondition(mask == nil || last != nil)
    func start(_ buffer: FloatBuffer, _ size: Int) -> UnsafeMutablePointer<Float> {
      unsafe buffer.part(row * size, count * size).base
    }
    let x = unsafe start(x, timesteps * width)
    return unsafe recur_pass(
      batch: count, timesteps: timesteps, x: x, x_row: timesteps * width, x_step: width,
      y: y.map { unsafe $0.base + (yStart + row * yRow) }, y_row: yRow, y_step: yStep,
      mask: mask.map { unsafe UnsafePointer(start($0, timesteps)) },
      masked_output: maskedOutput.kernelRule, is_backward: isBackward,
      h: start(states[0], cell.stateSizes[0]),
      c: states.count > 1 ? start(states[1], cell.stateSizes[1]) : nil,
      has_state: hasState.map { unsafe UnsafePointer($0.base) },
      last: last.map { unsafe start($0, cell.outputs) }, scratch: scratch.base, thread: 0,
      threads: 1, barrier: nil,
      barrier_context: nil)
  }
}

extension Recurrent.MaskedOutput {
  fileprivate var kernelRule: recur_masked_output {
    switch self {
    case .previous: recur_previous
    case .zero: recur_zero
    case .state: recur_state
    }
  }
}

/// The ways in which threads share one pass.
enum WorkSharing {
  /// No sharing, because the pass is too small.
  case none
  /// One thread, while other threads do other work.
  case alone
  /// Each thread runs some of the sequences.
  case rows([Range<Int>])
  /// Each thread computes some of the units, for all sequences.
  case panels(Int)

  /// With fewer multiplications, a second thread costs more time than it saves.
  static let leastProducts = 400_000
  /// With fewer sequences, a thread needs more time per sequence.
  private static let leastRows = 6
  /// The size in bytes of weights that fit a core's own cache, so that each core may read all of
  /// them.
  private static let cachedBytes = 1 << 20

  /// - Parameters:
  ///   - pass: the pass to share.
  ///   - threads: the number of threads that this pass may use.
  ///   - all: the number of threads in total.
  init(_ pass: CellPass, threads: Int, all: Int) {
    guard all > 1, pass.products >= Self.leastProducts else {
      self = .none
      return
    }
    guard threads > 1 else {
      self = .alone
      return
    }
    let panels = min(threads, pass.cell.usefulThreads(batch: pass.batch, pass.kernels))
    let isCached = pass.cell.products * MemoryLayout<Float>.stride <= Self.cachedBytes
    if panels > 1, !isCached || pass.batch < threads * Self.leastRows {
      self = .panels(panels)
    } else {
      self = pass.batch > 1 ? .rows(Self.parts(of: pass.batch, threads)) : .none
    }
  }

  /// Splits `count` items into at most `parts` ranges of nearly equal length.
  static func parts(of count: Int, _ parts: Int) -> [Range<Int>] {
    let parts = min(count, parts)
    return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
  }
}
