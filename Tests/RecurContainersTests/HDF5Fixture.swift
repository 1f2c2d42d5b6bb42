import CHDF5
import Foundation
import RecurContainers
import RecurHDF5Writing
import RecurTensors
import RecurTestSupport
import Testing

/// Files made by libhdf5, the reference for what this package reads.
enum HDF5Fixture {
  /// The bytes of the file that `body` fills.
  static func bytes(
    _ format: Format = .earliest, _ body: (HDF5FixtureWriter) throws -> Void
  ) throws -> [UInt8] {
    try HDF5Library.exclusively {
      try TestData.withFolder { folder in
        let url = folder.appending(path: "fixture.h5")
        let access = try checked(H5Pcreate(recur_file_access()), "H5Pcreate")
        defer { H5Pclose(access) }
        try checked(H5Pset_libver_bounds(access, format.low, H5F_LIBVER_V110), "libver")
        let file = try checked(
          unsafe recur_create_file(url.path(percentEncoded: false), access), "H5Fcreate")
        do {
          try body(HDF5FixtureWriter(file: file))
        } catch {
          H5Fclose(file)
          throw error
        }
        try checked(H5Fclose(file), "H5Fclose")
        return try [UInt8](Data(contentsOf: url))
      }
    }
  }

  /// The file that `body` fills, as this package reads it.
  static func file(
    _ format: Format = .earliest, _ body: (HDF5FixtureWriter) throws -> Void
  ) throws -> HDF5File {
    try HDF5File(TestData.region(bytes(format, body)))
  }

  /// The oldest structures that libhdf5 may choose, as h5py's `libver`.
  enum Format: String, CaseIterable, CustomTestStringConvertible {
    case earliest, v18, latest

    var testDescription: String { rawValue }

    fileprivate var low: H5F_libver_t {
      switch self {
      case .earliest: H5F_LIBVER_EARLIEST
      case .v18: H5F_LIBVER_V18
      case .latest: H5F_LIBVER_V110
      }
    }
  }

  struct Failure: Error {
    let call: String
  }

  @discardableResult
  static func checked<Status: SignedInteger>(
    _ status: Status, _ call: String
  ) throws -> Status {
    guard status >= 0 else { throw Failure(call: call) }
    return status
  }
}

/// Writes groups, datasets, attributes and links with libhdf5.
struct HDF5FixtureWriter {
  enum Layout { case contiguous, compact, chunked, deflated, external, unwritten }

  let file: hid_t

  func checked<Status: SignedInteger>(
    _ status: Status, _ call: String
  ) throws -> Status {
    try HDF5Fixture.checked(status, call)
  }

  func group(_ path: String) throws {
    let group = try checked(unsafe H5Gcreate2(file, path, 0, 0, 0), "H5Gcreate2")
    H5Gclose(group)
  }

  /// A group whose link says that its name is UTF-8, as h5py does for names beyond ASCII.
  func unicodeGroup(_ path: String) throws {
    let list = try checked(H5Pcreate(recur_link_creation()), "H5Pcreate")
    defer { H5Pclose(list) }
    _ = try checked(H5Pset_char_encoding(list, H5T_CSET_UTF8), "H5Pset_char_encoding")
    let group = try checked(unsafe H5Gcreate2(file, path, list, 0, 0), "H5Gcreate2")
    H5Gclose(group)
  }

  func space(_ shape: [Int]) throws -> hid_t {
    guard !shape.isEmpty else { return try checked(recur_scalar_space(), "H5Screate") }
    let extents = shape.map { hsize_t($0) }
    return try checked(
      unsafe H5Screate_simple(CInt(shape.count), extents, nil), "H5Screate_simple")
  }

