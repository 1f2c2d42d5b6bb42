import CRecurKernels

// Products of matrices of values. Addresses are checked here, because kernels don't check.
extension Kernels {
  /// Computes y = a·b, with a `[rows, depth]`, a row-major b `[depth, columns]` and y
  /// `[rows, columns]`; the strides are the distances between neighbouring rows.
  func multiply(
    _ a: FloatBuffer, row aRow: Int, _ b: FloatBuffer, row bRow: Int, into y: FloatBuffer,
    row yRow: Int, rows: Int, columns: Int, depth: Int
  ) {
    guard rows > 0, columns > 0, depth > 0 else { return }
    let left = a.part(0, (rows - 1) * aRow + depth)
    let right = b.part(0, (depth - 1) * bRow + columns)
    let target = y.part(0, (rows - 1) * yRow + columns)
    unsafe table.pointee.product(
      left.base, aRow, right.base, bRow, target.base, yRow, rows, columns, depth)
  }

  /// The size of the panels of a matrix `[units, inputs]`, in numbers.
  func panelSize(_ units: Int, _ inputs: Int) -> Int { recur_padded(units, lanes) * inputs }

  /// Packs the rows of a matrix `[units, inputs]`, which are `stride` apart, in panels.
  func pack(
    _ matrix: FloatBuffer, units: Int, stride: Int, inputs: Int, into panels: FloatBuffer
  ) {
    guard units > 0, inputs > 0 else { return }
    let source = matrix.part(0, (units - 1) * stride + inputs)
    let target = panels.part(0, panelSize(units, inputs))
    // The sums of padded units are never stored, so the padding may hold any numbers.
    unsafe recur_pack_blocks(target.base, source.base, units, inputs, stride, 1, lanes)
  }

  /// Computes y = x·Wᵀ with a W `[units, inputs]` in panels; the strides are the distances between
  /// neighbouring rows.
  func multiply(
    _ x: FloatBuffer, row xRow: Int, panels: FloatBuffer, into y: FloatBuffer, row yRow: Int,
    rows: Int, units: Int, inputs: Int
  ) {
    guard rows > 0, units > 0, inputs > 0 else { return }
    let left = x.part(0, (rows - 1) * xRow + inputs)
    let right = panels.part(0, panelSize(units, inputs))
    let target = y.part(0, (rows - 1) * yRow + units)
    let linear = unsafe recur_activation(
      kind: recur_linear, slope: 0, offset: 0, function: nil, context: nil)
    unsafe table.pointee.float32.dense(
      right.base, nil, inputs, units, linear, left.base, xRow, target.base, yRow, rows)
  }
}
