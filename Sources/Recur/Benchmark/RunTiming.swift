/// How long something takes that can be done again and again.
package struct RunTiming: Sendable {
  /// The median time, in seconds.
  package let median: Double
  /// The shortest time, in seconds: what a machine can do when nothing disturbs it.
  package let best: Double

  /// Times `run` until `budget` is used up, at least 5 and at most 20 000 times, after a few runs that
  /// don't count.
  ///
  /// Runs shorter than a few reads of the clock are timed several at once, so that reading the clock
  /// doesn't count.
  package init<Failure: Error>(
    budget: Duration, _ run: () throws(Failure) -> Void
  ) throws(Failure) {
    let clock = ContinuousClock()
    try run()
    // The first runs of something short take many times as long as the later ones.
    var (once, trials) = (Double.infinity, 0)
    while trials == 0 || once < Self.leastInterval && trials < 20 {
      let begin = clock.now
      try run()
      once = min(once, max((clock.now - begin).seconds, 1e-9))
      trials += 1
    }
    let group = max(Int(Self.leastInterval / once), 1)
    var times: [Double] = []
    let start = clock.now
    while clock.now - start < budget && times.count < 20_000 || times.count < 5 {
      let begin = clock.now
      for _ in 0..<group { try run() }
      times.append((clock.now - begin).seconds / Double(group))
    }
    times.sort()
    median = (times[(times.count - 1) / 2] + times[times.count / 2]) / 2
    best = times[0]
  }

  /// The least time of one measurement, in seconds; shorter runs are timed several at once.
  private static let leastInterval = 20e-6
}

extension Duration {
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
