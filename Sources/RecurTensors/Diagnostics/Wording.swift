extension Diagnostic {
  /// A concept with two names: one for users of the library, one for users of the command line.
  public enum Term: Hashable, Sendable {
    /// The file that holds the model's architecture.
    case architecture
    /// The function of a Lambda layer.
    case lambda
    /// The values of the constructor's arguments in a source, or the option that sets them.
    case settings
    /// The dotted path of the state dict to read, or the option that sets the path.
    case key(String? = nil)
    /// The inputs of a call of the model, or the option that sets them.
    case inputs([String]? = nil)
    /// The values that a graph puts out, or the option that names them.
    case outputs([String]? = nil)
    /// The layer at which a model begins, or the option that names it.
    case start(String? = nil)
    /// An answer to what a file leaves open about its model, or the options that give one.
    case readings(Readings? = nil)
    /// The recording that decides what a file leaves open, while it is converted.
    case recording
    /// Multiplying out weights that are kept as a direction and a length.
    case weightNormFolding
    /// The Python file to write beside the weights, or the option that names the file.
    case module(String? = nil)
    /// The stable name of a format, or the option that sets the format.
    case format(String? = nil)
    /// The permission to replace existing files.
    case replacing
    /// The version of the operators to write.
    case operatorSet
    /// The states of recurrent layers as inputs and outputs of what is written.
    case states
    /// An absolute tolerance of this size.
    case absoluteTolerance(String)
    /// Running several calls as pieces of one sequence.
    case stream
    /// Listing the content of a file.
    case inspection
    /// Writing a declaration: the modules that the names and shapes in a file imply.
    case declaration
    /// Writing a model in another format.
    case conversion
    /// Writing a model in another format, with Python code beside the weights.
    case moduleConversion
    /// Comparing a model with recorded outputs.
    case verification
    /// A recording in a file for each array.
    case recordedArrays
    /// The list of formats.
    case formats
    /// The one who declares facts about the model besides its file: the calling code or the command
    /// line.
    case caller

    /// The term's name in the library.
    package var libraryName: String {
      switch self {
      case .architecture: "'architecture'"
      case .lambda: "'lambdas'"
      case .settings: "'settings'"
      case .key(let path): path.map { "key: \($0)" } ?? "'key'"
      case .inputs(let names): names.map { "inputs: \($0)" } ?? "'inputs'"
      case .outputs(let names): names.map { "outputs: \($0)" } ?? "'outputs'"
      case .start(let layer): layer.map { "startsAt: \"\($0)\"" } ?? "'startsAt'"
      case .readings(let readings): readings.map { "readings: \($0.libraryText)" } ?? "'readings'"
      case .recording: "Checkpoint.decided(by:)"
      case .weightNormFolding: "'foldsWeightNorm'"
      case .module(let name): name.map { "module: \"\($0)\"" } ?? "'module'"
      case .format(let id): id.map { "format: \"\($0)\"" } ?? "'format'"
      case .replacing: "'replacing'"
      case .operatorSet: "'operatorSet'"
      case .states: "'exposesStates'"
      case .absoluteTolerance(let size): "an absolute tolerance of \(size)"
      case .stream: "ModelStream.feed"
      case .inspection: "Checkpoint.inspect"
      case .declaration: "Checkpoint.declaration"
      case .conversion: "Checkpoint.convert"
      case .moduleConversion: "convert(to: \"model.pt\", module: \"model.py\")"
      case .verification: "Checkpoint.verify"
      case .recordedArrays: "GoldenFile.init(inputs:outputs:)"
      case .formats: "docs/formats"
      case .caller: "the caller"
      }
    }
  }

  /// A sentence that contains terms; the interface that prints the sentence decides how to spell
  /// them.
  ///
  ///     "give the model with \(.architecture)"
  package struct Wording: Hashable, Sendable, ExpressibleByStringInterpolation {
    fileprivate enum Part: Hashable { case text(String), term(Term) }

    package struct StringInterpolation: StringInterpolationProtocol {
      fileprivate var parts: [Part] = []

      package init(literalCapacity: Int, interpolationCount: Int) {}
      package mutating func appendLiteral(_ literal: String) { parts.append(.text(literal)) }
      package mutating func appendInterpolation(_ term: Term) { parts.append(.term(term)) }
      package mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
    }

    private var parts: [Part]

    package init(stringLiteral text: String) { parts = [.text(text)] }
    package init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    /// Both wordings, one directly after the other.
    package static func + (one: Wording, other: Wording) -> Wording {
      var both = one
      both.parts += other.parts
      return both
    }

    /// The sentence; `name` gives each term its spelling.
    package func text(_ name: (Term) -> String) -> String {
      parts.map { part in
        switch part {
        case .text(let text): text
        case .term(let term): name(term)
        }
      }.joined()
    }

    /// The sentence with the spelling for users of the library.
    package var text: String { text(\.libraryName) }
  }

  /// The same diagnostic with `wording` as its hint.
  package func advising(_ wording: Wording?) -> Diagnostic {
    guard let wording else { return self }
    var copy = self
    copy.hint = wording.text
    copy.wordings.append(wording)
    return copy
  }

  /// The same diagnostic with `wording` as its last note.
  package func noting(_ wording: Wording) -> Diagnostic {
    var copy = self
    copy.notes.append(wording.text)
    copy.wordings.append(wording)
    return copy
  }

  /// The same diagnostic with `wording` as its message.
  package func saying(_ wording: Wording) -> Diagnostic {
    var copy = self
    copy.message = wording.text
    copy.wordings.append(wording)
    return copy
  }

  /// The same diagnostic, its terms spelled by `name` instead of by the library's names.
  package func spelled(_ name: (Term) -> String) -> Diagnostic {
    var copy = self
    for wording in wordings {
      let (own, other) = (wording.text, wording.text(name))
      if copy.message == own { copy.message = other }
      if copy.hint == own { copy.hint = other }
      for index in copy.notes.indices where copy.notes[index] == own { copy.notes[index] = other }
    }
    copy.wordings = []
    return copy
  }
}

extension CheckpointError {
  /// The same error with `wording` as its hint.
  package func advising(_ wording: Diagnostic.Wording?) -> CheckpointError {
    var copy = self
    copy.diagnostic = diagnostic.advising(wording)
    return copy
  }
}
