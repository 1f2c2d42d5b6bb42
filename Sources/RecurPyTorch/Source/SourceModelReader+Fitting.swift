import RecurFormats
import RecurModel
import RecurSource
import RecurTensors

/// A class that was made, and how it fits the tensors.
struct SourceFit {
  let type: SourceClass
  let object: SourceObject
  let sizes: SourceSizes
  /// The keys that no module has.
  let unused: [String]
  /// The arguments, values by name, and texts that values do not have, with which it was made.
  let arguments: [String: SourceValue]
  let known: [String: SourceValue]
  let excluded: [String: Set<String>]
  /// The names of all values that its constructor asked for.
  let asked: Set<String>
  var stop: CheckpointError?

  var isComplete: Bool {
    stop == nil && sizes.missing.isEmpty && sizes.differences.isEmpty && unused.isEmpty
  }

  /// Whether the tensors are those of the class, but for their shapes.
  var isNear: Bool { sizes.missing.isEmpty && unused.isEmpty }

  /// Whether this is the better one of two ways to make the same class.
  func isBetter(than other: SourceFit) -> Bool {
    if (stop == nil) != (other.stop == nil) { return stop == nil }
    return distance < other.distance
  }

  var distance: Int {
    (stop == nil ? 0 : 1) + sizes.missing.count + sizes.differences.count + unused.count
  }
}

/// An object that a constructor made, compared with the tensors.
struct SourceBuild {
  let object: SourceObject
  let sizes: SourceSizes
  let stop: SourceStop?
  let asked: Set<String>
  /// The objects of the program around the model that were made for it.
  let instances: [ObjectIdentifier: SourceValue]
}

extension SourceModelReader {
  /// The way to make a class that fits the tensors best.
  func best(_ type: SourceClass) -> SourceFit? {
    var best: SourceFit?
    var complete: [SourceFit] = []
    let (made, others) = candidates(type)
    for (index, arguments) in (made + others).enumerated() {
      if index >= made.count, !complete.isEmpty { break }
      var attempts = 300
      guard let fit = fit(type, arguments, base.known, [:], &attempts) else { continue }
      if best.map({ fit.isBetter(than: $0) }) ?? true { best = fit }
      if fit.isComplete { complete.append(fit) }
      if index >= made.count, fit.isComplete { break }
    }
    guard var only = complete.first else { return best }
    // the source may make the class in several ways that have the same tensors
    let signature = only.object.signature
    if let other = complete.first(where: { $0.object.signature != signature }) {
      let names = Set(only.arguments.keys).union(other.arguments.keys).sorted().filter {
        differ(only.arguments[$0], other.arguments[$0])
      }
      only.stop = CheckpointError(
        .sourceModel,
        "the source makes '\(type.name)' in several ways that fit the tensors",
        at: files.trees[type.source].location(type.definition.span),
        found: names.map { name in
          "\(name)=\(only.arguments[name]?.title ?? "…"), \(name)=\(other.arguments[name]?.title ?? "…")"
        }.joined(separator: "; "),
        hint: names.first.map { "give its value: \($0)=…" })
    }
    return only
  }

  private func differ(_ one: SourceValue?, _ other: SourceValue?) -> Bool {
    guard let one, let other else { return (one == nil) != (other == nil) }
    return base.equal(one, other) != true
  }

  /// The arguments with which a class may be made: where the source makes it, by its defaults, and
  /// with every size open.
  private func candidates(
    _ type: SourceClass
  ) -> (made: [[String: SourceValue]], others: [[String: SourceValue]]) {
    guard case .function(let constructor)? = type.member("__init__") else { return ([], [[:]]) }
    let own = constructor.parameters.dropFirst().filter { $0.kind != .rest && $0.kind != .keywords }
    var made: [[String: SourceValue]] = []
    for construction in base.constructions where construction.type === type {
      made.append(Self.values(of: construction, constructor))
    }
    var others: [[String: SourceValue]] = [[:]]
    var open: [String: SourceValue] = [:]
    for parameter in own {
      let standard = constructor.defaults[parameter.name]
      if standard?.dimension?.value != nil || standard?.flag != nil || standard?.text != nil {
        open[parameter.name] = base.known[parameter.name] ?? .plain(.size(.open(parameter.name)))
      }
    }
    if !open.isEmpty { others.append(open) }
    return (made, others)
  }

