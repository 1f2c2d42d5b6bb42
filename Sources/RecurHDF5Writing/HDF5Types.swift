import CHDF5
import RecurTensors

/// The datatypes and dataspaces of written data: all little-endian, chosen as h5py chooses them.
enum HDF5Types {
  /// The type of one element of a tensor, in the file and in memory.
  static func datatype(of element: ElementType) throws(CheckpointError) -> HDF5Handle {
    let predefined: hid_t? =
      switch element {
      case .float32: recur_stored_float()
      case .float64: recur_stored_double()
      case .int8: recur_stored_int8()
      case .int16: recur_stored_int16()
      case .int32: recur_stored_int32()
      case .int64: recur_stored_int64()
      case .uint8: recur_stored_uint8()
      case .uint16: recur_stored_uint16()
      case .uint32: recur_stored_uint32()
      case .uint64: recur_stored_uint64()
      case .float16, .bfloat16, .bool: nil
      case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ, .float8E8M0FNU,
        .complex64, .complex128:
        throw .unrepresentable(
          "arrays of \(element) are not written to HDF5", expected: "a type that Keras reads",
          found: "\(element)")
      }
    if let predefined {
      return try HDF5Handle(H5Tcopy(predefined), "copy the type \(element)", release: H5Tclose)
    }
    let made =
      switch element {
      case .float16: recur_half()
      // HDF5 has no bfloat16; h5py stores opaque elements of two bytes without a tag.
      case .bfloat16: recur_opaque(2)
      default: recur_boolean()
      }
    return try HDF5Handle(made, "make the type \(element)", release: H5Tclose)
  }

  /// Strings of variable length.
  static func text(
    _ characters: HDF5AttributeValue.CharacterSet
  ) throws(CheckpointError) -> HDF5Handle {
    let type =
      switch characters {
      case .ascii: recur_variable_string()
      case .utf8: recur_unicode_string()
      }
    return try HDF5Handle(type, "make a type of strings", release: H5Tclose)
  }

  /// Strings of `width` bytes, padded with zeros.
  static func text(width: Int) throws(CheckpointError) -> HDF5Handle {
    try HDF5Handle(recur_fixed_string(width, 0), "make a type of strings", release: H5Tclose)
  }

  /// The dataspace of an array of `shape`; a scalar for `[]`.
  static func space(_ shape: [Int]) throws(CheckpointError) -> HDF5Handle {
    guard !shape.isEmpty else {
      return try HDF5Handle(recur_scalar_space(), "make a scalar", release: H5Sclose)
    }
    guard shape.count <= 32 else {
      throw .unrepresentable(
        "\(shape.count) dimensions are more than HDF5 has", expected: "at most 32 dimensions",
        found: "\(shape.count)")
    }
    let extents = shape.map { hsize_t($0) }
    // h5py sets the largest extents to the extents themselves.
    return try HDF5Handle(
      unsafe H5Screate_simple(CInt(shape.count), extents, nil), "make an array of \(shape)",
      release: H5Sclose)
  }
}
