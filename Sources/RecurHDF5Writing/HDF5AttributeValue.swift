package import RecurTensors

/// The value of an attribute, in the forms that h5py gives to Python's values.
package enum HDF5AttributeValue: Sendable {
  /// The character set an attribute's datatype names; the bytes are UTF-8 either way.
  package enum CharacterSet: Sendable {
    /// What h5py writes for `bytes`.
    case ascii
    /// What h5py writes for `str`.
    case utf8
  }

  /// A scalar string of variable length; it may be megabytes long.
  case string(String, CharacterSet)
  /// A list of strings of variable length, 16 bytes each in the attribute itself.
  ///
  /// No strings at all are an array of float64 of shape `[0]`, as h5py writes an empty list.
  case strings([String], CharacterSet)
  /// A list of strings padded with zeros to the length of the longest, tagged ASCII, as h5py writes
  /// a NumPy array of type `S`.
  case fixedStrings([String])
  /// Numbers of any shape; rank 0 is a scalar.
  case tensor(Tensor)

  /// Bytes that an attribute may hold, which is what Keras allows itself.
  ///
  /// A message of an object header has a length of 16 bits, which name, type and shape share.
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

  /// The bytes it takes in the attribute's message; text of variable length is stored elsewhere.
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
