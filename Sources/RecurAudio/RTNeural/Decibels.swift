#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Levels in decibels.
enum Decibels {
  /// The factor that changes an amplitude by so many decibels.
  static func factor(_ decibels: Double) -> Double { pow(10, decibels / 20) }
}
