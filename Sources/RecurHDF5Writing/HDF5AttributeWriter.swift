import CHDF5
import RecurTensors

/// Writes the attributes of one open object.
struct HDF5AttributeWriter {
  let object: hid_t
  /// The object's path, for messages.
  let path: String

  func write(_ attributes: [HDF5Node.Attribute]) throws(CheckpointError) {
    var names: Set<Name> = []
    for attribute in attributes {
      try locating(object: "\(path)@\(attribute.name)") { () throws(CheckpointError) in
        guard !attribute.name.isEmpty, !attribute.name.utf8.contains(0) else {
          throw .unrepresentable("the attribute's name is empty or holds a zero byte")
        }
        guard names.insert(Name(attribute.name)).inserted else {
          throw .unrepresentable("the attribute '\(attribute.name)' is there twice")
        }
        try write(attribute)
      }
    }
  }

  private func write(_ attribute: HDF5Node.Attribute) throws(CheckpointError) {
    let size = attribute.value.byteCount
    guard size <= HDF5AttributeValue.largestByteCount else {
      throw .unrepresentable(
        "the attribute needs \(size) bytes, more than fit into an object header",
        expected: "at most \(HDF5AttributeValue.largestByteCount) bytes", found: "\(size) bytes")
    }
    switch attribute.value {
    case .string(let text, let characters):
      try write([text], shape: [], characters, to: attribute.name)
    case .strings(let texts, let characters):
      if texts.isEmpty {
        try write(Tensor.zeros(.float64, shape: [0]), to: attribute.name)
      } else {
        try write(texts, shape: [texts.count], characters, to: attribute.name)
      }
    case .fixedStrings(let texts): try write(texts, to: attribute.name)
    case .tensor(let tensor): try write(tensor, to: attribute.name)
    }
  }

  private func create(
    _ name: String, _ type: borrowing HDF5Handle, _ shape: [Int]
  ) throws(CheckpointError) -> HDF5Handle {
    let space = try HDF5Types.space(shape)
    return try HDF5Handle(
      unsafe H5Acreate2(object, name, type.id, space.id, 0, 0), "make an attribute",
      release: H5Aclose)
  }

  /// Writes strings of variable length: libhdf5 takes an array of pointers to the strings.
  private func write(
    _ texts: [String], shape: [Int], _ characters: HDF5AttributeValue.CharacterSet, to name: String
  ) throws(CheckpointError) {
    var bytes: [UInt8] = []
    var offsets: [Int] = []
    for text in texts {
      try Self.check(text)
      offsets.append(bytes.count)
      bytes += text.utf8
      bytes.append(0)
    }
    let type = try HDF5Types.text(characters)
    let attribute = try create(name, type, shape)
    let status = unsafe bytes.withUnsafeBytes { buffer in
      let pointers = unsafe offsets.map { unsafe buffer.baseAddress.unsafelyUnwrapped + $0 }
      return unsafe H5Awrite(attribute.id, type.id, pointers)
    }
    try HDF5Library.checked(status, "write an attribute")
  }

  private func write(_ texts: [String], to name: String) throws(CheckpointError) {
    let width = HDF5AttributeValue.width(of: texts)
    var bytes: [UInt8] = []
    for text in texts {
      try Self.check(text)
      bytes += text.utf8
      bytes += [UInt8](repeating: 0, count: width - text.utf8.count)
    }
    let type = try HDF5Types.text(width: width)
    let attribute = try create(name, type, [texts.count])
    guard !texts.isEmpty else { return }
    try HDF5Library.checked(unsafe H5Awrite(attribute.id, type.id, bytes), "write an attribute")
  }

  private func write(_ tensor: Tensor, to name: String) throws(CheckpointError) {
    let type = try HDF5Types.datatype(of: tensor.elementType)
    let attribute = try create(name, type, tensor.shape)
    guard tensor.count > 0 else { return }
    let bytes = try tensor.rowMajorBytes().bytes()
    try HDF5Library.checked(unsafe H5Awrite(attribute.id, type.id, bytes), "write an attribute")
  }

  private static func check(_ text: String) throws(CheckpointError) {
    guard !text.utf8.contains(0) else {
      throw .unrepresentable("a string holds a zero byte, which ends strings in HDF5")
    }
  }
}
