import CRecurKernels
import RecurModel
import RecurTensors

/// The rows of an ``Embedding``: in the file itself if they are to be float32 and are so there, else
/// a copy.
@safe struct PackedTable: PackedWeights {
  let type: WeightType
  let fits: Bool
  private let rows: FloatBuffer
  private let owner: Tensor
  private let copy: FloatMemory?
  private let width: Int
  /// The size of a row in memory, in units of 4 bytes.
  private let stride: Int

  init(_ table: Tensor, _ type: WeightType) {
    (owner, self.type, width) = (table, type, table.shape[1])
    stride = recur_row_bytes(type.kernelType, width) / MemoryLayout<Float>.stride
    guard type == .float32 else {
      let (memory, width) = (FloatMemory(count: table.shape[0] * stride), width)
      var fits = true
      for row in 0..<table.shape[0] {
        let numbers = table.slice(axis: 0, row..<row + 1).floats()
        let place = memory.buffer.part(row * stride, stride)
        unsafe numbers.withUnsafeBufferPointer { numbers in
          let isWithin = unsafe recur_narrow_row(
            type.kernelType, place.base, numbers.baseAddress, width)
          fits = fits && isWithin
        }
      }
      (rows, copy, self.fits) = (memory.buffer, memory, fits)
      return
    }
    fits = true
    let (count, isContiguous) = (table.count, table.isContiguous)
    let mapped = unsafe table.withFloatAddress { start in
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

  /// Copies a row as float32.
  func copyRow(_ index: Int, to y: FloatBuffer) {
    precondition(y.count == width)
    let row = rows.part(index * stride, stride)
    unsafe recur_widen_row(type.kernelType, row.base, y.base, width)
  }

  var byteCount: Int { (copy?.count ?? 0) * MemoryLayout<Float>.stride }
}
