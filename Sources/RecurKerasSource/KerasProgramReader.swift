package import RecurContainers
package import RecurFormats
import RecurPyTorch
import RecurSource
package import RecurTensors

/// Reads the models that the program of a Keras user builds.
///
/// No statement is executed: the program is read with values that may be unknown. What it makes with
/// layers becomes configs, as Keras would save them.
package struct KerasProgramReader: ProgramReading {
  package init() {}

  package func architectures(
    in source: ArchitectureSource, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [ProgramArchitecture] {
    try SourceThread.run { () throws(CheckpointError) in
      var reading = try KerasProgramReading(source, limits)
      return try reading.architectures()
    }
  }

  package func expression(
    _ text: String, named name: String, inputs: Int
  ) throws(CheckpointError) -> JSONValue {
    try SourceThread.run { () throws(CheckpointError) in
      try KerasExpressionReading(text, name).config(inputs: inputs)
    }
  }
}

/// One reading of a program.
private struct KerasProgramReading {
  private let source: ArchitectureSource
  private let files: SourceFiles
  private let program: KerasProgram
  private var interpreter: SourceInterpreter
  private var found: [ProgramArchitecture] = []
  private var problems: [CheckpointError] = []

  init(_ source: ArchitectureSource, _ limits: DecodeLimits) throws(CheckpointError) {
    self.source = source
    files = try SourceFiles(source, limits)
    var settings: [String: SourceValue] = [:]
    for setting in source.settings {
      settings[setting.name] = try SourceArchitecture.value(setting.value)
    }
    program = KerasProgram(settings: settings)
    interpreter = SourceInterpreter(files, dialect: KerasSourceDialect(program: program))
    interpreter.phase = .program
    interpreter.known = settings
  }

  mutating func architectures() throws(CheckpointError) -> [ProgramArchitecture] {
    let scopes = files.trees.indices.map { interpreter.scope(of: $0) }
    if let name = source.className, let line = Int(name) {
      for model in program.made where isWhole(model) && self.line(of: model.place) == "\(line)" {
        add(model, name, standing: .named)
      }
    } else if let name = source.className {
      let values = scopes.compactMap { $0.values[name] }
      guard let value = values.first else {
        throw CheckpointError(
          .sourceModel, "the source defines no '\(name)'", at: .init(file: source.path),
          found: scopes.flatMap { $0.values.keys }.filter { !$0.hasPrefix("_") }.sorted()
            .prefix(20).joined(separator: ", "))
      }
      make(value, name, standing: .named)
    } else {
      for model in program.made where isWhole(model) {
        let name = scopes.lazy.compactMap { Self.name(of: model, in: $0) }.first
        add(
          model, name ?? line(of: model.place),
          standing: name == nil && !model.isKept ? .made : .named)
      }
      for object in program.objects { add(object, standing: .named) }
      makeUncalled(scopes)
    }
    try checkSettings()
    guard !found.contains(where: { $0.problem == nil }) else { return found }
    problems = found.compactMap(\.problem) + problems
    if let error = CheckpointError(findings: problems.flatMap(\.diagnostics)) { throw error }
    throw nothingMade()
  }

  /// The error for a program without a model, with what was not understood.
  private func nothingMade() -> CheckpointError {
    var seen: Set<String> = []
    let passed = interpreter.passedOver.map(\.diagnostic).filter {
      seen.insert($0.message).inserted
    }
    let notes = passed.dropFirst().prefix(3).map { finding in
      "also at \(finding.location.object ?? "a place"): \(finding.message)"
    }
    guard let first = passed.first else {
      return CheckpointError(
        .sourceModel, "the source makes no model of Keras", at: .init(file: source.path),
        hint:
          "name the function or the class that makes it, behind a colon: \(source.path):build_model"
      )
    }
    return CheckpointError(
      .sourceModel, "the source makes no model of Keras that can be read: \(first.message)",
      at: first.location, hint: first.hint, notes: first.notes + notes)
  }

  /// The name of the program that is the model at its end.
  private static func name(of model: KerasSourceModel, in scope: SourceScope) -> String? {
    scope.values.filter { $0.value.foreign.map { $0 === model } ?? false }.map(\.key).min()
  }

  /// The line of a place, as a user names it.
  private func line(of place: SourcePosition) -> String {
    let text = files.location(place).object ?? ""
    let numbers = text.split(separator: ":")
    return numbers.count > 1 ? String(numbers[numbers.count - 2]) : text
  }

  /// Whether a model has layers.
  private func isWhole(_ model: KerasSourceModel) -> Bool {
    !model.isSequential || !model.elements.isEmpty || model.doubt != nil
  }

  // MARK: what nothing calls

  /// Calls the functions and classes that the program itself does not call, with arguments that are
  /// open.
  private mutating func makeUncalled(_ scopes: [SourceScope]) {
    let before = found.count
    for scope in scopes {
      let values = scope.values.filter { !$0.key.hasPrefix("_") }
      for (name, value) in values.sorted(by: { Self.order($0) < Self.order($1) }) {
        switch value {
        case .function(let function) where function.scope === scope:
          make(value, name, standing: .uncalled)
        case .type(let type) where type.libraryBases.contains(where: KerasSourceName.isModelBase):
          if before == 0 { make(value, name, standing: .uncalled) }
        case .type(let type) where type.libraryBases.isEmpty: makeMethods(type)
        default: break
        }
      }
    }
  }

  private static func order(_ entry: (key: String, value: SourceValue)) -> (Int32, String) {
    switch entry.value {
    case .function(let function): (function.span.start, entry.key)
    case .type(let type): (type.definition.span.start, entry.key)
    default: (0, entry.key)
    }
  }

  /// The models that methods of a class of the source make: `Trainer.build_model`.
  private mutating func makeMethods(_ type: SourceClass) {
    guard let object = try? interpreter.make(type, openArguments(type.member("__init__"), skips: 1))
    else { return }
    for (name, member) in type.members.sorted(by: { Self.order($0) < Self.order($1) })
    where !name.hasPrefix("__") {
      guard case .function(let function) = member else { continue }
      let count = program.made.count
      interpreter.resetSteps()
      let isStatic = function.kinds.contains("staticmethod")
      _ = try? interpreter.call(
        function, isStatic ? nil : object, openArguments(member, skips: isStatic ? 0 : 1))
      for model in program.made[count...] where isWhole(model) {
        add(model, "\(type.name).\(name)", standing: .uncalled)
      }
    }
  }

  /// Makes what a name of the source stands for.
  private mutating func make(
    _ value: SourceValue, _ name: String, standing: ProgramArchitecture.Standing
  ) {
    interpreter.resetSteps()
    switch value {
    case .foreign(let model as KerasSourceModel): add(model, name, standing: standing)
    case .object(let object): add(object, standing: standing)
    case .function(let function):
      let count = program.made.count
      var result: SourceValue?
      do throws(SourceStop) {
        result = try interpreter.call(function, nil, openArguments(value, skips: 0))
      } catch {
        if standing == .named { note(error) }
      }
      if let model = result.flatMap({ Self.model(in: $0) }) {
        add(model, name, standing: standing)
      } else if case .object(let object)? = result,
        program.objects.contains(where: { $0 === object })
      {
        add(object, standing: standing)
      } else {
        for model in program.made[count...] where isWhole(model) {
          add(model, name, standing: standing)
        }
      }
    case .type(let type):
      do throws(SourceStop) {
        let made = try interpreter.make(type, openArguments(type.member("__init__"), skips: 1))
        if case .object(let object) = made { add(object, standing: standing) }
      } catch {
        note(error)
      }
    default:
      problems.append(
        CheckpointError(
          .sourceModel, "'\(name)' is \(SourceInterpreter.said(value.title)), no model",
          at: .init(file: source.path)))
    }
  }

  /// The model among what a function gives.
  private static func model(in value: SourceValue) -> KerasSourceModel? {
    switch value {
    case .foreign(let own): own as? KerasSourceModel
    case .tuple(let values): values.lazy.compactMap { model(in: $0) }.first
    case .list(let list): list.elements.lazy.compactMap { model(in: $0) }.first
    default: nil
    }
  }

  /// Arguments for all parameters that have no default.
  private mutating func openArguments(
    _ member: SourceValue?, skips count: Int
  ) -> SourceArguments {
    var given = SourceArguments()
    guard case .function(let function)? = member else { return given }
    for parameter in function.parameters.dropFirst(count) {
      switch parameter.kind {
      case .rest, .keywords: continue
      case .positionalOnly, .standard, .keywordOnly: break
      }
      program.ask(parameter.name)
      if let setting = program.settings[parameter.name] {
        given.keywords.append((parameter.name, setting))
      } else if function.defaults[parameter.name] == nil {
        given.keywords.append((parameter.name, interpreter.open(parameter.name)))
      }
    }
    return given
  }

  // MARK: models

  private mutating func add(
    _ model: KerasSourceModel, _ name: String, standing: ProgramArchitecture.Standing
  ) {
    add(name, model.place, standing) { config, interpreter throws(SourceStop) in
      try config.config(of: model, &interpreter)
    }
  }

  /// A model of a class of the source: its `call`, run with inputs.
  private mutating func add(_ object: SourceObject, standing: ProgramArchitecture.Standing) {
    guard let type = object.type, case .function(let function)? = type.member("call") else {
      return
    }
    let inputs = KerasCallInputs.inputs(of: function, object, program)
    // The attribute that holds a layer is its name in the file.
    var order: [KerasSourceLayer] = []
    KerasAttributeNames.name(object, &order)
    add(type.name, object.place, standing, isOrdered: true) {
      config, interpreter throws(SourceStop) in
      let result = try interpreter.call(
        .object(object), SourceArguments(positional: inputs.map { .foreign($0) }))
      let values: [SourceValue] =
        switch result {
        case .tuple(let own): own
        case .list(let list): list.elements
        default: [result]
        }
      var outputs: [KerasSourceTensor] = []
      for value in values {
        guard let tensor = value.foreign as? KerasSourceTensor else {
          throw interpreter.problem(
            "call() gives \(value.title)", at: value.unknown?.place ?? object.place)
        }
        outputs.append(tensor)
      }
      return try config.functional(
        type.name, inputs, outputs, order: inputs.map(\.layer) + order, &interpreter)
    }
  }

  private mutating func add(
    _ name: String, _ place: SourcePosition, _ standing: ProgramArchitecture.Standing,
    isOrdered: Bool = false,
    _ write: (inout KerasSourceConfig, inout SourceInterpreter) throws(SourceStop) -> JSONValue
  ) {
    var config = KerasSourceConfig(program, files)
    let outer = interpreter.phase
    interpreter.phase = .construction
    interpreter.resetSteps()
    defer { interpreter.phase = outer }
    do throws(SourceStop) {
      let value = try write(&config, &interpreter)
      guard found.count < 64, !found.contains(where: { $0.config == value }) else { return }
      found.append(
        ProgramArchitecture(
          name: name, place: files.location(place), config: value, open: config.open,
          places: config.places, standing: standing,
          isOrdered: isOrdered, groups: config.groups.filter { !$0.value.isEmpty }))
    } catch {
      guard found.count < 64, let problem = problem(error),
        !found.contains(where: { $0.problem?.diagnostic == problem.diagnostic })
      else { return }
      var refused = ProgramArchitecture(
        name: name, place: files.location(place), config: .null, open: [], places: [:],
        standing: standing, isOrdered: isOrdered, groups: [:])
      refused.problem = problem
      found.append(refused)
    }
  }

  private mutating func note(_ stop: SourceStop) {
    guard problems.count < 8, let problem = problem(stop) else { return }
    problems.append(problem)
  }

  /// The error for something that can't be read.
  private func problem(_ stop: SourceStop) -> CheckpointError? {
    switch stop {
    case .problem(let error): error
    case .needs(let name, let place, _):
      CheckpointError(
        .sourceModel, "the source does not say '\(name)'", at: files.location(place),
        hint: "give its value: \(name)=…")
    case .learned: nil
    }
  }

  /// Refuses settings that nothing in the program asks for.
  private func checkSettings() throws(CheckpointError) {
    for setting in source.settings
    where !program.asked.contains(setting.name) && !interpreter.asked.contains(setting.name) {
      throw CheckpointError(
        .sourceModel, "nothing in the source is called '\(setting.name)'",
        at: .init(file: source.path), found: setting.name)
    }
  }
}
