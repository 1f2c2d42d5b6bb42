import RecurFormats
import RecurModel
import RecurSource
import RecurTensors

/// A forward pass, and how its module is made.
struct SourceProgram {
  let function: SourceFunction
  /// The class in messages.
  let className: String
  /// The values by name, and the texts that values do not have, with which the module is made.
  var known: [String: SourceValue] = [:]
  var excluded: [String: Set<String>] = [:]
  /// What is known of the arguments of the forward pass from the start.
  var facts: [SourceFact] = []
  /// What is taken as a fact where the forward pass can't be read without.
  var lastResorts: [SourceFact] = []
  /// How many of them were taken.
  var depth = 0
  /// The values of arguments that are no arrays.
  var values: [String: SourceValue] = [:]
  /// Makes the module, and the objects of the program around it that it takes.
  let made:
    (SourceModelReader) -> (object: SourceObject, instances: [ObjectIdentifier: SourceValue])
}

extension SourceModelReader {
  /// Runs the forward pass into a graph, again and again until all that it takes is known.
  func forward(
    _ program: SourceProgram, named name: String, producer: String
  ) throws(CheckpointError) -> (model: Model, warnings: [Diagnostic], reads: Set<String>) {
    var first: CheckpointError?
    for form in options.recorded.isEmpty ? [.named] : SourceRecording.Form.allCases {
      do throws(CheckpointError) {
        return try forward(program, form, named: name, producer: producer)
      } catch {
        first = first ?? error
      }
    }
    throw first ?? untold(program)
  }

  private func untold(_ program: SourceProgram) -> CheckpointError {
    CheckpointError(
      .sourceModel, "what '\(program.className)' is called with can't be told",
      at: files.trees[program.function.scope.source].location(program.function.span))
  }

  /// Runs the forward pass with one way to name the axes of recorded inputs.
  private func forward(
    _ program: SourceProgram, _ form: SourceRecording.Form, named name: String, producer: String
  ) throws(CheckpointError) -> (model: Model, warnings: [Diagnostic], reads: Set<String>) {
    let function = program.function
    var first: CheckpointError?
    // the error of the attempt that came farthest says the most
    var reached = -1
    var tried: Set<[String: Int]> = []
    var waiting: [(choices: [String: Int], sharesTime: Bool)] = [([:], false)]
    var runs = 0
    var resorts = program.lastResorts
    while !waiting.isEmpty, runs < 80 {
      let next = waiting.removeFirst()
      runs += 1
      var facts = try given(function) + program.facts
      attempts: for _ in 0..<48 {
        var run = prepared(program, facts)
        run.choices = next.choices
        run.sharesTime = next.sharesTime
        run.recording = recording(program, facts, form)
        do throws(SourceStop) {
          let outputs = try outputs(&run, program)
          let model = try finished(run, function, outputs, named: name, producer: producer)
          return (
            model,
            run.keptAttributes.map { run.notKept($0.name, $0.place) }
              + run.specialBatches.map { run.special($0.batch, $0.place) }, run.readKeys
          )
        } catch {
          switch error {
          case .learned(let fact):
            guard !facts.contains(fact) else {
              if case .problem(let error) = run.problem("the source says \(fact) again") {
                first = first ?? error
              }
              break attempts
            }
            facts.append(fact)
          case .needs(let name, let place, _):
            if case .problem(let error) = run.missing(name, at: place) { first = first ?? error }
            break attempts
          case .problem(let error):
            if let fact = run.lastResort { resorts.append(fact) }
            if run.steps > reached { (first, reached) = (run.namingAxes(error), run.steps) }
            // another form of an argument may be the one that is meant
            for (argument, count) in run.formCounts.sorted(by: { $0.key < $1.key }) {
              var choices = next.choices
              choices[argument, default: 0] += 1
              if choices[argument] ?? 0 < count, tried.insert(choices).inserted {
                waiting.append((choices, next.sharesTime))
              }
            }
            if !next.sharesTime, run.formCounts.count > 1 { waiting.append((next.choices, true)) }
            break attempts
          }
        }
      }
    }
    if let fact = resorts.first {
      var other = program
      other.facts.append(fact)
      other.lastResorts = Array(program.lastResorts.dropFirst())
      other.depth += 1
      if other.depth <= 3, !program.facts.contains(fact) {
        do throws(CheckpointError) {
          return try forward(other, form, named: name, producer: producer)
        } catch {
          throw first ?? error
        }
      }
    }
    throw first ?? untold(program)
  }

