import Synchronization

/// Copies the elements of a view in row-major order; several threads share the work.
@safe final class SharedGather: Sendable {
  private struct Piece {
    let view: Tensor
    /// The offset of the piece in the target, in bytes.
    let offset: Int
  }

  private let pieces: [Piece]
  private let steps: [Int]
  nonisolated(unsafe) private let target: UnsafeMutableRawPointer
  private let next = Atomic<Int>(0)

  /// Copies below this size are not split: starting a thread takes longer.
  private static let fewestBytes = 1 << 20

  /// Prepares a copy of `view` to `target`, which has room for all elements and outlives the work.
  init(_ view: Tensor, to target: UnsafeMutableRawPointer) {
    unsafe self.target = unsafe target
    steps = Tensor.rowMajorStrides(of: view.shape)
    pieces = Self.pieces(of: view, at: 0, steps)
  }

  private static func pieces(of view: Tensor, at offset: Int, _ steps: [Int]) -> [Piece] {
    let width = view.elementType.byteCount
    if let join = view.join {
      var start = offset
      return join.parts.flatMap { part in
        defer { start += part.shape[join.axis] * steps[join.axis] * width }
        return pieces(of: part, at: start, steps)
      }
    }
    let count = view.byteCount / fewestBytes
    // The axis with the largest stride is cut, so contiguous runs keep their length.
    let axis = view.shape.indices.filter { view.shape[$0] > 1 }
      .max { view.strides[$0] < view.strides[$1] }
    guard let axis, count > 1 else { return [Piece(view: view, offset: offset)] }
    let length = max(1, view.shape[axis] / count)
    return stride(from: 0, to: view.shape[axis], by: length).map { first in
      Piece(
        view: view.slice(axis: axis, first..<min(first + length, view.shape[axis])),
        offset: offset + first * steps[axis] * width)
    }
  }

  /// Copies pieces until every piece was begun by some thread.
  func run() {
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < pieces.count else { return }
      unsafe pieces[index].view.gather(to: target + pieces[index].offset, steps: steps)
    }
  }
}
