package import RecurModel
package import RecurTensors

/// Another model that the same file may mean, where it leaves open what it means.
package struct ModelReading: Sendable {
  /// How the file is read, in words: `the last timestep is read`.
  package var words: [String]
  /// The model that it is then.
  package var model: Model
  /// What says so.
  package var remedy: Diagnostic.Remedy

  /// Names a model that the file may mean.
  package init(_ words: [String], _ model: Model, remedy: Diagnostic.Remedy) {
    self.words = words
    self.model = model
    self.remedy = remedy
  }

  /// The hypothesis that this is what was recorded.
  var hypothesis: Hypothesis {
    let text = words.joined(separator: ", ")
    return Hypothesis(
      kind: .reading, claim: "another reading was recorded than was assumed: \(text)",
      expected: text, found: "nothing in the file says so, and something else was assumed",
      remedies: [remedy]
    ) { trial in
      var copy = trial
      copy.model = model
      return copy
    }
  }

  /// A mistake in the model that the file means when it is read so.
  func with(_ mistake: Hypothesis) -> Hypothesis {
    var both = mistake
    both.claim += "; and \(words.joined(separator: ", "))"
    both.apply = { (trial: Hypothesis.Trial) throws(CheckpointError) -> Hypothesis.Trial? in
      var copy = trial
      copy.model = model
      return try mistake.apply(copy)
    }
    return both
  }
}
