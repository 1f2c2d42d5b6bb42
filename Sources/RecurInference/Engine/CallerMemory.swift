/// Where passes read the numbers of a caller, or write them for it, so that nothing is copied.
///
/// Bound to an address before every run.
@safe struct CallerMemory: Sendable {
  /// One address of one pass.
  @safe struct Binding: Sendable {
    /// Where the pass keeps the address.
    nonisolated(unsafe) fileprivate let address: UnsafeMutableRawPointer
    /// How many numbers after the first it is.
    fileprivate let offset: Int

    init(_ address: UnsafeMutableRawPointer, offset: Int) {
      unsafe self.address = unsafe address
      self.offset = offset
    }
  }

  private let places: [Binding]

  init(_ places: [Binding]) { self.places = places }

  /// Whether no pass reads or writes here: the numbers must be copied.
  var isEmpty: Bool { places.isEmpty }

  /// Lets the passes read and write from `start` on.
  @inline(__always)
  func bind(_ start: UnsafeMutablePointer<Float>) {
    for index in places.indices {
      let place = places[index]
      unsafe place.address.storeBytes(
        of: start + place.offset, as: UnsafeMutablePointer<Float>.self)
    }
  }
}