  /// Every setting has to be one that a class asks for.
  func checkSettings(_ fits: [SourceFit]) throws(CheckpointError) {
    var asked = fits.reduce(into: Set<String>()) { $0.formUnion($1.asked) }
    for fit in fits {
      guard case .function(let function)? = fit.type.member("forward") else { continue }
      asked.formUnion(function.parameters.dropFirst().map(\.name))
    }
    for (name, _) in options.settings where !asked.contains(name) {
      throw CheckpointError(
        .sourceModel, "no class of the source takes a value '\(name)'",
        at: .init(file: files.trees[0].text.name),
        expected: asked.sorted().prefix(40).joined(separator: ", "), found: name)
    }
  }

  // MARK: sizes

  /// Makes a class, and makes it again with the sizes that the tensors decide.
  private func fit(
    _ type: SourceClass, _ arguments: [String: SourceValue], _ given: [String: SourceValue],
    _ excluded: [String: Set<String>], _ attempts: inout Int
  ) -> SourceFit? {
    var known = given
    while attempts > 0 {
      attempts -= 1
      let made = build(type, arguments, known, excluded)
      let news = made.sizes.solved.filter { known[$0.key] == nil }
      if !news.isEmpty {
        known.merge(news) { one, _ in one }
        continue
      }
      let keys = Set(made.object.aliases(""))
      let unused = tensors.names.filter { key in
        !made.sizes.used.contains(key) && !key.hasSuffix("num_batches_tracked")
          && !keys.contains { key.hasPrefix($0 + ".") || key == $0 }
      }
      var problem: CheckpointError?
      switch made.stop {
      case .problem(let error)?: problem = error
      case .needs(let name, let place, let values)?:
        // no value gives the tensors that a module lacks already
        if known[name] == nil, made.sizes.missing.isEmpty, made.sizes.differences.isEmpty,
          let fit = guessed(
            name, place, values, type, arguments, known, excluded, &attempts)
        {
          return fit
        }
        if case .problem(let error) = base.missing(name, at: place) { problem = error }
      case .learned?, nil: break
      }
      return SourceFit(
        type: type, object: made.object, sizes: made.sizes, unused: unused, arguments: arguments,
        known: known, excluded: excluded, asked: made.asked, stop: problem)
    }
    return nil
  }

  /// Tries the values that something may have which the source does not say.
  ///
  /// Exactly one meaning may fit the tensors.
  private func guessed(
    _ name: String, _ place: SourcePosition, _ texts: [String], _ type: SourceClass,
    _ arguments: [String: SourceValue], _ known: [String: SourceValue],
    _ excluded: [String: Set<String>], _ attempts: inout Int
  ) -> SourceFit? {
    var (nearest, complete): (SourceFit?, [(value: SourceValue?, fit: SourceFit)]) = (nil, [])
    func take(_ fit: SourceFit?, _ value: SourceValue?) {
      guard let fit else { return }
      if fit.isComplete { complete.append((value, fit)) }
      if nearest.map({ fit.isBetter(than: $0) }) ?? true { nearest = fit }
    }
    for value in texts.isEmpty ? Self.guesses : texts.map({ .text($0) }) {
      guard attempts > 0 else { break }
      var tried = known
      tried[name] = value
      take(fit(type, arguments, tried, excluded, &attempts), value)
    }
    if !texts.isEmpty {
      var others = excluded
      others[name, default: []].formUnion(texts)
      take(fit(type, arguments, known, others, &attempts), nil)
    }
    // A size that one number alone fits is that number, and not None.
    let numbers = complete.filter { $0.value?.integer != nil && $0.value?.flag == nil }
    if texts.isEmpty, numbers.count == 1, complete.allSatisfy({ $0.value?.flag == nil }) {
      return numbers[0].fit
    }
    guard var only = complete.first?.fit else { return nearest }
    let signature = only.object.signature
    let different = complete.filter { $0.fit.object.signature != signature }
    // a value that is only asked whether it is true is True where every number fits
    let isFlag = different.allSatisfy { entry in
      guard let value = entry.value, let first = complete[0].value else { return false }
      return Self.isTrue(value) == Self.isTrue(first)
    }
    guard !different.isEmpty, !isFlag else { return only }
    let titles = complete.map { $0.value?.title ?? "another" }
    only.stop = CheckpointError(
      .sourceModel, "the source does not say '\(name)', and several values fit the tensors",
      at: files.trees[place.source].location(place.span),
      found: titles.prefix(8).joined(separator: ", "), hint: "give its value: \(name)=…")
    return only
  }

