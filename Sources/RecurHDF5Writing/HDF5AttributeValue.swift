package import RecurTensors

/// The value of an attribute, stored as h5py stores the same Python value.
package enum HDF5AttributeValue: Sendable {
  /// The character set in an attribute's datatype; the bytes are UTF-8 in both cases.
  package enum CharacterSet: Sendable {
    /// What h5py writes for `bytes`.
    case ascii
    /// What h5py writes for `str`.
    case utf8
  }

  /// A scalar string of variable length, which may have megabytes.
  case string(String, CharacterSet)
  /// A list of strings of variable length; each takes 16 bytes in the attribute itself.
  ///
  /// An empty list becomes a float64 array of shape `[0]`, as in h5py.
  case strings([String], CharacterSet)
  /// A list of strings, padded with zeros to the longest length and tagged ASCII, as h5py writes a
  /// NumPy array of type `S`.
  case fixedStrings([String])
  /// Numbers of any shape; rank 0 is a scalar.
  case tensor(Tensor)

  /// The largest size of an attribute in bytes, the same limit as in Keras.
  ///
  /// A message of an object header has a 16-bit length, which covers name, type, shape and value.
  package static let largestByteCount = 64_512

  /// A scalar int64, as h5py writes Python's `int`.
  package static func integer(_ value: Int64) throws(CheckpointError) -> HDF5AttributeValue {
    let bytes = [UInt64(bitPattern: value)].littleEndianBytes
    return .tensor(try Tensor(ByteRegion(ByteStorage(copying: bytes)), .int64, shape: []))
  }

  /// A scalar float64, as h5py writes Python's `float`.
  package static func float(_ value: Double) throws(CheckpointError) -> HDF5AttributeValue {
    .tensor(try Tensor.float64([value], shape: []))
  }

  /// The size in the attribute's message in bytes; strings of variable length are stored elsewhere.
  var byteCount: Int {
    switch self {
    case .string: 16
    case .strings(let strings, _): 16 * strings.count
    case .fixedStrings(let strings): Self.width(of: strings) * strings.count
    case .tensor(let tensor): tensor.byteCount
    }
  }

  /// The length in bytes to which `strings` are padded; HDF5 has no strings of length 0.
  static func width(of strings: [String]) -> Int {
    max(strings.lazy.map(\.utf8.count).max() ?? 1, 1)
  }
}
