package import RecurModel
package import RecurTensors

/// The words and the code of one framework's users: names, shapes, and fixes for findings.
///
/// The targets below the formats find facts, and name remedies as values. A convention turns both
/// into the words and the code of its framework; ``RecurTensors/Diagnostic/explained(by:)`` asks
/// it.
package protocol Convention: Sendable {
  /// The framework's usual name.
  var name: String { get }
  /// Its name in reports for programs.
  var id: String { get }
  /// The program in which its code runs.
  var tool: Diagnostic.Fix.Tool { get }
  /// The order in which it packs the gates of recurrent layers, and its names for gates and states.
  var recurrent: RecurrentConventions { get }
  /// The way to call its models with sequences of different lengths.
  var padding: PaddingConvention { get }
  /// Whether the states of a module are one array, the stacked form of ``RecurModel/StateShapes``.
  var stacksStates: Bool { get }
  /// Whether its states are listed beside those of other frameworks.
  var listsStates: Bool { get }
  /// The constructor of a recurrent layer that puts out every timestep; nil where code, not the
  /// constructor, selects the output.
  func returningSequences(_ layer: Layer) -> String?
  /// The code for a remedy, one line per way to apply it; empty where the framework has no such
  /// remedy.
  func code(for remedy: Diagnostic.Remedy) -> [String]
  /// Adds to a finding what the framework says or does about a fact.
  func explain(_ fact: Diagnostic.Fact, in finding: inout Diagnostic)
}

/// How models are called with sequences of different lengths.
package enum PaddingConvention: Sendable {
  /// With a mask, which can leave out padding at either end.
  case mask
  /// With packed sequences, which have their padding at the end.
  case packing
}

extension Diagnostic {
  /// The same finding in the words of a framework: its sentences about the facts, and its code for
  /// the remedies.
  ///
  /// A finding that is explained twice is the same as one explained once.
  ///
  /// - Parameters:
  ///   - convention: the convention of the file's framework.
  ///   - recording: the conventions of the frameworks that may have made the recording; an empty
  ///     list means that of the file.
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

  /// Adds a sentence behind the reason that is already there.
  package mutating func add(reason text: String, separator: String = "; ") {
    reason = reason.map { $0 + separator + text } ?? text
  }
}

extension Diagnostic.Remedy {
  /// Whether the remedy may be applied in the framework that made the recording.
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
  package var listsStates: Bool { true }

  /// The shape of a state in the framework's form; nil where the framework has no such layer.
  package func shape(of state: StateShapes.State, in layer: StateShapes) -> [Dimension]? {
    stacksStates ? layer.stacked(state) : layer.plain(state)
  }

  /// Runs `body` and puts the errors that `body` throws into this framework's words.
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
