/// The addresses at which passes read the caller's input or write the caller's output without a
/// copy.
///
/// ``bind(_:)`` sets the addresses before every run.
@safe struct CallerMemory: Sendable {
  /// One address field of one pass.
  @safe struct Binding: Sendable {
    /// The address of the field, to which the caller's address is written.
    nonisolated(unsafe) fileprivate let address: UnsafeMutableRawPointer
    /// The distance from the first number of the caller's buffer, in numbers.
    fileprivate let offset: Int

    init(_ address: UnsafeMutableRawPointer, offset: Int) {
      unsafe self.address = unsafe address
      self.offset = offset
    }
  }

  private let places: [Binding]

  init(_ places: [Binding]) { self.places = places }

  /// Whether no pass uses the caller's buffer; the numbers must then be copied.
  var isEmpty: Bool { places.isEmpty }

  /// Makes the passes read or write the caller's buffer that begins at `start`.
  @inline(__always)
  func bind(_ start: UnsafeMutablePointer<Float>) {
    for index in places.indices {
      let place = places[index]
      unsafe place.address.storeBytes(
        of: start + place.offset, as: UnsafeMutablePointer<Float>.self)
    }
  }
}