  /// What a recorded call says about the arguments of the forward pass.
  private func recording(
    _ program: SourceProgram, _ facts: [SourceFact], _ form: SourceRecording.Form
  ) -> SourceRecording {
    var names: [String] = []
    func add(_ name: String, _ depth: Int) {
      for case .parts(name, let parts) in facts where depth < 8 {
        for part in parts { add(part, depth + 1) }
        return
      }
      names.append(name)
    }
    for parameter in inputs(of: program) { add(parameter.name, 0) }
    return SourceRecording(names, options.recorded, form)
  }

  /// What the settings say about arguments of the forward pass: their axes.
  private func given(_ function: SourceFunction) throws(CheckpointError) -> [SourceFact] {
    var facts: [SourceFact] = []
    for (name, value) in options.settings {
      guard function.parameters.dropFirst().contains(where: { $0.name == name }) else { continue }
      let elements: [SourceValue]
      switch value {
      case .list(let list): elements = list.elements
      case .tuple(let all): elements = all
      default: continue
      }
      var axes: [Dimension] = []
      for element in elements {
        if let size = element.integer, size > 0 {
          axes.append(.fixed(size))
        } else if let text = element.text, !text.isEmpty {
          axes.append(.free(Formula(text)))
        } else {
          throw CheckpointError(
            .sourceModel, "the axes of '\(name)' are numbers and names",
            at: .init(file: files.trees[0].text.name), expected: "['batch', 1, 32, 'width']")
        }
      }
      facts.append(.axes(name, axes, .float32))
    }
    return facts
  }

  private func prepared(_ program: SourceProgram, _ facts: [SourceFact]) -> SourceInterpreter {
    var run = base
    run.resetSteps()
    run.phase = .forward
    run.known = program.known
    run.excluded = program.excluded
    run.facts = facts
    for (key, tensor) in tensors.entries { run.builder.register(tensor, as: key) }
    return run
  }

  /// The arguments of the forward pass that are inputs.
  private func arguments(_ function: SourceFunction) -> [RecurSource.Parameter] {
    function.parameters.dropFirst().filter { parameter in
      switch parameter.kind {
      case .rest, .keywords: return false
      case .positionalOnly, .standard, .keywordOnly: break
      }
      if let inputs = options.inputs {
        return inputs.contains(parameter.name) || parameter.value == nil
      }
      return parameter.value == nil
    }
  }

  /// The value that a setting gives an argument of the forward pass that is no array.
  private func setting(_ parameter: RecurSource.Parameter) -> SourceValue? {
    switch parameter.kind {
    case .rest, .keywords: return nil
    case .positionalOnly, .standard, .keywordOnly: break
    }
    guard let value = (options.settings.first { $0.name == parameter.name })?.value else {
      return nil
    }
    switch value {
    case .list, .tuple: return nil
    default: return value
    }
  }

  /// The arguments that are inputs of the model.
  private func inputs(of program: SourceProgram) -> [RecurSource.Parameter] {
    arguments(program.function).filter {
      program.values[$0.name] == nil && setting($0) == nil
    }
  }

  private func outputs(
    _ run: inout SourceInterpreter, _ program: SourceProgram
  ) throws(SourceStop) -> [GraphValue] {
    let function = program.function
    let made = program.made(self)
    run.instances = made.instances
    var given = SourceArguments()
    for parameter in function.parameters.dropFirst() {
      guard let value = program.values[parameter.name] ?? setting(parameter) else { continue }
      given.keywords.append((parameter.name, value))
    }
    for parameter in inputs(of: program) {
      given.keywords.append((parameter.name, Self.argument(parameter.name, run.facts, 0)))
    }
    let result = try run.call(function, .object(made.object), given)
    var outputs: [GraphValue] = []
    try run.collect(result, into: &outputs)
    guard !outputs.isEmpty else {
      throw run.problem(
        "forward() returns no array",
        at: SourcePosition(source: function.scope.source, span: function.span))
    }
    return outputs
  }

