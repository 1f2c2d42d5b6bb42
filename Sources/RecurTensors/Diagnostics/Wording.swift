extension Diagnostic {
  /// Something that a sentence tells its reader to say or to do, which has one name for users of the
  /// library and another one on a command line.
  public enum Term: Hashable, Sendable {
    /// The file whose architecture holds.
    case architecture
    /// The dotted path of the state dict to take, or the option that says it.
    case key(String? = nil)
    /// What the model is called with, or the option that says it.
    case inputs([String]? = nil)
    /// An answer to what a file leaves open about its model, or the options that give one.
    case readings(Readings? = nil)
    /// The recording that decides what a file leaves open, while it is converted.
    case recording
    /// Multiplying out weights that are kept as a direction and a length.
    case weightNormFolding
    /// A Python file to write with the weights, or the option that names it.
    case module(String? = nil)
    /// The stable name of a format, or the option that names it.
    case format(String? = nil)
    /// The permission to replace files that exist.
    case replacing
    /// An absolute tolerance of this size.
    case absoluteTolerance(String)
    /// Calls that are pieces of one sequence.
    case stream
    /// Listing what is in a file.
    case inspection
    /// Writing down what the names and shapes of a file tell of its modules.
    case declaration
    /// Writing a model in another format.
    case conversion
    /// The same with Python code beside the weights.
    case moduleConversion
    /// Comparing a model with recorded outputs.
    case verification
    /// The list of formats.
    case formats
    /// Whoever said something about the model besides its file.
    case caller

    /// Its name in the library.
    package var libraryName: String {
      switch self {
      case .architecture: "'architecture'"
      case .key(let path): path.map { "key: \($0)" } ?? "'key'"
      case .inputs(let names): names.map { "inputs: \($0)" } ?? "'inputs'"
      case .readings(let readings): readings.map { "readings: \($0.libraryText)" } ?? "'readings'"
      case .recording: "Checkpoint.decided(by:)"
      case .weightNormFolding: "'foldsWeightNorm'"
      case .module(let name): name.map { "module: \"\($0)\"" } ?? "'module'"
      case .format(let id): id.map { "format: \"\($0)\"" } ?? "'format'"
      case .replacing: "'replacing'"
      case .absoluteTolerance(let size): "an absolute tolerance of \(size)"
      case .stream: "ModelStream.feed"
      case .inspection: "Checkpoint.inspect"
      case .declaration: "Checkpoint.declaration"
      case .conversion: "Checkpoint.convert"
      case .moduleConversion: "convert(to: \"model.pt\", module: \"model.py\")"
      case .verification: "Checkpoint.verify"
      case .formats: "docs/formats"
      case .caller: "the caller"
      }
    }
  }

  /// A sentence that names terms, which its reader's way of working decides how to spell.
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

    /// One sentence after the other.
    package static func + (one: Wording, other: Wording) -> Wording {
      var both = one
      both.parts += other.parts
      return both
    }

    /// The sentence with the names that `name` gives to terms.
    package func text(_ name: (Term) -> String) -> String {
      parts.map { part in
        switch part {
        case .text(let text): text
        case .term(let term): name(term)
        }
      }.joined()
    }

    /// The sentence for users of the library.
    package var text: String { text(\.libraryName) }
  }

  /// The same with a hint that names terms.
  package func advising(_ wording: Wording?) -> Diagnostic {
    guard let wording else { return self }
    var copy = self
    copy.hint = wording.text
    copy.wordings.append(wording)
    return copy
  }

  /// The same with a note that names terms, behind the others.
  package func noting(_ wording: Wording) -> Diagnostic {
    var copy = self
    copy.notes.append(wording.text)
    copy.wordings.append(wording)
    return copy
  }

  /// The same with a message that names terms.
  package func saying(_ wording: Wording) -> Diagnostic {
    var copy = self
    copy.message = wording.text
    copy.wordings.append(wording)
    return copy
  }

  /// The same with the names that `name` gives to terms, in the place of the library's own.
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
  /// The same error with a hint that names terms.
  package func advising(_ wording: Diagnostic.Wording?) -> CheckpointError {
    var copy = self
    copy.diagnostic = diagnostic.advising(wording)
    return copy
  }
}
