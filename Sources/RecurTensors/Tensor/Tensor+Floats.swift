extension Tensor {
  /// Writes every element in row-major order, rounded to binary32, to `target`.
  ///
  /// Allocates nothing for contiguous float32 tensors.
  ///
  /// - Precondition: `target` has room for ``count`` numbers.
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

  /// Calls `body` with the address of the first element; ``strides`` lead from it to all others.
  ///
  /// - Returns: what `body` returns; nil, without a call, when the elements are not float32 in
  ///   memory or not aligned. Files do not promise alignment.
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
