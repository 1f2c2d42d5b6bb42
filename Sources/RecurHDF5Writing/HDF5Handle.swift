import CHDF5
import RecurTensors

/// Something libhdf5 has open, closed when this value ends.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let release: @convention(c) (hid_t) -> herr_t

  /// Takes over `id`, which libhdf5 returned for what `action` says.
  ///
  /// - Throws: `hdf5.write.failed` when it is not an identifier but a failure.
  init(
    _ id: hid_t, _ action: String, release: @convention(c) (hid_t) -> herr_t
  ) throws(CheckpointError) {
    self.id = try HDF5Library.checked(id, action)
    self.release = release
  }

  /// Closes it now, for what may still fail while closing.
  ///
  /// - Throws: `hdf5.write.failed`.
  consuming func close(_ action: String) throws(CheckpointError) {
    let (id, release) = (id, release)
    discard self
    try HDF5Library.checked(release(id), action)
  }

  deinit { _ = release(id) }
}