  private static var guesses: [SourceValue] {
    [.flag(false), .flag(true)] + (1...12).map { .integer($0) } + [.none]
  }

  private static func isTrue(_ value: SourceValue) -> Bool {
    value.flag ?? value.integer.map { $0 != 0 } ?? !value.isNone
  }

  /// Makes an object of a class, with its modules.
  func build(
    _ type: SourceClass, _ arguments: [String: SourceValue], _ known: [String: SourceValue],
    _ excluded: [String: Set<String>]
  ) -> SourceBuild {
    var run = base
    run.resetSteps()
    run.phase = .construction
    run.known = known
    run.excluded = excluded
    run.position = SourcePosition(source: type.source, span: type.definition.span)
    let kind = type.libraryBases.lazy.compactMap(SourceModules.kind).first
    let object = SourceObject(type: type, kind: kind, place: run.position)
    var stop: SourceStop?
    do throws(SourceStop) {
      if case .function(let constructor)? = type.member("__init__") {
        var given = SourceArguments()
        for parameter in constructor.parameters.dropFirst() {
          switch parameter.kind {
          case .rest:
            guard case .tuple(let further)? = arguments[Self.rest] else { continue }
            given.positional = given.keywords.map(\.value) + further
            given.keywords = []
            continue
          case .keywords:
            given.keywords += further(type, constructor, arguments, &run)
            continue
          case .positionalOnly, .standard, .keywordOnly: break
          }
          let value: SourceValue
          run.asked.insert(parameter.name)
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
    for instance in run.instances.values {
      instance.object?.name("(a module that the class does not have)")
    }
    var sizes = SourceSizes(tensors)
    sizes.match(object)
    return SourceBuild(
      object: object, sizes: sizes, stop: stop, asked: run.asked, instances: run.instances)
  }

}

extension SourceObject {
  /// What the object is made of besides its tensors, as text: objects of equal texts compute the same.
  var signature: String {
    var text = ""
    var seen: Set<ObjectIdentifier> = []
    write(&text, &seen)
    return text
  }

  /// Names of values that change nothing when a model runs.
  private static let training = [
    "drop", "lr", "rate", "decay", "device", "optim", "loss", "metric",
  ]

  private func write(_ text: inout String, _ seen: inout Set<ObjectIdentifier>) {
    guard seen.insert(ObjectIdentifier(self)).inserted, text.utf8.count < 1 << 20 else { return }
    text += "\(className)("
    for name in attributeOrder where !(kind != nil && name == "p") {
      guard let value = attributes[name] else { continue }
      if value.plain?.double != nil, value.flag == nil,
        Self.training.contains(where: name.lowercased().contains)
      {
        continue
      }
      text += "\(name)="
      write(value, &text, &seen)
    }
    for child in children {
      text += "\(child.name):"
      write(child.value, &text, &seen)
    }
    text += ")"
  }

  private func write(
    _ value: SourceValue, _ text: inout String, _ seen: inout Set<ObjectIdentifier>
  ) {
    guard text.utf8.count < 1 << 20 else { return }
    switch value {
    case .object(let object): object.write(&text, &seen)
    case .list(let list): for own in list.elements { write(own, &text, &seen) }
    case .tuple(let values): for own in values { write(own, &text, &seen) }
    case .dictionary(let dictionary):
      for key in dictionary.keys {
        text += "\(key):"
        if let own = dictionary[key] { write(own, &text, &seen) }
      }
    default: text += "\(value.title);"
    }
  }
}
