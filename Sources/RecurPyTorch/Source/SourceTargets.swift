import RecurSource

/// What statements give values to.
struct SourceTargets {
  private(set) var names: Set<String> = []
  /// The names of lists, dictionaries and arrays, elements of which get a value.
  private(set) var items: Set<String> = []

  init(_ statements: [Statement], _ interpreter: SourceInterpreter) throws(SourceStop) {
    try add(statements, interpreter)
  }

  /// What a loop gives values to: its target too.
  init(_ loop: Statement.Loop, _ interpreter: SourceInterpreter) throws(SourceStop) {
    try add(loop.target, interpreter)
    try add(loop.body, interpreter)
  }

  private mutating func add(
    _ statements: [Statement], _ interpreter: SourceInterpreter
  ) throws(SourceStop) {
    for statement in statements {
      switch statement.kind {
      case .assignment(let targets, _): for target in targets { try add(target, interpreter) }
      case .annotated(let target, _, _), .augmented(let target, _, _): try add(target, interpreter)
      case .condition(let branches, let otherwise):
        try add(branches.flatMap(\.body) + otherwise, interpreter)
      case .loop(let loop):
        try add(loop.target, interpreter)
        try add(loop.body + loop.otherwise, interpreter)
      case .with(_, let body, _): try add(body, interpreter)
      case .expression, .pass, .assertion, .continueLoop, .breakLoop, .returned, .raise: break
      default:
        throw interpreter.problem("a statement of this kind in a loop over timesteps")
      }
    }
  }

  private mutating func add(
    _ target: Expression, _ interpreter: SourceInterpreter
  ) throws(SourceStop) {
    switch target.kind {
    case .name(let name): names.insert(name)
    case .tuple(let all), .list(let all): for one in all { try add(one, interpreter) }
    case .starred(let inner): try add(inner, interpreter)
    case .item(let owner, _):
      guard case .name(let name) = owner.kind else {
        throw interpreter.problem("an attribute is changed in a loop over timesteps")
      }
      items.insert(name)
    default: throw interpreter.problem("an attribute is changed in a loop over timesteps")
    }
  }
}
