import RecurFormats
import RecurModel
import RecurSource
import RecurTensors

/// Makes a model of a state dict and the source of its module.
struct SourceModelReader {
  /// What is said about the source besides itself.
  struct Options {
    /// The class; nil for the one that fits.
    var className: String?
    /// Values of the constructor's arguments.
    var settings: [(name: String, value: SourceValue)] = []
    /// The arguments of `forward` that are inputs; nil for those without a default.
    var inputs: [String]?
    /// The arrays of a recorded call, in the order of the arguments.
    var recorded: [RecordedInput] = []
  }

  let files: SourceFiles
  let tensors: TensorTable
  let options: Options
  private var interpreter: SourceInterpreter

  /// The interpreter after all sources were read.
  var base: SourceInterpreter { interpreter }

  init(
    _ files: SourceFiles, _ tensors: TensorTable, _ options: Options,
    dialect: (any SourceDialect)? = nil
  ) {
    self.files = files
    self.tensors = tensors
    self.options = options
    interpreter = SourceInterpreter(files, dialect: dialect)
    interpreter.tensors = tensors
    for number in files.trees.indices {
      interpreter.resetSteps()
      _ = interpreter.scope(of: number)
    }
    for (name, value) in options.settings { interpreter.known[name] = value }
  }

  /// The model.
  ///
  /// - Throws: `source.model` when no class, or more than one, fits the tensors;
  ///   `source.mismatch`, `source.unsupported`, with their places.
  mutating func model(
    named name: String, producer: String
  ) throws(CheckpointError) -> (model: Model, warnings: [Diagnostic]) {
    let fit = try chosen()
    let type = fit.type
    let tree = files.trees[type.source]
    if let stop = fit.stop, fit.sizes.differences.isEmpty || !fit.isNear { throw stop }
    if let difference = fit.sizes.differences.first {
      let (argument, remedy) = cause(of: difference, fit)
      throw CheckpointError(
        .sourceMismatch,
        "'\(difference.key)' has another shape than the source gives it",
        at: files.trees[difference.place.source].location(difference.place.span),
        expected: difference.expected + (argument.map { ", from \($0)" } ?? ""),
        found: difference.found,
        hint: remedy.map { "give the size that the model was trained with: \($0)" }
          ?? "give the sizes that the model was trained with, or another source")
    }
    if let missing = fit.sizes.missing.first {
      throw CheckpointError(
        .sourceModel,
        "the class '\(type.name)' needs '\(missing.key)', which the file does not have",
        at: files.trees[missing.place.source].location(missing.place.span),
        found: counted(fit.sizes.missing.count, "missing tensor"))
    }
    if let unused = fit.unused.first {
      if let (member, unknown) = fit.object.unknown(at: unused) {
        throw CheckpointError(
          .sourceModel,
          "'\(member)' of the class '\(type.name)' is not known: \(SourceInterpreter.said(unknown.reason))",
          at: files.trees[unknown.place.source].location(unknown.place.span),
          found: "the tensor '\(unused)'",
          hint: "give the folder with all sources of the model")
      }
      throw CheckpointError(
        .sourceModel, "the class '\(type.name)' has no module for '\(unused)'",
        at: tree.location(type.definition.span),
        found: counted(fit.unused.count, "tensor without a module", "tensors without a module"))
    }
    guard case .function(let function)? = type.member("forward") else {
      throw CheckpointError(
        .sourceModel, "the class '\(type.name)' has no forward()",
        at: tree.location(type.definition.span))
    }
    // the forward pass may change attributes: every attempt has modules of its own
    let program = SourceProgram(
      function: function, className: type.name, known: fit.known, excluded: fit.excluded
    ) { reader in
      let made = reader.build(type, fit.arguments, fit.known, fit.excluded)
      return (made.object, made.instances)
    }
    let (model, warnings, _) = try forward(program, named: name, producer: producer)
    return (model, warnings)
  }

