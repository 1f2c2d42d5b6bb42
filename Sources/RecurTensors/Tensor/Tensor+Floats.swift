extension Tensor {
  /// Writes every element in row-major order, rounded to binary32, to `target`.
  ///
  /// Allocates nothing for float32 tensors whose elements stand next to each other.
  ///
  /// - Precondition: `target` holds as many numbers.
  package func copyFloats(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count == count)
    guard count > 0 else { return }
    guard elementType == .float32, isContiguous else {
      _ = unsafe target.update(fromContentsOf: floats())
      return
    }
    let width = elementType.byteCount
    bytes.withBytes { span in
      let source = span.extracting(start * width..<(start + count) * width)
      unsafe source.withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: $0)
      }
    }
  }

  /// Calls `body` with the address of the first element, from which ``strides`` lead to all others.
  ///
  /// - Returns: what `body` returns; nil, without a call, for elements that are no float32 in memory
  ///   aligned as a processor likes it, which files do not promise.
  package func withFloats<R>(_ body: (UnsafePointer<Float>) -> R) -> R? {
    guard elementType == .float32, count > 0 else { return nil }
    return bytes.withBytes { span in
      unsafe span.withUnsafeBytes { memory in
        guard let base = memory.baseAddress,
          Int(bitPattern: base) % MemoryLayout<Float>.alignment == 0
        else { return nil }
        return unsafe body((base + start * 4).assumingMemoryBound(to: Float.self))
      }
    }
  }
}
