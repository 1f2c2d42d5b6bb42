import RecurTensors
import RecurTestSupport
import RecurVerification
import Testing

@Suite("Comparing outputs")
struct ComparisonTests {
  private func compare(
    _ expected: [Double], _ actual: [Double], shape: [Int]? = nil, atol: Double = 1e-3,
    rtol: Double = 0
  ) throws -> Comparison {
    let shape = shape ?? [expected.count]
    return try Comparison(
      "out_0", expected: .float64(expected, shape: shape), actual: .float64(actual, shape: shape),
      tolerance: Tolerance(absolute: atol, relative: rtol))
  }

  @Test("first and worst are found with batch, timestep and unit") func places() throws {
    let expected = [Double](repeating: 0, count: 12)
    var actual = expected
    actual[5] = 0.01
    actual[9] = -0.5
    let comparison = try compare(expected, actual, shape: [2, 3, 2])
    #expect(!comparison.matches)
    #expect(comparison.outside == 2)
    #expect(comparison.first?.place == "batch 0, timestep 2, unit 1")
    #expect(comparison.worst?.place == "batch 1, timestep 1, unit 1")
    #expect(comparison.passingTolerance == 0.5)
    #expect(comparison.band == .semantic)
  }

  @Test("the smallest tolerance that passes does pass, and the next smaller does not")
  func passing() throws {
    let tolerance = try compare([0.1, 0.7], [0.1004, 0.699], atol: 1e-6).passingTolerance
    #expect(try compare([0.1, 0.7], [0.1004, 0.699], atol: tolerance).matches)
    #expect(try !compare([0.1, 0.7], [0.1004, 0.699], atol: tolerance.nextDown).matches)
  }

  @Test(
    "NaN never matches, on either side or both",
    arguments: [(Double.nan, 0.0), (0.0, Double.nan), (Double.nan, Double.nan)])
  func nan(expected: Double, actual: Double) throws {
    let comparison = try compare([1, expected], [1, actual], atol: .greatestFiniteMagnitude)
    #expect(!comparison.matches)
    #expect(comparison.outside == 1)
    #expect(comparison.passingTolerance == .infinity)
    #expect(comparison.worst?.index == [1])
  }

  @Test("equal infinities match, others never do") func infinities() throws {
    #expect(try compare([.infinity], [.infinity]).matches)
    #expect(try !compare([.infinity], [-.infinity], atol: .greatestFiniteMagnitude).matches)
    #expect(try !compare([.infinity], [1], atol: .greatestFiniteMagnitude, rtol: 1).matches)
  }

  @Test("what is printed of one is the line and the finding of the command line")
  func description() throws {
    #expect(
      try compare([0.5], [0.5]).description
        == "out_0  [1]  max |diff| 0  tolerance 1.0e-03  PASS")
    let comparison = try compare([0.5, 0.25], [0.5, 0.75], rtol: 1e-2)
    #expect(
      comparison.description == """
        out_0  [2]  max |diff| 5.0e-01  tolerance 1.0e-03 + 1.0e-02·|recorded|  FAIL
        error[verify.mismatch]: 1 of 2 values of 'out_0' are not what was recorded
          --> out_0
          expected: |diff| ≤ 1.0e-03 + 1.0e-02·|recorded|
          found: |diff| up to 5.0e-01
          note: first: axis 0 1: recorded 0.25, computed 0.75, |diff| 5.0e-01
          note: worst: axis 0 1: recorded 0.25, computed 0.75, |diff| 5.0e-01
          note: an absolute tolerance of 5.0000000000000011e-01 would pass, and nothing smaller
          note: a difference of this size is typical of another computation
        """)
    #expect(
      try compare([0], [.nan]).description.contains("no tolerance would pass: NaN or infinities"))
  }

  @Test("bands follow the size of the difference")
  func bands() throws {
    #expect(try compare([0.5], [0.5 + 5e-4], atol: 1e-6).band == .half)
    #expect(try compare([0.5], [0.5 + 3e-3], atol: 1e-6).band == .brain)
    #expect(try compare([0.5], [0.5 + 1e-2], atol: 1e-6).band == .semantic)
    #expect(try compare([0.5], [0.5], atol: 0).band == .noise)
  }

  @Test("another shape is no comparison") func shape() throws {
    let diagnostic = expectDiagnostic("verify.shape") {
      try Comparison(
        "out_0", expected: .float64([1, 2], shape: [1, 2]),
        actual: .float64([1, 2, 3, 4], shape: [1, 2, 2]),
        tolerance: Tolerance(absolute: 1, relative: 0))
    }
    #expect(diagnostic?.facts == [.difference(.returnedTimesteps)])
    #expect(diagnostic?.remedies == [.returnSequences(false)])
  }

  @Test("the derived tolerance follows the noise, within its bounds") func derived() {
    func absolute(_ noise: Double, _ scale: Double) -> Double {
      Tolerance.derived(noise: noise, scale: scale, precision: .full).absolute
    }
    #expect(absolute(1e-7, 1) == 32e-7)
    #expect(absolute(0, 1) == 1e-6)
    #expect(absolute(1, 1) == 1e-4)
    #expect(absolute(1, 100) == 1e-2)
    #expect(absolute(.nan, .infinity) == 1e-6)
    #expect(
      Tolerance.derived(noise: 0, scale: 9, precision: .half)
        == Tolerance(absolute: 1e-3, relative: 3e-3))
  }
}