  /// The argument of the constructor that an extent comes from, and the value that the tensor says.
  private func cause(
    of difference: SourceSizes.Difference, _ fit: SourceFit
  ) -> (argument: String?, remedy: String?) {
    guard let (wanted, found) = difference.extents,
      case .function(let constructor)? = fit.type.member("__init__")
    else { return (nil, nil) }
    var causes: [(name: String, value: Int, remedy: Int)] = []
    for parameter in constructor.parameters.dropFirst() {
      let given =
        fit.known[parameter.name] ?? fit.arguments[parameter.name]
        ?? constructor.defaults[parameter.name]
      // an extent of gates, or of two directions, is a multiple of the argument
      guard let value = given?.integer, given?.flag == nil, value > 0, wanted % value == 0,
        [1, 2, 3, 4, 6, 8].contains(wanted / value), found % (wanted / value) == 0
      else { continue }
      causes.append((parameter.name, value, found / (wanted / value)))
    }
    guard causes.count == 1 else { return (nil, nil) }
    let cause = causes[0]
    let isDefault = fit.known[cause.name] == nil && fit.arguments[cause.name] == nil
    return (
      "\(cause.name)=\(cause.value)" + (isDefault ? " by default" : ""),
      "\(cause.name)=\(cause.remedy)"
    )
  }

  // MARK: the class

  private mutating func chosen() throws(CheckpointError) -> SourceFit {
    var types: [SourceClass] = []
    for number in files.trees.indices.prefix(files.givenCount) {
      guard let scope = interpreter.modules[number] else { continue }
      for statement in files.trees[number].statements {
        for own in Self.classNames(statement) {
          if case .type(let type)? = scope.values[own], type.isModule,
            !types.contains(where: { $0 === type })
          {
            types.append(type)
          }
        }
      }
    }
    interpreter.recordConstructions(of: types)
    for type in interpreter.constructions.compactMap(\.type)
    where type.isModule
      && !types.contains(where: {
        $0.source == type.source && $0.definition.span == type.definition.span
      })
    {
      types.append(type)
    }
    if let wanted = options.className {
      types = types.filter { $0.name == wanted }
      guard !types.isEmpty else { throw noModule(wanted) }
    }
    guard !types.isEmpty else {
      throw CheckpointError(
        .sourceModel, "the source has no class that inherits from nn.Module",
        at: .init(file: files.trees[0].text.name))
    }
    // a base of others has no forward pass of its own
    let whole = types.filter { $0.member("forward") != nil }
    if !whole.isEmpty, options.className == nil { types = whole }
    var fits: [SourceFit] = []
    for type in types {
      if let fit = best(type) { fits.append(fit) }
    }
    try checkSettings(fits)
    let complete = fits.filter(\.isComplete)
    if complete.count > 1 {
      throw CheckpointError(
        .sourceModel, "several classes fit the tensors",
        at: .init(file: files.trees[0].text.name),
        found: complete.map { "'\($0.type.name)'" }.joined(separator: ", "),
        hint: "name one behind the path: model.py:\(complete[0].type.name)")
    }
    if let only = complete.first { return only }
    guard let nearest = fits.min(by: { $0.distance < $1.distance }) else {
      throw CheckpointError(
        .sourceModel, "no class of the source fits the tensors",
        at: .init(file: files.trees[0].text.name))
    }
    return nearest
  }

  /// The error of a class that is no module of the source.
  private func noModule(_ wanted: String) -> CheckpointError {
    for number in files.trees.indices {
      guard case .type(let type)? = interpreter.modules[number]?.values[wanted] else { continue }
      let tree = files.trees[type.source]
      let last = type.lineage.last { type in
        type.bases.contains { if case .type = $0 { false } else { true } }
      }
      let base = last?.definition.arguments.first.map {
        files.trees[last?.source ?? 0].text.text($0.value.span)
      }
      return CheckpointError(
        .sourceModel,
        "the class '\(wanted)' is there, but nothing says that it is a module",
        at: tree.location(type.definition.span),
        expected: "a base class that is nn.Module",
        found: base.map { "the base '\($0)', which is not known" } ?? "no base",
        hint: "give the folder with all sources of the model")
    }
    return CheckpointError(
      .sourceModel, "the source has no module class '\(wanted)'",
      at: .init(file: files.trees[0].text.name))
  }

  private static func classNames(_ statement: Statement) -> [String] {
    switch statement.kind {
    case .classDefinition(let definition): [definition.name]
    case .condition(let branches, let otherwise):
      (branches.flatMap(\.body) + otherwise).flatMap(classNames)
    case .attempt(let attempt): attempt.body.flatMap(classNames)
    default: []
    }
  }
}
