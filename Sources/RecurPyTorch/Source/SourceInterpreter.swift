import RecurFormats
import RecurModel
import RecurSource
package import RecurTensors

/// Runs a source over symbolic values: sizes, modules and arrays that have names and shapes but no
/// numbers.
///
/// No statement of the source is executed. What is not understood is an unknown value, which is an
/// error where a model would depend on it.
package struct SourceInterpreter {
  /// How long and how deep the interpretation may be.
  struct Limits {
    var steps = 400_000
    /// The steps of all attempts.
    var allSteps = 3_000_000
    var calls = 40
    var elements = 20_000
  }

  /// What is being interpreted.
  package enum Phase {
    /// The statements of a file: errors make unknown values.
    case file
    /// The statements of a program that makes models: like those of a file, with every round of its loops.
    case program
    /// The constructor of the model.
    case construction
    /// The forward pass.
    case forward
  }

  /// Where a statement leads to.
  enum Flow {
    case next
    case returned(SourceValue)
    case left
    case continued
  }

  package let files: SourceFiles
  /// What names mean besides what Python and torch make of them; nil for plain Python.
  let dialect: (any SourceDialect)?
  var limits = Limits()
  package var phase = Phase.file
  /// The place that is being interpreted.
  package var position: SourcePosition
  /// The scopes of the sources that were interpreted, by their numbers.
  var modules: [Int: SourceScope] = [:]
  /// Where classes of the source are made in it, with the arguments.
  var constructions: [SourceConstruction] = []
  /// The objects of the program around the model that were made in this attempt.
  var instances: [ObjectIdentifier: SourceValue] = [:]
  /// The arrays whose numbers are not known.
  let unknownNumbers = SourceUnknownNumbers()
  /// What the constructors of modules were called with.
  var hyperparameters = SourceHyperparameters()
  /// Values that are given by name: sizes of the constructor.
  package var known: [String: SourceValue] = [:]
  /// Texts that a value that is not given does not have.
  var excluded: [String: Set<String>] = [:]
  /// The names of all values that were asked for.
  package var asked: Set<String> = []
  /// The graph of the model.
  var builder = GraphBuilder()
  /// What `forward` was found to take.
  var facts: [SourceFact] = []
  /// The arguments of `forward` that became inputs, in order.
  var inputs: [String: SourceValue] = [:]
  /// The arrays of a recorded call.
  var recording = SourceRecording()
  /// Which of its forms each argument of `forward` has, and how many there are.
  var choices: [String: Int] = [:]
  var formCounts: [String: Int] = [:]
  /// Whether all sequences have the same number of timesteps.
  var sharesTime = false
  /// The tensors of the state dict.
  var tensors = TensorTable()
  /// The buffers that have another value than in the state dict.
  var written: [SourceTensorName: GraphValue] = [:]
  /// The keys of buffers that the forward pass writes, in order, and their last values.
  var writes: [String] = []
  var finals: [String: GraphValue] = [:]
  /// Arrays that were changed in place, and where.
  var changed: [Model.Value: SourcePosition] = [:]
  /// Whether a loop over timesteps is being read, and which of its states its cells have read.
  var isInTimesteps = false
  var readStates: Set<String> = []
  /// The timestep of a loop that is being read as a graph of its own.
  var round: SourceRound?
  /// The number of elements that the source takes of axes of arguments whose extent is free.
  var taken: [String: Int] = [:]
  /// Whether the source copied an array.
  var hasCopies = false
  /// What would have to be so for the forward pass to go on, where it stops.
  var lastResort: SourceFact?
  /// The keys of the tensors that the forward pass has read.
  var readKeys: Set<String> = []
  /// Attributes of modules that the forward pass has read, and those that it has written.
  var readAttributes: Set<SourceTensorName> = []
  var keptAttributes: [(name: String, place: SourcePosition)] = []
  /// The numbers of sequences for which the source may compute something else.
  var specialBatches: [(batch: Int, place: SourcePosition)] = []
  /// What was not understood in a program, in order.
  package var passedOver: [CheckpointError] = []
  /// How many loops over something unknown, and branches that depend on it, are being read.
  package var uncertainty = 0
  /// Whether names are being given values that are not known.
  var isForgetting = false
  let budget = SourceBudget()
  private(set) var steps = 0
  private var depth = 0

  package init(_ files: SourceFiles, dialect: (any SourceDialect)? = nil) {
    self.files = files
    self.dialect = dialect
    position = SourcePosition(source: 0, span: SourceSpan(0, 0))
  }

  // MARK: errors

  /// An error at the place that is being interpreted.
  package func problem(
    _ message: String, code: Diagnostic.Code = .sourceUnsupported, expected: String? = nil,
    found: String? = nil, at place: SourcePosition? = nil, hint: String? = nil
  ) -> SourceStop {
    let place = place ?? position
    let tree = files.trees[place.source]
    // what a program around a model can't be read for is told nowhere, and there may be a lot of it
    guard phase != .file else {
      return .problem(CheckpointError(code, Self.said(message), at: .init(file: tree.text.name)))
    }
    let line = tree.text.place(of: place.span).lineText
    return .problem(
      CheckpointError(
        code, Self.said(message), at: tree.location(place.span),
        expected: expected.map(Self.said), found: found.map(Self.said),
        hint: hint ?? (code == .sourceUnsupported ? dialect?.help ?? Self.exportHint : nil),
        notes: ["the line is: \(line.drop { $0 == " " || $0 == "\t" })"]))
  }

  /// An error because of a value that the source does not say.
  func missing(_ name: String, at place: SourcePosition? = nil) -> SourceStop {
    problem(
      "the source does not say '\(name)'", code: .sourceModel, at: place,
      hint: "give its value: \(name)=…")
  }

  private static let exportHint =
    "export the model in Python, and give the archive: "
    + "torch.export.save(torch.export.export(model.eval(), (x,)), \"model.pt2\")"

  /// The text without the marks of names.
  package static func said(_ text: String) -> String { text.filter { $0 != Dimension.openMark } }

  /// Counts a step.
  package mutating func step(_ count: Int = 1) throws(SourceStop) {
    steps += count
    budget.steps += count
    guard steps <= limits.steps, budget.steps <= limits.allSteps else {
      throw problem(
        "the source takes more than \(limits.steps) steps to read", code: .limitExceeded)
    }
  }

  /// Starts to count again.
  package mutating func resetSteps() {
    steps = 0
    depth = 0
  }

  mutating func deeper<Value>(
    _ body: (inout SourceInterpreter) throws(SourceStop) -> Value
  ) throws(SourceStop) -> Value {
    guard depth < limits.calls else {
      throw problem(
        "functions call each other more than \(limits.calls) deep", code: .limitExceeded)
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  /// An unknown value that came from here.
  package func unknown(_ reason: String) -> SourceValue {
    .unknown(SourceUnknown(reason: reason, place: position))
  }

  /// The result of a function of the graph.
  mutating func graph<Value>(
    _ body: (inout GraphBuilder) throws(CheckpointError) -> Value
  ) throws(SourceStop) -> Value {
    let tree = files.trees[position.source]
    builder.location = tree.location(position.span)
    do throws(CheckpointError) {
      return try body(&builder)
    } catch {
      throw .problem(
        error.mapping { finding in
          var copy = finding
          copy.location = tree.location(position.span)
          copy.message = Self.said(copy.message)
          copy.expected = copy.expected.map(Self.said)
          copy.found = copy.found.map(Self.said)
          let line = tree.text.place(of: position.span).lineText
          copy.notes.append("the line is: \(line.drop { $0 == " " || $0 == "\t" })")
          return copy
        })
    }
  }
}

/// What all attempts to read a source have together: their steps, and why loops over timesteps are no
/// rows of modules.
final class SourceBudget {
  var steps = 0
  var loops: [SourceFact: CheckpointError] = [:]
  /// The scopes that functions keep: a function in its scope is a circle, which ends with the reading.
  private var scopes: [SourceScope] = []

  deinit {
    for scope in scopes { (scope.values, scope.elsewhere) = ([:], [:]) }
  }

  func keep(_ scope: SourceScope) {
    if scopes.last !== scope { scopes.append(scope) }
  }
}
