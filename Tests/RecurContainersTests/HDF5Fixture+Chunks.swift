import CHDF5
import RecurTensors

/// The layout of a chunked dataset of a fixture.
struct ChunkedShape {
  var shape: [Int]
  /// The extents it may grow to; nil where there is no limit.
  var largest: [Int?]
  var chunk: [Int]
  var filters: Set<Filter> = []
  var isWrittenEarly = false
  /// Whether chunks that stick out of the array are stored without filters.
  var leavesPartialUnfiltered = false

  enum Filter { case deflate, shuffle, fletcher32, scaleOffset }

  var count: Int { shape.reduce(1, *) }
}

extension HDF5FixtureWriter {
  /// A dataset of int32 with `values`, or never written when there are none.
  func chunked(_ path: String, _ form: ChunkedShape, _ values: [Int32]) throws {
    let largest = form.largest.map { $0.map { hsize_t($0) } ?? hsize_t.max }
    let extents = form.shape.map { hsize_t($0) }
    let space = try checked(
      unsafe H5Screate_simple(CInt(extents.count), extents, largest), "H5Screate_simple")
    defer { H5Sclose(space) }
    let creation = try checked(H5Pcreate(recur_dataset_creation()), "H5Pcreate")
    defer { H5Pclose(creation) }
    let chunk = form.chunk.map { hsize_t($0) }
    _ = try checked(unsafe H5Pset_chunk(creation, CInt(chunk.count), chunk), "H5Pset_chunk")
    if form.filters.contains(.shuffle) { _ = try checked(H5Pset_shuffle(creation), "shuffle") }
    if form.filters.contains(.deflate) { _ = try checked(H5Pset_deflate(creation, 6), "deflate") }
    if form.filters.contains(.fletcher32) {
      _ = try checked(H5Pset_fletcher32(creation), "fletcher32")
    }
    if form.filters.contains(.scaleOffset) {
      _ = try checked(H5Pset_scaleoffset(creation, H5Z_SO_INT, 0), "scaleoffset")
    }
    if form.isWrittenEarly { _ = try checked(recur_write_early(creation), "early") }
    if form.leavesPartialUnfiltered {
      _ = try checked(H5Pset_chunk_opts(creation, 2), "H5Pset_chunk_opts")
    }
    let dataset = try checked(
      unsafe H5Dcreate2(file, path, recur_int32(), space, 0, creation, 0), "H5Dcreate2")
    defer { H5Dclose(dataset) }
    guard !values.isEmpty else { return }
    _ = try checked(unsafe H5Dwrite(dataset, recur_int32(), 0, 0, 0, values), "H5Dwrite")
  }

  /// Stores `bytes` as the chunk of `path` that begins at `offset`, as if the filters in `mask` had
  /// been left out.
  func chunk(_ path: String, at offset: [Int], mask: UInt32, _ bytes: [UInt8]) throws {
    let dataset = try checked(unsafe H5Dopen2(file, path, 0), "H5Dopen2")
    defer { H5Dclose(dataset) }
    let offset = offset.map { hsize_t($0) }
    _ = try checked(
      unsafe H5Dwrite_chunk(dataset, 0, mask, offset, bytes.count, bytes), "H5Dwrite_chunk")
  }

  /// Changes the extents of `path`.
  func resize(_ path: String, to shape: [Int]) throws {
    let dataset = try checked(unsafe H5Dopen2(file, path, 0), "H5Dopen2")
    defer { H5Dclose(dataset) }
    _ = try checked(unsafe H5Dset_extent(dataset, shape.map { hsize_t($0) }), "H5Dset_extent")
  }

