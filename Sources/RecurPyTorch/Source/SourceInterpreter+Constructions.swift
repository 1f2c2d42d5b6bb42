import RecurSource

// Where the programs around a model make it.
extension SourceInterpreter {
  private static func definesClass(_ statements: [Statement]) -> Bool {
    statements.contains { if case .classDefinition = $0.kind { true } else { false } }
  }

  /// Finds where functions of the source make one of these classes, or one that they define.
  mutating func recordConstructions(of types: [SourceClass]) {
    let names = types.map { $0.name + "(" }
    for (number, scope) in modules.sorted(by: { $0.key < $1.key }) {
      for (_, value) in scope.values.sorted(by: { $0.key < $1.key }) {
        var functions: [SourceFunction] = []
        switch value {
        case .function(let function): functions = [function]
        case .type(let type) where !type.isModule:
          functions = type.members.sorted { $0.key < $1.key }.compactMap {
            if case .function(let function) = $0.value { function } else { nil }
          }
        default: break
        }
        for function in functions where function.scope.source == number {
          guard case .statements(let statements) = function.body else { continue }
          let text = files.trees[number].text
          guard
            names.contains(where: { text.contains($0, in: function.span) })
              || Self.definesClass(statements)
          else {
            continue
          }
          let inner = SourceScope(parent: function.scope, source: number)
          for parameter in function.parameters {
            inner.values[parameter.name] =
              function.defaults[parameter.name] ?? unknown("an argument of a training program")
          }
          resetSteps()
          phase = .file
          _ = try? run(statements, inner)
        }
      }
    }
  }
}
