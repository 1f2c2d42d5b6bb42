#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#endif

/// A range of numbers in memory that a ``FloatMemory`` owns.
///
/// Every access is checked against the bounds. The holder of a buffer must also hold its owner.
@safe struct FloatBuffer: Sendable {
  nonisolated(unsafe) let base: UnsafeMutablePointer<Float>
  let count: Int

  init(_ base: UnsafeMutablePointer<Float>, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  var indices: Range<Int> { 0..<count }

  /// The `length` numbers from `start` on.
  func part(_ start: Int, _ length: Int) -> FloatBuffer {
    precondition(start >= 0 && length >= 0 && start <= count - length)
    return unsafe FloatBuffer(base + start, count: length)
  }

  /// All numbers from `start` on.
  func suffix(from start: Int) -> FloatBuffer { part(start, count - start) }

  func fill(_ value: Float) { unsafe base.update(repeating: value, count: count) }

  /// Copies the numbers of another buffer of the same size, which may be this buffer.
  func copy(_ other: FloatBuffer) {
    precondition(other.count == count)
    guard unsafe other.base != base else { return }
    unsafe base.update(from: other.base, count: count)
  }

  /// Adds the numbers of another buffer of the same size.
  func add(_ other: FloatBuffer) {
    precondition(other.count == count)
    for index in 0..<count { unsafe base[index] += other.base[index] }
  }

  /// Copies as many numbers as this buffer holds from `numbers`.
  func copy(_ numbers: UnsafeBufferPointer<Float>) {
    precondition(numbers.count == count)
    if let start = numbers.baseAddress { unsafe base.update(from: start, count: count) }
  }

  /// Writes all numbers to `target`, which has the same size.
  func write(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == count)
    if let start = target.baseAddress { unsafe start.update(from: base, count: count) }
  }

  /// Copies the numbers of a span of the same size.
  func copy(_ span: borrowing Span<Float>) {
    unsafe span.withUnsafeBufferPointer { unsafe copy($0) }
  }

  /// Writes all numbers to a span of the same size.
  func write(to span: inout MutableSpan<Float>) {
    unsafe span.withUnsafeMutableBufferPointer { unsafe write(to: $0) }
  }

  /// The numbers as an array.
  var array: [Float] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }

  /// The first eight numbers.
  var eight: SIMD8<Float> {
    precondition(count >= 8)
    return unsafe UnsafeRawPointer(base).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// Whether every number is zero.
  var isZero: Bool { indices.allSatisfy { self[$0] == 0 } }
}

/// Memory for numbers, aligned to 64 bytes, zeros at first.
///
/// The owner makes sure that no thread writes numbers that another thread reads.
@safe final class FloatMemory: Sendable {
  /// The size of a large page, in bytes.
  private static let hugePage = 2 << 20

  /// All of the memory.
  let buffer: FloatBuffer

  init(count: Int) {
    let byteCount = max(count, 1) * MemoryLayout<Float>.stride
    let isLarge = byteCount >= 2 * Self.hugePage
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: isLarge ? Self.hugePage : 64)
    #if canImport(Glibc)
      // Weights are read from end to end at every timestep. With pages of 4 KiB, address
      // translation takes as long as reading. A system without huge pages is no error.
      if isLarge { unsafe madvise(memory, byteCount, MADV_HUGEPAGE) }
    #endif
    let base = unsafe memory.bindMemory(to: Float.self, capacity: count)
    unsafe base.initialize(repeating: 0, count: count)
    buffer = unsafe FloatBuffer(base, count: count)
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    buffer.copy(values.span)
  }

  var count: Int { buffer.count }

  deinit { unsafe UnsafeMutableRawPointer(buffer.base).deallocate() }
}
