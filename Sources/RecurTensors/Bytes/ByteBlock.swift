#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Memory of a fixed size, a buffer through which data of any size passes block by block.
@safe package struct ByteBlock: ~Copyable {
  /// The block size in bytes for copying one file to another: a block fits a core's own cache.
  package static let copyingByteCount = 1 << 19

  private let memory: UnsafeMutableRawBufferPointer
  /// The size in bytes.
  package let capacity: Int
  private let isMapped: Bool
  /// The number of bytes in use, counted from the first byte.
  package private(set) var count = 0

  /// Allocates memory for `capacity` bytes.
  package init(capacity: Int) {
    self.capacity = capacity
    // Large blocks go back to the system at once instead of leaving holes in the heap.
    let mapped: UnsafeMutableRawPointer? =
      capacity < Self.mappedByteCount
      ? nil
      : unsafe mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0)
    if let mapped = unsafe mapped, unsafe mapped != MAP_FAILED {
      unsafe memory = UnsafeMutableRawBufferPointer(start: mapped, count: capacity)
      isMapped = true
      #if canImport(Glibc)
        // Mapping many pages of 4 KiB takes longer than filling them, so this asks for huge pages.
        // A system without huge pages is no error.
        unsafe madvise(mapped, capacity, MADV_HUGEPAGE)
      #endif
    } else {
      unsafe memory = .allocate(byteCount: max(capacity, 1), alignment: 64)
      isMapped = false
    }
  }

  deinit {
    if isMapped {
      unsafe munmap(memory.baseAddress, capacity)
    } else {
      unsafe memory.deallocate()
    }
  }

  private static let mappedByteCount = 1 << 20

  /// Copies bytes of `region` from `offset` on: as many as exist and fit, at most `most`.
  package mutating func fill(from region: ByteRegion, at offset: Int, atMost most: Int = .max) {
    count = min(capacity, region.count - offset, most)
    unsafe region.copy(at: offset, to: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
  }

  /// Marks `count` bytes as in use and returns the address to which the caller writes them.
  mutating func use(_ count: Int) -> UnsafeMutableRawPointer? {
    precondition(count <= capacity)
    self.count = count
    return unsafe memory.baseAddress
  }

  /// Calls `body` with the bytes in use.
  package func withBytes<R: ~Copyable, E: Error>(
    _ body: (RawSpan) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(UnsafeRawBufferPointer(rebasing: memory[..<count]).bytes)
  }

  /// Appends the bytes in use to `sink`.
  ///
  /// - Throws: what `sink` throws.
  package func write<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(CheckpointError) {
    try unsafe sink.write(UnsafeRawBufferPointer(rebasing: memory[..<count]).bytes)
  }

  /// Whether this block holds, from `offset` on, the bytes in use of `other`.
  func isEqual(to other: borrowing ByteBlock, at offset: Int) -> Bool {
    guard offset + other.count <= count else { return false }
    guard let one = unsafe memory.baseAddress, let another = unsafe other.memory.baseAddress else {
      return true
    }
    return unsafe memcmp(one + offset, another, other.count) == 0
  }
}
