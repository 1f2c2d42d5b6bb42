import Foundation
package import RecurTensors
import Testing

/// How many damaged files a mutation test reads, and how long each may take.
package enum Mutations {
  /// The number of random cases: `RECUR_MUTATIONS`, or a few thousand.
  package static let count =
    ProcessInfo.processInfo.environment["RECUR_MUTATIONS"].flatMap { Int($0) } ?? 4_000
  /// A case should take less than 50 ms.
  ///
  /// On a busy machine it gets more time before the test fails.
  package static let limit = Duration.milliseconds(count > 100_000 ? 50 : 1_000)

  /// Numbers that look random and are the same in every run (Knuth's MMIX generator).
  package struct Generator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    /// A number from 0 up, below `bound`.
    package mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
  }

  /// Records an issue for every finding of `error` without a location, or with one outside the
  /// file.
  package static func expectLocated(_ error: CheckpointError, byteCount: Int) {
    for diagnostic in error.diagnostics {
      let location = diagnostic.location
      if location.file == nil && location.object == nil && location.bytes == nil {
        Issue.record("not located: \(diagnostic)")
      }
      if let range = location.bytes, range.upperBound > UInt64(byteCount) {
        Issue.record("located outside the file: \(diagnostic)")
      }
    }
  }
}
