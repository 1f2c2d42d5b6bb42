import Recur
import Testing

@Suite("Timing runs")
struct RunTimingTests {
  @Test("makes runs that don't count and at least five that do") func runs() {
    var count = 0
    let timing = RunTiming(budget: .zero) { count += 1 }
    #expect(count >= 7)
    #expect(timing.best > 0)
    #expect(timing.best <= timing.median)
  }

  @Test("ends with the first error") func errors() {
    struct Stopped: Error {}
    var count = 0
    #expect(throws: Stopped.self) {
      try RunTiming(budget: .seconds(60)) { () throws(Stopped) in
        count += 1
        if count == 3 { throw Stopped() }
      }
    }
    #expect(count == 3)
  }
}
