package import RecurModel
package import RecurTensors

/// How the users of one framework speak and write: names, shapes, and what is done about a finding.
///
/// What is below the formats finds facts and names remedies as values. A convention is the one place
/// that says them in its framework's words; ``RecurTensors/Diagnostic/explained(by:)`` asks it.
package protocol Convention: Sendable {
  /// What people call the framework.
  var name: String { get }
  /// Its name in reports for programs.
  var id: String { get }
  /// Where its code runs.
  var tool: Diagnostic.Fix.Tool { get }
  /// How it packs the gates of recurrent layers, and what it calls them.
  var recurrent: RecurrentConventions { get }
  /// How its models are called with sequences of different lengths.
  var padding: PaddingConvention { get }
  /// Whether the states of a module are one array: the stacked form of ``RecurModel/StateShapes``.
  var stacksStates: Bool { get }
  /// The constructor of a recurrent layer that puts out every timestep; nil where code selects what is
  /// put out, and constructors say nothing of it.
  func returningSequences(_ layer: Layer) -> String?
  /// A remedy in the framework's code, one line per way to do it; nothing where it has none.
  func code(for remedy: Diagnostic.Remedy) -> [String]
  /// Adds what the framework says about a fact, or does with it.
  func explain(_ fact: Diagnostic.Fact, in finding: inout Diagnostic)
}

/// How models are called with sequences of different lengths.
package enum PaddingConvention: Sendable {
  /// With a mask, which leaves out padding at either end.
  case mask
  /// With packed sequences, which begin at the first timestep.
  case packing
}

extension Diagnostic {
  /// The same finding in the words of a framework: what it says about the facts, and its code for the
  /// remedies behind each of them.
  ///
  /// Explaining twice changes nothing.
  ///
  /// - Parameters:
  ///   - convention: that of the file.
  ///   - recording: those of the frameworks in which a recording may have been made, whatever the file
  ///     is; that of the file unless more are known.
  /// - Returns: the finding, explained.
  package func explained(
    by convention: any Convention, recordedBy recording: [any Convention] = []
  ) -> Diagnostic {
    var copy = self
    copy.facts = []
    for fact in facts { convention.explain(fact, in: &copy) }
    copy.remedies = remedies.flatMap { remedy in
      let speaking =
        remedy.concernsRecording && !recording.isEmpty ? recording : [convention]
      let fixes = speaking.flatMap { speaker in
        speaker.code(for: remedy).map { Remedy.code(Fix(speaker.tool, $0)) }
      }
      return [remedy] + fixes.filter { !remedies.contains($0) }
    }
    return copy
  }

  /// Adds to the reason, behind what is said already.
  package mutating func add(reason text: String, separator: String = "; ") {
    reason = reason.map { $0 + separator + text } ?? text
  }
}

extension Diagnostic.Remedy {
  /// Whether it may be done where the recording was made.
  fileprivate var concernsRecording: Bool {
    switch self {
    case .returnSequences, .putBatchFirst: return true
    default: return false
    }
  }
}

extension CheckpointError {
  /// The same error in the words of a framework.
  package func explained(
    by convention: any Convention, recordedBy recording: [any Convention] = []
  ) -> CheckpointError {
    mapping { $0.explained(by: convention, recordedBy: recording) }
  }
}

extension Convention {
  /// The shape of a state in the framework's form; nil where it has no such layer.
  package func shape(of state: StateShapes.State, in layer: StateShapes) -> [Dimension]? {
    stacksStates ? layer.stacked(state) : layer.plain(state)
  }

  /// Runs `body` and says what it throws in this framework's words.
  ///
  /// - Throws: what `body` throws.
  package func explaining<Result>(
    recordedBy recording: [any Convention] = [], _ body: () throws(CheckpointError) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(CheckpointError) {
      return try body()
    } catch {
      throw error.explained(by: self, recordedBy: recording)
    }
  }
}