  /// An argument of the forward pass, with the parts into which the source takes it.
  private static func argument(
    _ name: String, _ facts: [SourceFact], _ depth: Int
  ) -> SourceValue {
    for case .parts(name, let parts) in facts where depth < 8 {
      return .tuple(parts.map { argument($0, facts, depth + 1) })
    }
    return .argument(name)
  }

  private func finished(
    _ run: SourceInterpreter, _ function: SourceFunction, _ outputs: [GraphValue],
    named name: String, producer: String
  ) throws(SourceStop) -> Model {
    var run = run
    var values: [Model.Value] = []
    for output in outputs {
      values.append(
        try run.graph { builder throws(CheckpointError) in try builder.computed(output) })
    }
    // an argument of several states has as many as the source takes of it
    for (name, count) in run.taken.sorted(by: { $0.key < $1.key })
    where !run.facts.contains(where: { if case .extent(name, _) = $0 { true } else { false } }) {
      throw .learned(.extent(name, count))
    }
    let states = run.writes
    for state in states {
      guard run.facts.contains(.state(state)) else { throw .learned(.state(state)) }
      guard let final = run.finals[state] else { continue }
      values.append(
        try run.graph { builder throws(CheckpointError) in try builder.computed(final) })
    }
    var model = run.builder.model(named: name, producer: producer, outputs: values)
    let order = arguments(function).map(\.name)
    func holds(_ parameter: String, _ input: String, _ depth: Int) -> Bool {
      depth < 8
        && run.facts.contains { fact in
          guard case .parts(parameter, let names) = fact else { return false }
          return names.contains { $0 == input || holds($0, input, depth + 1) }
        }
    }
    func rank(_ input: String) -> Int {
      order.firstIndex(of: input) ?? order.firstIndex { holds($0, input, 0) }
        // the longest name, where one begins like another
        ?? order.indices.filter { input.hasPrefix(order[$0] + "_") }
        .max { order[$0].count < order[$1].count } ?? order.count
    }
    model.inputs = model.inputs.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }
    .map(\.element)
    do throws(CheckpointError) {
      return try model.canonical().keepingStates(states).validated()
    } catch {
      throw .problem(error)
    }
  }
}

extension SourceInterpreter {
  /// The arrays in a result, in order.
  mutating func collect(
    _ value: SourceValue, into outputs: inout [GraphValue]
  ) throws(SourceStop) {
    try step()
    switch value {
    case .tuple, .list: for element in try elements(value) { try collect(element, into: &outputs) }
    case .dictionary(let dictionary):
      for key in dictionary.keys { try collect(dictionary[key] ?? .none, into: &outputs) }
    case .argument(let name): outputs.append(try input(name))
    case .unknown(let unknown): throw problem(unknown.reason, at: unknown.place)
    case .packed: throw problem("forward() returns a packed sequence, which is not supported")
    case .object(let object):
      for name in object.attributeOrder { try collect(object[name] ?? .none, into: &outputs) }
    case .plain(let plain):
      try check(value)
      if plain.isArray { outputs.append(plain) }
    default: throw problem("forward() returns \(value.title)")
    }
  }

  /// A warning that a module keeps an array from call to call, which the model does not.
  fileprivate func notKept(_ name: String, _ place: SourcePosition) -> Diagnostic {
    let tree = files.trees[place.source]
    return Diagnostic(
      .sourceNotKept, .warning,
      "the source keeps 'self.\(name)' from call to call; every call of the model begins as the first one",
      at: tree.location(place.span),
      hint: "give the state as an argument of forward(), and return the next one, to keep it")
  }

  fileprivate func special(_ batch: Int, _ place: SourcePosition) -> Diagnostic {
    Diagnostic(
      .sourceBatch, .warning,
      "the source asks whether the batch is \(batch); the model is the one of every other batch",
      at: files.trees[place.source].location(place.span),
      hint: "record a golden with the batch \(batch), which tells whether the numbers are the same")
  }
}
