import RecurTensors

extension Hypothesis {
  /// Mistake: the model was recorded on other numbers than the recording gives as inputs: they were
  /// scaled on the way, or they were standardized.
  static func inputs(of trial: Trial) -> [Hypothesis] {
    let sequences = trial.inputs.filter { $0.rank > 1 && $0.elementType.isFloatingPoint }
    guard sequences.count == 1, trial.inputs.count == 1 else { return [] }
    typealias Scaling = @Sendable (_ numbers: [Double], _ features: Int) -> [Double]
    let changes: [(words: String, code: String, scaling: Scaling)] = [
      ("divided by 255", "x / 255", { numbers, _ in numbers.map { $0 / 255 } }),
      ("multiplied by 255", "x * 255", { numbers, _ in numbers.map { $0 * 255 } }),
      (
        "scaled from 0…255 to -1…1", "x / 127.5 - 1",
        { numbers, _ in numbers.map { $0 / 127.5 - 1 } }
      ),
      ("divided by 32768", "x / 32768", { numbers, _ in numbers.map { $0 / 32768 } }),
      ("multiplied by 32768", "x * 32768", { numbers, _ in numbers.map { $0 * 32768 } }),
      (
        "standardized for each feature", "(x - x.mean((0, 1))) / x.std((0, 1))",
        { $0.standardized(every: $1) }
      ),
      (
        "standardized as a whole", "(x - x.mean()) / x.std()",
        { numbers, _ in numbers.standardized(every: 1) }
      ),
      (
        "scaled to 0…1 for each feature", "(x - x.min((0, 1))) / (x.max((0, 1)) - x.min((0, 1)))",
        { $0.scaledToOne(every: $1) }
      ),
      (
        "scaled to 0…1 as a whole", "(x - x.min()) / (x.max() - x.min())",
        { numbers, _ in numbers.scaledToOne(every: 1) }
      ),
    ]
    return changes.map { words, code, scaling in
      var hypothesis = Hypothesis(
        kind: .inputScale, claim: "the outputs were recorded on inputs that were \(words)",
        expected: "the recorded inputs", found: code,
        reason:
          "the inputs were prepared between where they were saved and where the model was called"
      ) { (trial: Trial) throws(CheckpointError) -> Trial? in
        var copy = trial
        let input = trial.inputs[0]
        let numbers = scaling(input.doubles(), max(input.shape.last ?? 1, 1))
        guard numbers.allSatisfy(\.isFinite) else { return nil }
        copy.inputs[0] = try input.replacingNumbers(numbers)
        return copy
      }
      hypothesis.repairsModel = false
      hypothesis.remedies = [.recording("x = \(code)   # save what the model is called with")]
      return hypothesis
    }
  }
}

extension [Double] {
  /// Less the mean, by the standard deviation, of every `features`-th number.
  fileprivate func standardized(every features: Int) -> [Double] {
    scaled(every: features) { numbers in
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)
      return (mean, variance.squareRoot())
    }
  }

  /// From the smallest to the largest of every `features`-th number.
  fileprivate func scaledToOne(every features: Int) -> [Double] {
    scaled(every: features) { numbers in
      let least = numbers.min() ?? 0
      return (least, (numbers.max() ?? 0) - least)
    }
  }

  private func scaled(
    every features: Int, by measure: ([Double]) -> (offset: Double, width: Double)
  ) -> [Double] {
    let measures = (0..<features).map { feature in
      measure(stride(from: feature, to: count, by: features).map { self[$0] })
    }
    return indices.map { index in
      let (offset, width) = measures[index % features]
      return (self[index] - offset) / width
    }
  }
}
