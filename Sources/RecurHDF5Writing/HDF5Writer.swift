import CHDF5
package import RecurTensors

/// Writes HDF5 files in h5py's default form.
///
/// The form is superblock 0, groups as symbol tables, object headers of version 1, contiguous data
/// and no times, so the same tree gives the same bytes. libhdf5 lays the file out in memory and
/// opens no file; see ``HDF5Image``.
package enum HDF5Writer {
  /// Writes the file whose root is `root`.
  ///
  /// - Throws: what ``image(of:)`` throws before anything is written, then what `sink` throws.
  package static func write<Sink: ByteSink & ~Copyable>(
    _ root: HDF5Node, to sink: inout Sink
  ) throws(CheckpointError) {
    try image(of: root).write(to: &sink)
  }

  /// Lays out the file whose root is `root`, a group.
  ///
  /// - Throws: `hdf5.write.unrepresentable` when HDF5 can't represent a name, an attribute or a
  ///   shape, `hdf5.write.failed` when libhdf5 refuses; both errors name the path.
  package static func image(of root: HDF5Node) throws(CheckpointError) -> HDF5Image {
    guard case .group = root.content else {
      throw .unrepresentable("the root of a file is a dataset", expected: "a group")
    }
    return try HDF5Library.exclusively { () throws(CheckpointError) in
      try HDF5Library.quietly { () throws(CheckpointError) in try layOut(root) }
    }
  }

  private static func layOut(_ root: HDF5Node) throws(CheckpointError) -> HDF5Image {
    let canvas = try HDF5Canvas()
    let driver = try HDF5Handle(
      recur_driver_register(), "register a file driver", release: H5FDunregister)
    let access = try HDF5Handle(
      H5Pcreate(recur_file_access()), "make a property list", release: H5Pclose)
    try canvas.receive(from: access.id, driver: driver.id)
    try HDF5Library.checked(recur_use_earliest_format(access.id), "choose the file format")
    let file = try HDF5Handle(
      unsafe recur_create_file("recur", access.id), "begin a file", release: H5Fclose)
    var tree = try HDF5TreeWriter()
    try tree.write(root, into: file.id)
    try file.close("finish the file")
    return try HDF5Image(canvas, tree.placements)
  }
}
