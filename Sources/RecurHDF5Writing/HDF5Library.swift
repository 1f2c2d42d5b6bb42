import CHDF5
import RecurTensors
import Synchronization

/// The only access to libhdf5: one caller at a time, no printed errors, no plugins.
package enum HDF5Library {
  // libhdf5 keeps its state in globals, and many builds of it are not thread-safe.
  private static let door = Mutex<Void>(())

  /// Runs `body` while no other thread of this package uses libhdf5.
  package static func exclusively<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
    try door.withLock { (_: inout sending Void) throws(E) in try body() }
  }

  /// Runs `body` without libhdf5's error output and plugins, and restores both settings afterwards.
  static func quietly<R>(
    _ body: () throws(CheckpointError) -> R
  ) throws(CheckpointError) -> R {
    try checked(H5open(), "start libhdf5")
    var print: H5E_auto2_t?
    var printData: UnsafeMutableRawPointer?
    var plugins: UInt32 = 0
    unsafe H5Eget_auto2(hid_t(H5E_DEFAULT), &print, &printData)
    unsafe H5PLget_loading_state(&plugins)
    H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
    H5PLset_loading_state(0)
    defer {
      H5PLset_loading_state(plugins)
      unsafe H5Eset_auto2(hid_t(H5E_DEFAULT), print, printData)
    }
    return try body()
  }

  /// Passes on `result` of a libhdf5 call; a negative result is a failure of `action`.
  ///
  /// - Throws: `hdf5.write.failed` with libhdf5's own message.
  @discardableResult
  static func checked<Result: SignedInteger>(
    _ result: Result, _ action: String
  ) throws(CheckpointError) -> Result {
    guard result < 0 else { return result }
    var text = [CChar](repeating: 0, count: 2_048)
    let count = unsafe recur_error_text(&text, text.count)
    let words = String(
      decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    throw CheckpointError(
      .hdf5WriteFailed, "can't \(action)",
      notes: words.isEmpty ? [] : ["libhdf5 says: \(words)"])
  }
}
