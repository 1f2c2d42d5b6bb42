/// One thing worth telling the user about a file or a model.
///
/// `code` is for programs, `message` for people, `location` for finding the place again,
/// `hint` for what to do next. Only `code` is stable between releases.
public struct Diagnostic: Hashable, Sendable {
  /// A stable, dotted, lower-case name: `hdf5.filter.unsupported`.
  public struct Code: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The dotted name itself.
    public let rawValue: String
    /// Makes a code from its dotted name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The dotted name.
    public var description: String { rawValue }
  }

  /// How bad it is.
  public enum Severity: String, Hashable, Sendable, CaseIterable {
    /// Something does not hold, or can't be read.
    case error
    /// Numbers may differ, or something was dropped.
    case warning
    /// Worth knowing; nothing is wrong.
    case note
  }

  /// Where in the input the trouble is.
  ///
  /// Every part that is known is given.
  public struct Location: Hashable, Sendable {
    /// The file as the user named it.
    public var file: String?
    /// The path inside the container: `/model_weights/lstm/kernel:0`, `archive/data.pkl`.
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

  /// What to do about it in one place.
  public struct Fix: Hashable, Sendable {
    /// Where it is done; every format adds the places that it knows.
    public struct Tool: RawRepresentable, Hashable, Sendable {
      /// What people call the place.
      public let rawValue: String
      /// Makes a place from what people call it.
      public init(rawValue: String) { self.rawValue = rawValue }
      /// Python code that makes the arrays.
      public static let numpy = Tool(rawValue: "NumPy")
    }

    /// Where it is done.
    public var tool: Tool
    /// One line of code or one command, with the user's own names and numbers.
    public var code: String

    /// Makes a fix.
    public init(_ tool: Tool, _ code: String) {
      self.tool = tool
      self.code = code
    }
  }

  /// What kind of thing happened, for programs.
  public var code: Code
  /// How bad it is.
  public var severity: Severity
  /// What happened, for people: lower case, no full stop, the file's own words in quotes.
  public var message: String
  /// Where it happened.
  public var location: Location
  /// What should have been there, when that is known.
  public var expected: String?
  /// What was there instead, when that is known.
  public var found: String?
  /// Why it probably happened, when the facts point to one cause.
  public var reason: String?
  /// What to do about it.
  public var hint: String?
  /// What could be done about it, in the order in which it is said.
  public var remedies: [Remedy]
  /// What frameworks may have something to say about.
  public var facts: [Fact]
  /// Further facts, one sentence each.
  public var notes: [String]
  /// The texts among those above that name something of the library, with what they name.
  package var wordings: [Wording] = []

  /// What to do about it, exactly: the remedies that were written down for one place each.
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
  /// The same diagnostic with what is missing in its location filled in.
  package func located(file: String? = nil, object: String? = nil) -> Diagnostic {
    var copy = self
    if copy.location.file == nil { copy.location.file = file }
    if copy.location.object == nil { copy.location.object = object }
    return copy
  }
}
