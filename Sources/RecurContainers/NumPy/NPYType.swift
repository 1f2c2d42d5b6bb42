import RecurTensors

/// The element type of a NumPy array from its `descr`: byte order, kind, size (numpy.dtype.str).
struct NPYType {
  /// How this package treats the elements.
  enum Meaning {
    /// Numbers of a known type.
    case numbers(ElementType)
    /// Strings, times, opaque bytes or long doubles, of `byteCount` bytes each.
    case unreadable(byteCount: Int)
  }

  let meaning: Meaning
  /// Whether the bytes of every number are in big-endian order.
  let isSwapped: Bool

  /// Reads `descriptor`.
  ///
  /// - Throws: `npy.dtype.unsupported` for pickled objects and for text that is no element type.
  init(_ descriptor: String, at location: Diagnostic.Location) throws(CheckpointError) {
    let letters = descriptor.unicodeScalars
    let order = letters.first
    let kind = letters.dropFirst().first
    let digits = letters.dropFirst(2).prefix { ("0"..."9").contains($0) }
    let rest = letters.dropFirst(2 + digits.count)
    if kind == "O" {
      throw CheckpointError(
        .npyDtypeUnsupported,
        "dtype '\(descriptor)' holds pickled objects, which are never loaded", at: location,
        reason: "NumPy makes such an array of sequences of different lengths",
        hint: "save the array as float32: np.save(file, array.astype('float32'))",
        fixes: [
          .init(.numpy, "np.savez('x.npz', *[np.asarray(s, 'float32') for s in sequences])")
        ])
    }
    guard let order, let kind, "<>|=".unicodeScalars.contains(order),
      let size = digits.isEmpty ? 0 : Int(String(String.UnicodeScalarView(digits))),
      let meaning = Self.meaning(kind, size, hasUnit: !rest.isEmpty)
    else {
      throw CheckpointError(
        .npyDtypeUnsupported, "dtype '\(descriptor)' is no element type this reader knows",
        at: location,
        hint: "save the array as float32: np.save(file, array.astype('float32'))")
    }
    self.meaning = meaning
    isSwapped = order == ">"
  }

  private static func meaning(_ kind: Unicode.Scalar, _ size: Int, hasUnit: Bool) -> Meaning? {
    // Only time types have text after their size: the time unit.
    guard !hasUnit || kind == "M" || kind == "m" else { return nil }
    switch (kind, size) {
    case ("f", 2): return .numbers(.float16)
    case ("f", 4): return .numbers(.float32)
    case ("f", 8): return .numbers(.float64)
    case ("c", 8): return .numbers(.complex64)
    case ("c", 16): return .numbers(.complex128)
    case ("i", 1): return .numbers(.int8)
    case ("i", 2): return .numbers(.int16)
    case ("i", 4): return .numbers(.int32)
    case ("i", 8): return .numbers(.int64)
    case ("u", 1): return .numbers(.uint8)
    case ("u", 2): return .numbers(.uint16)
    case ("u", 4): return .numbers(.uint32)
    case ("u", 8): return .numbers(.uint64)
    case ("b", 1): return .numbers(.bool)
    // The size of a Unicode string counts characters of four bytes.
    case ("U", _): return size < 1 << 31 ? .unreadable(byteCount: 4 * size) : nil
    case ("S", _), ("a", _), ("V", _): return size < 1 << 31 ? .unreadable(byteCount: size) : nil
    case ("M", 8), ("m", 8): return .unreadable(byteCount: 8)
    case ("f", 12), ("f", 16), ("c", 24), ("c", 32): return .unreadable(byteCount: size)
    default: return nil
    }
  }

  /// The `descr` of an array of `type`; nil for a type that NumPy lacks.
  static func descriptor(of type: ElementType) -> String? {
    switch type {
    case .float16: "<f2"
    case .float32: "<f4"
    case .float64: "<f8"
    case .complex64: "<c8"
    case .complex128: "<c16"
    case .int8: "|i1"
    case .int16: "<i2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    case .uint16: "<u2"
    case .uint32: "<u4"
    case .uint64: "<u8"
    case .bool: "|b1"
    case .bfloat16, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU:
      nil
    }
  }
}
