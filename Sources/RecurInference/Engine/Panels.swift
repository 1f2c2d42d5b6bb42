import CRecurKernels
import RecurTensors

/// The packed weights of a matrix, in one type.
struct Panels: Sendable {
  let type: WeightType
  /// Whether every weight is within the range of the type; otherwise the panels hold no matrix.
  let fits: Bool
  /// The number of weights, padding included.
  let count: Int
  private let memory: FloatMemory

  /// Rounds packed weights to the type of `form`.
  ///
  /// - Parameters:
  ///   - wide: the weights in float32.
  ///   - columns: the width of the matrix's input.
  ///   - width: the weights of a panel per column: gates or blocks, times lanes.
  ///   - form: the instruction set and the type.
  init(_ wide: FloatMemory, columns: Int, width: Int, _ form: PanelForm) {
    (type, count) = (form.weights, wide.count)
    let total = columns > 0 ? wide.count / columns : 0
    guard type != .float32 else {
      (memory, fits) = (wide, true)
      return
    }
    let size = recur_matrix_bytes(type.kernelType, columns, total, width)
    memory = FloatMemory(count: (size + 3) / 4)
    fits = unsafe recur_narrow_panels(
      type.kernelType, form.kernels.matrices(type).column_group, memory.buffer.base,
      wide.buffer.base, columns, total, width)
  }

  /// The matrix `[units, columns]` without gates.
  static func blocks(_ matrix: Tensor, _ form: PanelForm) -> Panels {
    Panels(
      .blocks(matrix, form.lanes), columns: matrix.shape[1],
      width: Int(RECUR_BLOCKS) * form.lanes, form)
  }

  /// The matrices of several gates, `[units, columns]` each.
  static func gates(_ matrices: [Tensor], _ form: PanelForm) -> Panels {
    Panels(
      .gates(matrices, form.lanes), columns: matrices[0].shape[1],
      width: matrices.count * form.lanes, form)
  }

  /// The address of the panels.
  var base: UnsafeRawPointer { unsafe UnsafeRawPointer(memory.buffer.base) }
  /// The size in bytes.
  var byteCount: Int { memory.count * MemoryLayout<Float>.stride }
}

extension Kernels {
  /// The kernels for matrices with weights of that type.
  func matrices(_ type: WeightType) -> recur_matrix_kernels {
    let narrow =
      switch type {
      case .float32: unsafe UnsafePointer<recur_matrix_kernels>?.none
      case .float16: unsafe table.pointee.float16
      case .bfloat16: unsafe table.pointee.bfloat16
      case .int8: unsafe table.pointee.int8()
      }
    return unsafe narrow?.pointee ?? table.pointee.float32
  }
}