  /// A dataset of `type` (as it is in memory and in the file) with `bytes` as its data.
  func dataset(
    _ path: String, type: hid_t, shape: [Int], _ bytes: [UInt8], layout: Layout = .contiguous
  ) throws {
    let space = try space(shape)
    defer { H5Sclose(space) }
    let creation = try checked(H5Pcreate(recur_dataset_creation()), "H5Pcreate")
    defer { H5Pclose(creation) }
    switch layout {
    case .contiguous, .unwritten: break
    case .compact: _ = try checked(recur_use_compact_layout(creation), "H5Pset_layout")
    case .chunked, .deflated:
      let chunk = shape.map { hsize_t(max(1, $0 / 2)) }
      _ = try checked(unsafe H5Pset_chunk(creation, CInt(chunk.count), chunk), "H5Pset_chunk")
      if layout == .deflated { _ = try checked(H5Pset_deflate(creation, 6), "H5Pset_deflate") }
    case .external:
      _ = try checked(
        unsafe H5Pset_external(creation, "/dev/null", 0, hsize_t(bytes.count)), "H5Pset_external")
    }
    let dataset = try checked(
      unsafe H5Dcreate2(file, path, type, space, 0, creation, 0), "H5Dcreate2")
    defer { H5Dclose(dataset) }
    guard layout != .unwritten, layout != .external, !bytes.isEmpty else { return }
    _ = try checked(unsafe H5Dwrite(dataset, type, 0, 0, 0, bytes), "H5Dwrite")
  }

  func floats(_ path: String, shape: [Int], _ values: [Float]) throws {
    try dataset(
      path, type: recur_float(), shape: shape, values.map(\.bitPattern).littleEndianBytes)
  }

  private func attribute(
    _ name: String, on path: String, type: hid_t, shape: [Int]?, _ write: (hid_t) -> herr_t
  ) throws {
    let object = try checked(unsafe H5Oopen(file, path, 0), "H5Oopen")
    defer { H5Oclose(object) }
    let space = try space(shape ?? [])
    defer { H5Sclose(space) }
    let attribute = try checked(unsafe H5Acreate2(object, name, type, space, 0, 0), "H5Acreate2")
    defer { H5Aclose(attribute) }
    _ = try checked(write(attribute), "H5Awrite")
  }

  /// Strings padded to `width` bytes, as h5py writes a NumPy `S` array; a scalar when `shape` is [].
  func fixedStrings(
    _ name: String, on path: String, _ strings: [String], width: Int, shape: [Int]? = nil,
    isBlankPadded: Bool = false
  ) throws {
    let type = recur_fixed_string(width, isBlankPadded ? 1 : 0)
    defer { H5Tclose(type) }
    let bytes = strings.flatMap { text in
      let bytes = Array(text.utf8)
      return bytes + [UInt8](repeating: isBlankPadded ? 0x20 : 0, count: width - bytes.count)
    }
    try attribute(name, on: path, type: type, shape: shape ?? [strings.count]) {
      unsafe H5Awrite($0, type, bytes)
    }
  }

  /// Strings of variable length, as Keras writes its configuration; a scalar when `shape` is [].
  func variableStrings(
    _ name: String, on path: String, _ strings: [String], shape: [Int]? = nil
  ) throws {
    let type = recur_variable_string()
    defer { H5Tclose(type) }
    let pointers = unsafe strings.map { unsafe strdup($0) }
    defer { unsafe pointers.forEach { unsafe free($0) } }
    try attribute(name, on: path, type: type, shape: shape ?? [strings.count]) {
      unsafe H5Awrite($0, type, pointers)
    }
  }

  /// Numbers; no values at all are the empty list that h5py writes for `[]`.
  func doubles(_ name: String, on path: String, _ values: [Double]) throws {
    try attribute(name, on: path, type: recur_double(), shape: [values.count]) {
      values.isEmpty ? 0 : unsafe H5Awrite($0, recur_double(), values)
    }
  }

  func hardLink(_ path: String, to target: String) throws {
    _ = try checked(unsafe recur_hard_link(file, target, path), "H5Lcreate_hard")
  }

  func softLink(_ path: String, to target: String) throws {
    _ = try checked(unsafe recur_soft_link(file, target, path), "H5Lcreate_soft")
  }

  func externalLink(_ path: String, to target: String, in other: String) throws {
    _ = try checked(unsafe recur_external_link(file, other, target, path), "H5Lcreate_external")
  }
}

extension HDF5File {
  /// The strings of an attribute as text; nil when there is none.
  mutating func texts(_ name: String, of path: String) throws -> [String?]? {
    guard let object = self[path] else { return nil }
    return try strings(name, of: object)?.map { $0.text() }
  }

  /// Reads every attribute and every dataset; returns how many things it read.
  mutating func readEverything() throws -> Int {
    var count = 0
    for object in objects {
      count += 1
      for name in try object.attributeNames() { count += try strings(name, of: object)?.count ?? 0 }
      if object.isDataset { count += try tensor(object).doubles().count }
      count += children(of: object.path).count
    }
    return count
  }
}
