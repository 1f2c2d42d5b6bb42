import RecurModel
import RecurSource
import RecurTensors

extension SourceInterpreter {
  mutating func importModules(_ names: [Statement.ImportedName], _ scope: SourceScope) {
    for name in names {
      if let alias = name.alias {
        scope.values[alias] = module(name.name, from: scope.source) ?? .library(name.name)
      } else {
        let root = name.name.split(separator: ".").first.map(String.init) ?? name.name
        scope.values[root] = module(root, from: scope.source) ?? .library(root)
      }
    }
  }

  mutating func importNames(
    _ module: String?, _ level: Int, _ names: [Statement.ImportedName], _ scope: SourceScope
  ) throws(SourceStop) {
    let path = String(repeating: ".", count: level) + (module ?? "")
    if let number = files.number(of: path, from: scope.source) {
      let own = self.scope(of: number)
      if names.isEmpty {
        for (name, value) in own.values { scope.values[name] = value }
        scope.starImports += own.starImports
      }
      for name in names {
        scope.values[name.alias ?? name.name] =
          own.values[name.name]
          ?? files.number(of: "\(path).\(name.name)", from: scope.source)
          .map { .library("\u{1}\($0)") } ?? unknown("'\(path)' has no '\(name.name)'")
      }
      return
    }
    if names.isEmpty { scope.starImports.append(path) }
    if names.isEmpty, path == "torch.nn" || path == "torch" {
      for name in SourceModules.names { scope.values[name] = .library("torch.nn.\(name)") }
    }
    for name in names {
      let full = "\(path).\(name.name)"
      scope.values[name.alias ?? name.name] =
        files.number(of: full, from: scope.source).map { .library("\u{1}\($0)") } ?? .library(full)
    }
  }

  private mutating func module(_ path: String, from source: Int) -> SourceValue? {
    guard let number = files.number(of: path, from: source) else { return nil }
    _ = scope(of: number)
    return .library("\u{1}\(number)")
  }

  /// The names that a source defines; the source is read when they are asked for first.
  package mutating func scope(of number: Int) -> SourceScope {
    if let known = modules[number] { return known }
    let scope = SourceScope(parent: nil, source: number)
    modules[number] = scope
    scope.values["__name__"] = .text(number == 0 ? "__main__" : files.names[number])
    scope.values["__file__"] = .text(files.names[number])
    let (outerPhase, outerPosition) = (phase, position)
    if phase != .program { phase = .file }
    _ = try? run(files.trees[number].statements, scope)
    (phase, position) = (outerPhase, outerPosition)
    return scope
  }

  // MARK: functions and classes

  mutating func function(
    _ definition: FunctionDefinition, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    guard !definition.isAsync else { return unknown("a coroutine") }
    budget.keep(scope.ofFunctions)
    let function = SourceFunction(
      name: definition.name, parameters: definition.parameters, body: .statements(definition.body),
      scope: scope.ofFunctions, span: definition.span)
    for parameter in definition.parameters {
      if let value = parameter.value {
        function.defaults[parameter.name] = (try? evaluate(value, scope)) ?? unknown("a default")
      }
    }
    for decorator in definition.decorators {
      let text = files.trees[scope.source].text.text(decorator.span)
      switch text {
      case "staticmethod", "classmethod", "property": function.kinds.insert(text)
      case "torch.no_grad()", "torch.inference_mode()", "torch.jit.export", "torch.jit.ignore",
        "torch.jit.script_method", "override", "typing.override", "cached_property",
        "functools.cached_property", "abstractmethod", "torch.jit.script", "abc.abstractmethod",
        "torch.jit.script_if_tracing", "script_if_tracing":
        if text.hasSuffix("cached_property") { function.kinds.insert("property") }
      default:
        if text.hasSuffix(".setter") { continue }
        function.kinds.insert("decorated by \(text)")
      }
    }
    return .function(function)
  }

  mutating func type(
    _ definition: ClassDefinition, _ scope: SourceScope
  ) throws(SourceStop) -> SourceValue {
    var bases: [SourceValue] = []
    for argument in definition.arguments {
      if case .positional = argument.kind {
        bases.append((try? evaluate(argument.value, scope)) ?? unknown("a base"))
      }
    }
    let type = SourceClass(
      name: definition.name, bases: bases, definition: definition, source: scope.source)
    type.isDataclass = definition.decorators.contains { decorator in
      files.trees[scope.source].text.text(decorator.span).contains("dataclass")
    }
    let inner = SourceScope(parent: scope, source: scope.source, isClass: true)
    for statement in definition.body {
      _ = try? run([statement], inner)
      if case .annotated(let target, _, _) = statement.kind, case .name(let name) = target.kind {
        type.memberOrder.append(name)
      }
    }
    for (name, value) in inner.values {
      type.members[name] = value
      if case .function(let function) = value, function.owner == nil { function.owner = type }
    }
    return .type(type)
  }
}
