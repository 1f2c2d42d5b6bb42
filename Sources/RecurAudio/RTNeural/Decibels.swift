#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Android)
  import Android
#elseif canImport(Darwin)
  import Darwin
#endif

/// Levels in decibels.
enum Decibels {
  /// The factor that changes an amplitude by so many decibels.
  static func factor(_ decibels: Double) -> Double { pow(10, decibels / 20) }

  /// The decibels that a factor above 0 is.
  static func level(_ factor: Double) -> Double { 20 * log10(factor) }
}
