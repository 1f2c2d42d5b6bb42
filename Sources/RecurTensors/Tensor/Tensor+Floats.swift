extension Tensor {
  /// Calls `body` with every element in row-major order as binary32.
  ///
  /// Nothing is copied for contiguous float32 tensors; other tensors are converted first.
  ///
  /// - Parameter body: reads ``count`` numbers.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws.
  public func withFloats<Result, E: Error>(
    _ body: (Span<Float>) throws(E) -> Result
  ) throws(E) -> Result {
    guard isContiguous,
      let outcome = unsafe withFloatAddress({ start -> Swift.Result<Result, E> in
        let memory = unsafe UnsafeBufferPointer(start: start, count: count)
        return Swift.Result { () throws(E) in unsafe try body(memory.span) }
      })
    else { return try body(floats().span) }
    return try outcome.get()
  }

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
  package func withFloatAddress<R>(_ body: (UnsafePointer<Float>) -> R) -> R? {
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
