/// A tensor's elements in row-major order, block by block, in memory of a bounded size.
///
/// Two tensors of the same shape and type give the same blocks, whatever their strides.
package struct TensorBlocks: ~Copyable {
  /// The block size in bytes for a view that is not contiguous: large enough that both rows and
  /// columns are read in long runs.
  package static let stridedByteCount = 1 << 25

  /// The block size in bytes for a contiguous view.
  package static let contiguousByteCount = 1 << 21

  /// The number of elements converted to numbers at once.
  package static let scannedElements = 1 << 18

  /// The elements of the current block, contiguous.
  package private(set) var block: ByteBlock
  /// The next block, which another thread fills.
  private var ahead: ByteBlock
  private var filling: (thread: BackgroundWork, work: SharedGather)?
  private var rest: TensorSplit

  /// Starts before the first block.
  ///
  /// - Precondition: `limit` is at least the size of an element.
  package init(_ tensor: Tensor, limit: Int? = nil) {
    let limit =
      limit ?? (tensor.isContiguous ? Self.contiguousByteCount : Self.stridedByteCount)
    rest = TensorSplit(tensor, limit: limit)
    block = ByteBlock(capacity: min(limit, tensor.byteCount))
    ahead = ByteBlock(capacity: tensor.byteCount > limit ? limit : 0)
    tensor.expectReading()
  }

  deinit { filling?.thread.wait() }

  /// Goes on to the next block; false when there is none.
  package mutating func advance() -> Bool {
    if let filling {
      // This thread has nothing else to do and takes a share of the work.
      filling.work.run()
      filling.thread.wait()
      self.filling = nil
      swap(&block, &ahead)
    } else {
      guard let part = rest.next() else { return false }
      if let target = unsafe block.use(part.byteCount) { unsafe part.gather(to: target) }
    }
    fillAhead()
    return true
  }

  private mutating func fillAhead() {
    guard ahead.capacity >= Self.fewestBytesAhead else { return }
    var next = rest
    guard let part = next.next(), let target = unsafe ahead.use(part.byteCount) else { return }
    // The block is neither read nor freed before this thread has waited for the work.
    let work = unsafe SharedGather(part, to: target)
    let thread = BackgroundWork {
      work.run()
      return 0
    }
    guard let thread else { return }
    filling = (thread, work)
    rest = next
  }

  /// Below this byte count, filling the block takes less time than starting a thread.
  private static let fewestBytesAhead = 1 << 18
}

/// Views of a tensor that follow each other in row-major order, none larger than a limit.
package struct TensorSplit: Sequence, IteratorProtocol {
  private let tensor: Tensor
  /// The axis along which views are cut; the axes before it have extent 1 in each view.
  private let axis: Int
  /// The extent of a view along the cut axis.
  private let length: Int
  private var index: [Int]
  private var isDone: Bool

  /// Splits `tensor` into views of at most `limit` bytes.
  init(_ tensor: Tensor, limit: Int) {
    self.tensor = tensor
    isDone = tensor.count == 0
    var inner = tensor.byteCount
    var axis = 0
    if !isDone {
      // The outermost axis of which one index fits the limit.
      for extent in tensor.shape {
        inner /= extent
        if inner <= limit || axis == tensor.rank - 1 { break }
        axis += 1
      }
    }
    self.axis = axis
    length = Swift.max(1, limit / Swift.max(inner, 1))
    index = [Int](repeating: 0, count: axis + 1)
  }

  package mutating func next() -> Tensor? {
    guard !isDone else { return nil }
    guard tensor.rank > 0 else {
      isDone = true
      return tensor
    }
    var part = tensor
    for outer in 0..<axis { part = part.select(axis: 0, index[outer]) }
    let end = Swift.min(index[axis] + length, tensor.shape[axis])
    part = part.slice(axis: 0, index[axis]..<end)
    index[axis] = end
    var position = axis
    while index[position] == tensor.shape[position] {
      guard position > 0 else {
        isDone = true
        break
      }
      index[position] = 0
      position -= 1
      index[position] += 1
    }
    return part
  }
}

extension Tensor {
  /// Consecutive views of this tensor in row-major order, each of at most `elements` elements.
  package func split(elements: Int) -> TensorSplit {
    TensorSplit(self, limit: elements * elementType.byteCount)
  }

  /// Tells the system that the elements are about to be read, where it can't predict that.
  fileprivate func expectReading() {
    if let join { return join.parts.forEach { $0.expectReading() } }
    guard count > 0, byteCount > ByteBlock.copyingByteCount else { return }
    let last = zip(shape, strides).reduce(start) { $0 + ($1.0 - 1) * $1.1 }
    let width = elementType.byteCount
    let base = bytes.range.lowerBound
    bytes.storage.expectReading(base + start * width..<base + (last + 1) * width)
  }
}
