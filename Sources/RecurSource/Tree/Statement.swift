/// A statement of a source, with its place.
package struct Statement: Sendable {
  /// Where the statement stands.
  package let span: SourceSpan
  /// What the statement is.
  package let kind: Kind

  /// The kinds of statements.
  package enum Kind: Sendable {
    case expression(Expression)
    /// `target = target = value`.
    case assignment([Expression], Expression)
    case augmented(Expression, BinaryOperator, Expression)
    /// `target: annotation = value`.
    case annotated(Expression, annotation: Expression, value: Expression?)
    case condition([Branch], otherwise: [Statement])
    case loop(Loop)
    case whileLoop(test: Expression, body: [Statement], otherwise: [Statement])
    case with([(context: Expression, target: Expression?)], body: [Statement], isAsync: Bool)
    case attempt(Attempt)
    case function(FunctionDefinition)
    case classDefinition(ClassDefinition)
    case returned(Expression?)
    case raise(Expression?, cause: Expression?)
    case assertion(Expression, message: Expression?)
    case delete([Expression])
    case pass
    case breakLoop
    case continueLoop
    case global([String])
    case nonlocal([String])
    case importModules([ImportedName])
    /// `from module import names`; `level` dots in front, and no names for `*`.
    case importNames(module: String?, level: Int, names: [ImportedName])
    case match(Expression, [MatchCase])
    case typeAlias(String, Expression)
    /// A statement that the parser does not know, and why.
    case opaque(String)
  }

  /// `if test: body` or `elif test: body`.
  package struct Branch: Sendable {
    package let test: Expression
    package let body: [Statement]
  }

  /// `for target in iterable: body else: otherwise`.
  package struct Loop: Sendable {
    package let target: Expression
    package let iterable: Expression
    package let body: [Statement]
    package let otherwise: [Statement]
    package let isAsync: Bool
  }

  /// `try: body except …: … else: … finally: …`.
  package struct Attempt: Sendable {
    package let body: [Statement]
    package let handlers: [Handler]
    package let otherwise: [Statement]
    package let final: [Statement]
    /// Whether handlers are written `except*`.
    package let takesGroups: Bool
  }

  /// `except type as name: body`.
  package struct Handler: Sendable {
    package let type: Expression?
    package let name: String?
    package let body: [Statement]
  }

  /// A name that an import makes: `name as alias`.
  package struct ImportedName: Sendable {
    package let name: String
    package let alias: String?
  }
}

/// `def name(parameters): body`.
package struct FunctionDefinition: Sendable {
  package let name: String
  package let parameters: [FunctionParameter]
  package let returns: Expression?
  package let body: [Statement]
  package let decorators: [Expression]
  package let isAsync: Bool
  package let span: SourceSpan
}

/// `class name(bases): body`.
package struct ClassDefinition: Sendable {
  package let name: String
  package let arguments: [Argument]
  package let body: [Statement]
  package let decorators: [Expression]
  package let span: SourceSpan
}

/// `case pattern if guard: body`.
package struct MatchCase: Sendable {
  package let pattern: Pattern
  package let condition: Expression?
  package let body: [Statement]
}

/// A pattern of a `match` statement.
package indirect enum Pattern: Sendable {
  case value(Expression)
  /// A name, or nil for `_`.
  case capture(String?)
  case sequence([Pattern])
  case star(String?)
  case mapping([(key: Expression, pattern: Pattern)], rest: String?)
  case instance(Expression, [Pattern], [(name: String, pattern: Pattern)])
  case anyOf([Pattern])
  case named(Pattern, String)
}
