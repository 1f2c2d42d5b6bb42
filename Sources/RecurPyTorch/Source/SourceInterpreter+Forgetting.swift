import RecurSource

// What statements change that are not read, or read without knowing how often.
extension SourceInterpreter {
  /// Gives all that statements assign an unknown value.
  mutating func forget(
    _ statements: [Statement], _ value: SourceValue, _ scope: SourceScope
  ) {
    for statement in statements {
      switch statement.kind {
      case .assignment(let targets, _): for target in targets { forget(target, value, scope) }
      case .annotated(let target, _, let own?):
        _ = own
        forget(target, value, scope)
      case .augmented(let target, _, _): forget(target, value, scope)
      case .condition(let branches, let otherwise):
        forget(branches.flatMap(\.body) + otherwise, value, scope)
      case .loop(let loop):
        forget(loop.target, value, scope)
        forget(loop.body + loop.otherwise, value, scope)
      case .whileLoop(_, let body, let otherwise): forget(body + otherwise, value, scope)
      case .with(_, let body, _): forget(body, value, scope)
      case .attempt(let attempt):
        forget(attempt.body + attempt.otherwise + attempt.final, value, scope)
      case .expression(let expression):
        forget(call: expression, value, scope)
      default: break
      }
    }
  }

  /// What a call may have changed that could not be read: `config.update(…)`, `model.add(…)`.
  private mutating func forget(
    call expression: Expression, _ value: SourceValue, _ scope: SourceScope
  ) {
    guard case .call(let callee, let arguments) = expression.kind else { return }
    let reason = value.unknown ?? SourceUnknown(reason: "a call", place: position)
    for argument in arguments {
      (try? evaluate(argument.value, scope))?.foreign?.doubt("a function", reason)
    }
    guard case .attribute(let owner, let method) = callee.kind,
      let own = try? evaluate(owner, scope)
    else { return }
    own.foreign?.doubt(method, reason)
    if case .dictionary(let dictionary) = own { dictionary.unknown = value.unknown }
    if case .list = own { forget(owner, value, scope) }
  }

  private mutating func forget(
    _ target: Expression, _ value: SourceValue, _ scope: SourceScope
  ) {
    switch target.kind {
    case .name, .attribute, .item: _ = try? assign(value, to: target, scope)
    case .tuple(let elements), .list(let elements):
      for element in elements { forget(element, value, scope) }
    case .starred(let inner): forget(inner, value, scope)
    default: break
    }
  }

  /// Gives what statements assign a value that no name makes known.
  mutating func forgetForGood(
    _ statements: [Statement], _ value: SourceValue, _ scope: SourceScope
  ) {
    isForgetting = true
    defer { isForgetting = false }
    forget(statements, value, scope)
  }

  mutating func forgetForGood(
    _ target: Expression, _ value: SourceValue, _ scope: SourceScope
  ) {
    isForgetting = true
    defer { isForgetting = false }
    forget(target, value, scope)
  }

  /// Why a choice is not told.
  func untold(_ test: SourceValue) -> SourceValue {
    guard let name = test.openName ?? test.unknown?.reason else {
      return unknown("a choice of the training program")
    }
    return unknown(
      test.openName == nil
        ? "it depends on a choice: \(name)"
        : "it depends on a choice: the source does not say '\(name)'")
  }
}
