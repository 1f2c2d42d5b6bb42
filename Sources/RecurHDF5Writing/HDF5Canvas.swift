import CHDF5
import RecurTensors

/// The memory to which libhdf5 writes a file; parts that libhdf5 leaves out take no memory.
@safe struct HDF5Canvas: ~Copyable {
  private let image: UnsafeMutablePointer<recur_image>

  init() throws(CheckpointError) {
    guard let image = unsafe recur_image_make() else {
      throw Self.outOfMemory
    }
    unsafe self.image = unsafe image
  }

  /// Whether the allocation of memory succeeded for all that libhdf5 wrote.
  var isComplete: Bool { unsafe recur_image_is_incomplete(image) == 0 }

  /// The size of the file so far.
  var byteCount: Int { Int(clamping: unsafe recur_image_size(image)) }

  /// A copy of the bytes at `range`, with zeros where libhdf5 wrote nothing.
  func bytes(_ range: Range<Int>) -> ByteRegion {
    ByteRegion(
      unsafe ByteStorage(count: range.count) { target in
        unsafe recur_image_read(
          image, haddr_t(range.lowerBound), target.count,
          target.baseAddress?.assumingMemoryBound(to: UInt8.self))
      })
  }

  /// Redirects files that are opened with the property list `access` to this memory.
  func receive(from access: hid_t, driver: hid_t) throws(CheckpointError) {
    try HDF5Library.checked(
      unsafe recur_use_image(access, driver, image), "choose the file driver")
  }

  static let outOfMemory = CheckpointError(
    .hdf5WriteFailed, "can't lay the file out: no memory is left")

  deinit { unsafe recur_image_free(image) }
}
