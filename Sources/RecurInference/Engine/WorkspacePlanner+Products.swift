import RecurModel

// Planning shared by layers of several kinds.
extension WorkspacePlanner {
  /// Plans one matrix product for many rows, shared between threads where that saves time.
  mutating func multiply(
    _ matrix: PackedMatrix, _ x: FloatBuffer, stride xStride: Int, into y: FloatBuffer,
    stride yStride: Int, rows: Int
  ) {
    func task(_ range: Range<Int>) -> ParallelTask {
      let own = x.suffix(from: range.lowerBound * xStride)
      let target = y.suffix(from: range.lowerBound * yStride)
      return ParallelTask {
        matrix.apply(to: own, stride: xStride, into: target, stride: yStride, rows: range.count)
      }
    }
    act(
      sharing: isWorthSharing(matrix, rows: rows)
        ? WorkSharing.parts(of: rows, threads).map(task) : [],
      solo: [task(0..<rows)])
  }

  /// Whether several threads are faster than one thread.
  func isWorthSharing(_ matrix: PackedMatrix, rows: Int) -> Bool {
    threads > 1 && matrix.inputs * matrix.units * rows >= WorkSharing.leastProducts
  }

  /// Plans an activation along the last axis; the target may be the source.
  mutating func activate(
    _ x: FloatBuffer, width: Int, _ activation: Activation, into y: FloatBuffer
  ) {
    let kernels = kernels
    switch activation {
    case .glu:
      let (row, half) = (temporary(width), width / 2)
      act {
        for index in 0..<x.count / max(width, 1) {
          row.copy(x.part(index * width, width))
          activation.apply(to: row, kernels)
          y.part(index * half, half).copy(row.part(0, half))
        }
      }
    case .softmax, .logSoftmax, .sparsemax:
      act {
        y.copy(x)
        for start in stride(from: 0, to: y.count, by: max(width, 1)) {
          activation.apply(to: y.part(start, width), kernels)
        }
      }
    default:
      act {
        y.copy(x)
        activation.apply(to: y, kernels)
      }
    }
  }
}