  /// A group that keeps the order in which its links and attributes are made.
  func orderedGroup(_ path: String) throws {
    let creation = try checked(H5Pcreate(recur_group_creation()), "H5Pcreate")
    defer { H5Pclose(creation) }
    let order = UInt32(H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
    _ = try checked(H5Pset_link_creation_order(creation, order), "H5Pset_link_creation_order")
    _ = try checked(H5Pset_attr_creation_order(creation, order), "H5Pset_attr_creation_order")
    let group = try checked(unsafe H5Gcreate2(file, path, 0, creation, 0), "H5Gcreate2")
    H5Gclose(group)
  }

  /// A group whose links are deflated once they are in a heap.
  func deflatedGroup(_ path: String) throws {
    let creation = try checked(H5Pcreate(recur_group_creation()), "H5Pcreate")
    defer { H5Pclose(creation) }
    _ = try checked(H5Pset_deflate(creation, 6), "H5Pset_deflate")
    let group = try checked(unsafe H5Gcreate2(file, path, 0, creation, 0), "H5Gcreate2")
    H5Gclose(group)
  }

  /// A link of kind 200, which only a program that registered that kind could follow.
  func userDefinedLink(_ path: String) throws {
    var link = unsafe H5L_class_t()
    unsafe link.version = H5L_LINK_CLASS_T_VERS
    unsafe link.id = H5L_type_t(rawValue: 200)
    unsafe link.trav_func = { _, _, _, _, _, _ in -1 }
    _ = try checked(unsafe H5Lregister(&link), "H5Lregister")
    defer { H5Lunregister(H5L_type_t(rawValue: 200)) }
    _ = try checked(
      unsafe H5Lcreate_ud(file, path, H5L_type_t(rawValue: 200), [0], 1, 0, 0), "H5Lcreate_ud")
  }

  /// A dataset whose numbers are those of another file.
  func virtualDataset(_ path: String, of other: String) throws {
    let space = try space([4])
    defer { H5Sclose(space) }
    let creation = try checked(H5Pcreate(recur_dataset_creation()), "H5Pcreate")
    defer { H5Pclose(creation) }
    _ = try checked(
      unsafe H5Pset_virtual(creation, space, other, "/w", space), "H5Pset_virtual")
    let dataset = try checked(
      unsafe H5Dcreate2(file, path, recur_float(), space, 0, creation, 0), "H5Dcreate2")
    H5Dclose(dataset)
  }

  /// A named datatype, and a dataset and an attribute of the root that use it.
  func namedDatatype(_ path: String, usedBy user: String) throws {
    let type = try checked(H5Tcopy(recur_float()), "H5Tcopy")
    defer { H5Tclose(type) }
    _ = try checked(unsafe H5Tcommit2(file, path, type, 0, 0, 0), "H5Tcommit2")
    try dataset("/" + user, type: type, shape: [2], [UInt8](repeating: 0, count: 8))
    let space = try space([])
    defer { H5Sclose(space) }
    let root = try checked(unsafe H5Oopen(file, "/", 0), "H5Oopen")
    defer { H5Oclose(root) }
    H5Aclose(try checked(unsafe H5Acreate2(root, user, type, space, 0, 0), "H5Acreate2"))
  }

  /// An attribute without elements and without extents.
  func nullAttribute(_ name: String, on path: String) throws {
    let space = try checked(H5Screate(H5S_NULL), "H5Screate")
    defer { H5Sclose(space) }
    let object = try checked(unsafe H5Oopen(file, path, 0), "H5Oopen")
    defer { H5Oclose(object) }
    H5Aclose(
      try checked(unsafe H5Acreate2(object, name, recur_float(), space, 0, 0), "H5Acreate2"))
  }
}

/// Small files that together have every structure that this reader knows.
enum HDF5Samples {
  struct Sample {
    let name: String
    let bytes: [UInt8]
  }

  static func all() throws -> [Sample] {
    var samples: [Sample] = []
    for format in HDF5Fixture.Format.allCases {
      func add(_ name: String, _ body: (HDF5FixtureWriter) throws -> Void) throws {
        samples.append(
          Sample(name: "\(format) \(name)", bytes: try HDF5Fixture.bytes(format, body)))
      }
      try add("groups") { writer in
        try writer.group("/few")
        for index in 0..<3 { try writer.group("/few/child_\(index)") }
        try writer.unicodeGroup("/é")
        try writer.orderedGroup("/many")
        for index in 0..<20 { try writer.group("/many/child_\(19 - index)") }
        try writer.floats("/few/w", shape: [2, 3], [1, 2, 3, 4, 5, 6])
      }
      try add("attributes") { writer in
        try writer.orderedGroup("/g")
        for index in 0..<12 { try writer.doubles("n\(index)", on: "/g", [1, 2]) }
        try writer.variableStrings("names", on: "/g", ["a", "bc", "é"])
        if format != .earliest {
          try writer.doubles("large", on: "/g", [Double](repeating: 1, count: 600))
        }
        try writer.floats("/w", shape: [4], [1, 2, 3, 4])
        try writer.fixedStrings("unit", on: "/w", ["m"], width: 4)
        try writer.nullAttribute("nothing", on: "/w")
      }
      try add("chunks") { writer in
        for (name, form) in HDF5LatestTests.forms {
          try writer.chunked("/" + name, form, (0..<Int32(form.count)).map { $0 * 3 })
        }
      }
    }
    return samples
  }
}
