import CRecurKernels

/// Products of matrices that have the same bits on every processor, computed in its widest vectors.
package enum RowProducts {
  nonisolated(unsafe) private static let kernels: UnsafePointer<recur_kernels>? = {
    var best = unsafe UnsafePointer<recur_kernels>?.none
    _ = unsafe recur_kernels_available(&best, 1)
    return unsafe best
  }()

  /// x·wᵀ in Double.
  ///
  /// w is `[outputs, columns]`, x `[rows, columns]` and the result `[rows, outputs]`, all row-major. A row of the
  /// result depends, bit for bit, on its row of x alone.
  ///
  /// - Precondition: `x` has `rows` rows, and `w` has `outputs` rows of the same length.
  package static func products(_ w: [Double], outputs: Int, _ x: [Double], rows: Int) -> [Double] {
    unsafe products(w, outputs, x, rows, kernels?.pointee.double_row_products)
  }

  /// The same in Float.
  package static func products(_ w: [Float], outputs: Int, _ x: [Float], rows: Int) -> [Float] {
    unsafe products(w, outputs, x, rows, kernels?.pointee.float_row_products)
  }

  private static func products<Scalar: BinaryFloatingPoint>(
    _ w: [Scalar], _ outputs: Int, _ x: [Scalar], _ rows: Int,
    _ kernel: (
      (
        UnsafePointer<Scalar>?, Int, Int, UnsafePointer<Scalar>?, Int, UnsafeMutablePointer<Scalar>?
      ) -> Void
    )?
  ) -> [Scalar] {
    guard rows > 0, outputs > 0 else { return [] }
    let columns = x.count / rows
    precondition(x.count == rows * columns && w.count == outputs * columns)
    guard let kernel = unsafe kernel else {
      return plainProducts(w, outputs: outputs, x, rows: rows)
    }
    return unsafe [Scalar](unsafeUninitializedCapacity: rows * outputs) { y, count in
      unsafe w.withUnsafeBufferPointer { w in
        unsafe x.withUnsafeBufferPointer { x in
          unsafe kernel(w.baseAddress, outputs, columns, x.baseAddress, rows, y.baseAddress)
        }
      }
      count = rows * outputs
    }
  }
}
