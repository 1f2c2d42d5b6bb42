import RecurModel
import RecurTensors

/// A layer as the engine runs it: its weights packed, its options resolved.
indirect enum PackedLayer: Sendable {
  case recurrent(PackedRecurrent)
  case bidirectional(PackedRecurrent, PackedRecurrent, Bidirectional.MergeMode?)
  case timeDistributed(PackedLayer)
  case dense(PackedMatrix, Activation)
  case embedding(PackedTable, Embedding)
  case convolution([PackedMatrix], Convolution)
  case pooling(Pooling)
  /// x·scale + shift; one number each, or one per element of the last axis.
  case affine(scale: [Float], shift: [Float])
  case layerNormalization(gamma: [Float]?, beta: [Float]?, epsilon: Double)
  case standardization(mean: [Float], deviation: [Float], isInverse: Bool)
  case activation(Activation)
  case parametricReLU(alpha: FloatMemory, shape: [Int])
  case reshaping(Reshaping)
  case selection(Selection)
  case lengthMask
  case merge(Merge)
  case masking(value: Double)
  case identity
  case notEqual(value: Double)
  case anyTrue(axis: Int, keepsAxis: Bool)
  /// Computed by the reference's code, in Float.
  case reference
}

/// One direction of a recurrent layer.
struct PackedRecurrent: Sendable {
  /// The cells of a stack, from the bottom to the top.
  let cells: [PackedCell]
  let returnsSequence: Bool
  let returnsState: Bool
  let direction: Recurrent.Direction
  let maskedOutput: Recurrent.MaskedOutput
  let keptStateWins: Bool

  /// The width of the output.
  var units: Int { cells[cells.count - 1].outputs }
  /// The width of every state.
  var stateSizes: [Int] { cells.flatMap(\.stateSizes) }
}

/// The rows of an ``Embedding``: where they sit, if they are binary32 there, else a copy.
@safe struct PackedTable: Sendable {
  let rows: FloatBuffer
  private let owner: Tensor
  private let copy: FloatMemory?

  init(_ table: Tensor) {
    owner = table
    let (count, isContiguous) = (table.count, table.isContiguous)
    let mapped = unsafe table.withFloats { start in
      isContiguous
        ? unsafe FloatBuffer(UnsafeMutablePointer(mutating: start), count: count) : nil
    }
    if let mapped, let mapped {
      (rows, copy) = (mapped, nil)
    } else {
      let copied = FloatMemory(table.floats())
      (rows, copy) = (copied.buffer, copied)
    }
  }

  var byteCount: Int { (copy?.count ?? 0) * MemoryLayout<Float>.stride }
}
