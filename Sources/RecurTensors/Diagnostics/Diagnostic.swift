/// One finding about a file or a model that the user should know.
///
/// `code` is for programs, `message` for people, `location` for finding the place again, `hint` for
/// the next step of the user. Only `code` is stable between releases.
public struct Diagnostic: Hashable, Sendable {
  /// A stable, dotted, lower-case name: `hdf5.filter.unsupported`.
  ///
  /// The codes of files and models are constants, ``inputShape``; those of single formats are
  /// compared with a literal: `diagnostic.code == "pickle.invalid"`. `docs/diagnostics.md` lists all.
  public struct Code: Hashable, Sendable, RawRepresentable, CustomStringConvertible,
    ExpressibleByStringLiteral
  {
    /// Makes a code from its dotted name.
    public init(stringLiteral value: String) { rawValue = value }
    /// The dotted name itself.
    public let rawValue: String
    /// Makes a code from its dotted name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The dotted name.
    public var description: String { rawValue }
  }

  /// How bad a finding is.
  public enum Severity: String, Hashable, Sendable, CaseIterable {
    /// A claim of the file or the user is false, or something can't be read.
    case error
    /// Numbers may differ, or something was dropped.
    case warning
    /// Worth knowing; nothing is wrong.
    case note
  }

  /// The place in the input to which a finding belongs.
  ///
  /// Every part that is known is set.
  public struct Location: Hashable, Sendable {
    /// The file as the user named it.
    public var file: String?
    /// The path inside the file: `/model_weights/lstm/kernel:0`, `archive/data.pkl`.
    public var object: String?
    /// The bytes concerned, counted from the start of the file.
    public var bytes: Range<UInt64>?

    /// Makes a location from the parts that are known.
    public init(file: String? = nil, object: String? = nil, bytes: Range<UInt64>? = nil) {
      self.file = file
      self.object = object
      self.bytes = bytes
    }
  }

  /// A repair that is carried out in one place, such as a Python program or a shell.
  public struct Fix: Hashable, Sendable {
    /// The tool in which the repair is carried out.
    ///
    /// Every format adds the places that its users know.
    public struct Tool: RawRepresentable, Hashable, Sendable {
      /// The display name of the place.
      public let rawValue: String
      /// Makes a place from its display name.
      public init(rawValue: String) { self.rawValue = rawValue }
      /// Python code that makes the arrays.
      public static let numpy = Tool(rawValue: "NumPy")
    }

    /// The tool in which the repair is carried out.
    public var tool: Tool
    /// One line of code or one command, with the user's own names and numbers.
    public var code: String

    /// Makes a fix.
    public init(_ tool: Tool, _ code: String) {
      self.tool = tool
      self.code = code
    }
  }

  /// The kind of finding, for programs.
  public var code: Code
  /// How bad the finding is.
  public var severity: Severity
  /// What happened, for people: lower case, no full stop, the file's own words in quotes.
  public var message: String
  /// Where it happened.
  public var location: Location
  /// What the file or the model should hold, when that is known.
  public var expected: String?
  /// What the file or the model holds instead, when that is known.
  public var found: String?
  /// The probable cause, when the facts point to one cause.
  public var reason: String?
  /// What the user can do about the finding.
  public var hint: String?
  /// Repairs as values, in the order in which they are printed.
  public var remedies: [Remedy]
  /// Facts that a framework's convention explains in that framework's words.
  public var facts: [Fact]
  /// Further facts, one sentence each.
  public var notes: [String]
  /// Those texts of this finding that contain a ``Term``, each with its terms.
  package var wordings: [Wording] = []

  /// The remedies that are finished lines of code, each with its place.
  public var fixes: [Fix] {
    remedies.compactMap { if case .code(let fix) = $0 { fix } else { nil } }
  }

  /// Makes a diagnostic.
  public init(
    _ code: Code, _ severity: Severity = .error, _ message: String,
    at location: Location = Location(), expected: String? = nil, found: String? = nil,
    reason: String? = nil, hint: String? = nil, fixes: [Fix] = [], remedies: [Remedy] = [],
    facts: [Fact] = [], notes: [String] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.location = location
    self.expected = expected
    self.found = found
    self.reason = reason
    self.hint = hint
    self.remedies = remedies + fixes.map(Remedy.code)
    self.facts = facts
    self.notes = notes
  }
}

extension Diagnostic {
  /// The same diagnostic; the parts that its location lacks are taken from the arguments.
  package func located(file: String? = nil, object: String? = nil) -> Diagnostic {
    var copy = self
    if copy.location.file == nil { copy.location.file = file }
    if copy.location.object == nil { copy.location.object = object }
    return copy
  }
}
