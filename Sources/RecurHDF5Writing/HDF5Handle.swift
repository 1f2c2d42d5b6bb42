import CHDF5
import RecurTensors

/// An open libhdf5 identifier; it is closed when this value ends.
struct HDF5Handle: ~Copyable {
  let id: hid_t
  private let release: @convention(c) (hid_t) -> herr_t

  /// Takes over `id`, which libhdf5 returned; `action` describes the call for messages.
  ///
  /// - Throws: `hdf5.write.failed` when `id` is a failure code.
  init(
    _ id: hid_t, _ action: String, release: @convention(c) (hid_t) -> herr_t
  ) throws(CheckpointError) {
    self.id = try HDF5Library.checked(id, action)
    self.release = release
  }

  /// Closes the identifier now, so that an error while closing is thrown.
  ///
  /// - Throws: `hdf5.write.failed`.
  consuming func close(_ action: String) throws(CheckpointError) {
    let (id, release) = (id, release)
    discard self
    try HDF5Library.checked(release(id), action)
  }

  deinit { _ = release(id) }
}
