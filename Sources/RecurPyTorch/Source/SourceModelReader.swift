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
  }

  /// A class that was made, and how it fits the tensors.
  struct Fit {
    let type: SourceClass
    let object: SourceObject
    let sizes: SourceSizes
    /// The keys that no module has.
    let unused: [String]
    let known: [String: SourceValue]
    let stop: CheckpointError?

    var isComplete: Bool {
      stop == nil && sizes.missing.isEmpty && sizes.differences.isEmpty && unused.isEmpty
    }

    var distance: Int {
      (stop == nil ? 0 : 1) + sizes.missing.count + sizes.differences.count + unused.count
    }
  }

  let files: SourceFiles
  let tensors: TensorTable
  let options: Options
  private var interpreter: SourceInterpreter

  /// The interpreter after all sources were read.
  var base: SourceInterpreter { interpreter }

  init(_ files: SourceFiles, _ tensors: TensorTable, _ options: Options) {
    self.files = files
    self.tensors = tensors
    self.options = options
    interpreter = SourceInterpreter(files)
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
  ) throws(CheckpointError) -> Model {
    let fit = try chosen()
    let type = fit.type
    let tree = files.trees[type.source]
    if let stop = fit.stop { throw stop }
    if let difference = fit.sizes.differences.first {
      throw CheckpointError(
        .sourceMismatch,
        "'\(difference.key)' has another shape than the source gives it",
        at: files.trees[difference.place.source].location(difference.place.span),
        expected: difference.expected, found: difference.found,
        hint: "give the sizes that the model was trained with, or another source")
    }
    if let missing = fit.sizes.missing.first {
      throw CheckpointError(
        .sourceModel,
        "the class '\(type.name)' needs '\(missing.key)', which the file does not have",
        at: files.trees[missing.place.source].location(missing.place.span),
        found: counted(fit.sizes.missing.count, "missing tensor"))
    }
    if let unused = fit.unused.first {
      throw CheckpointError(
        .sourceModel, "the class '\(type.name)' has no module for '\(unused)'",
        at: tree.location(type.definition.span),
        found: counted(fit.unused.count, "tensor without a module", "tensors without a module"))
    }
    return try forward(fit, named: name, producer: producer)
  }

  // MARK: the class

  private mutating func chosen() throws(CheckpointError) -> Fit {
    var types: [SourceClass] = []
    for number in files.trees.indices {
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
    if let wanted = options.className {
      types = types.filter { $0.name == wanted }
      guard !types.isEmpty else {
        throw CheckpointError(
          .sourceModel, "the source has no module class '\(wanted)'",
          at: .init(file: files.trees[0].text.name))
      }
    }
    guard !types.isEmpty else {
      throw CheckpointError(
        .sourceModel, "the source has no class that inherits from nn.Module",
        at: .init(file: files.trees[0].text.name))
    }
    interpreter.recordConstructions(of: types)
    var fits: [Fit] = []
    for type in types {
      if let fit = best(type) { fits.append(fit) }
    }
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

  private static func classNames(_ statement: Statement) -> [String] {
    switch statement.kind {
    case .classDefinition(let definition): [definition.name]
    case .condition(let branches, let otherwise):
      (branches.flatMap(\.body) + otherwise).flatMap(classNames)
    case .attempt(let attempt): attempt.body.flatMap(classNames)
    default: []
    }
  }

  /// The way to make a class that fits the tensors best.
  private func best(_ type: SourceClass) -> Fit? {
    var best: Fit?
    for arguments in candidates(type) {
      var budget = 300
      guard let fit = fit(type, arguments, interpreter.known, &budget) else { continue }
      if best.map({ fit.distance < $0.distance }) ?? true { best = fit }
      if fit.isComplete { break }
    }
    return best
  }

  /// The arguments with which a class may be made: where the source makes it, by its defaults, and
  /// with every size open.
  private func candidates(_ type: SourceClass) -> [[String: SourceValue]] {
    guard case .function(let constructor)? = type.member("__init__") else { return [[:]] }
    let own = constructor.parameters.dropFirst().filter { $0.kind != .rest && $0.kind != .keywords }
    var result: [[String: SourceValue]] = []
    for construction in interpreter.constructions where construction.type === type {
      var values: [String: SourceValue] = [:]
      for (parameter, value) in zip(own, construction.arguments) { values[parameter.name] = value }
      for (name, value) in construction.keywords { values[name] = value }
      values = values.filter { $0.value.unknown == nil }
      result.append(values)
    }
    result.append([:])
    var open: [String: SourceValue] = [:]
    for parameter in own {
      if constructor.defaults[parameter.name]?.plain?.dimension?.value != nil {
        open[parameter.name] = interpreter.open(parameter.name)
      }
    }
    if !open.isEmpty { result.append(open) }
    return result
  }

  // MARK: sizes

  /// Makes a class, and makes it again with the sizes that the tensors decide.
  private func fit(
    _ type: SourceClass, _ arguments: [String: SourceValue], _ known: [String: SourceValue],
    _ budget: inout Int
  ) -> Fit? {
    var known = known
    var last: Fit?
    while budget > 0 {
      budget -= 1
      let (object, sizes, stop) = build(type, arguments, known)
      let news = sizes.solved.filter { known[$0.key] == nil }
      if !news.isEmpty {
        known.merge(news) { one, _ in one }
        continue
      }
      let keys = Set(object.aliases(""))
      let unused = tensors.names.filter { key in
        !sizes.used.contains(key) && !key.hasSuffix("num_batches_tracked")
          && !keys.contains { key.hasPrefix($0 + ".") || key == $0 }
      }
      var problem: CheckpointError?
      switch stop {
      case .problem(let error)?: problem = error
      case .needs(let name, let place)?:
        // nothing decides the size yet: try
        for value in guesses(name) {
          var tried = known
          tried[name] = value
          guard budget > 0, let fit = fit(type, arguments, tried, &budget) else { break }
          if fit.isComplete { return fit }
          if last.map({ fit.distance < $0.distance }) ?? true { last = fit }
        }
        if let last { return last }
        problem = CheckpointError(
          .sourceModel, "the source does not say '\(name)', and no tensor decides it",
          at: files.trees[place.source].location(place.span),
          hint: "give its value: \(name)=…")
      case .learned?, nil: break
      }
      return Fit(
        type: type, object: object, sizes: sizes, unused: unused, known: known, stop: problem)
    }
    return last
  }

  private func guesses(_ name: String) -> [SourceValue] {
    [.flag(false), .flag(true)] + (1...12).map { .integer($0) } + [.none]
  }

  private func build(
    _ type: SourceClass, _ arguments: [String: SourceValue], _ known: [String: SourceValue]
  ) -> (object: SourceObject, sizes: SourceSizes, stop: SourceStop?) {
    var run = interpreter
    run.resetSteps()
    run.phase = .construction
    run.known = known
    run.position = SourcePosition(source: type.source, span: type.definition.span)
    let kind = type.libraryBases.lazy.compactMap(SourceModules.kind).first
    let object = SourceObject(type: type, kind: kind, place: run.position)
    var stop: SourceStop?
    do throws(SourceStop) {
      if case .function(let constructor)? = type.member("__init__") {
        var given = SourceArguments()
        for parameter in constructor.parameters.dropFirst() {
          switch parameter.kind {
          case .rest, .keywords: continue
          case .positionalOnly, .standard, .keywordOnly: break
          }
          let value: SourceValue
          if let set = known[parameter.name] {
            value = set
          } else if let own = arguments[parameter.name] {
            value = own
          } else if let standard = constructor.defaults[parameter.name] {
            value = standard
          } else {
            value = run.open(parameter.name)
          }
          given.keywords.append((parameter.name, value))
        }
        _ = try run.call(constructor, .object(object), given)
      }
    } catch {
      stop = error
    }
    object.name("")
    var sizes = SourceSizes(tensors)
    sizes.match(object)
    return (object, sizes, stop)
  }
}
