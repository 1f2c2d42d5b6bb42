import RecurSource

/// A syntax tree as text, in the words of Python's module `ast`, with the place of every node.
///
/// `testdata/generators/gen_source_trees.py` writes the same text from Python's own tree.
struct TreeText {
  let text: SourceText
  private var lineStarts: [Int] = [0]
  private var isInFormatted = false
  private(set) var result = ""

  init(_ tree: SourceTree) {
    text = tree.text
    for (offset, byte) in text.bytes.enumerated() where byte == 0x0A {
      lineStarts.append(offset + 1)
    }
    for statement in tree.statements {
      write(statement)
      result += "\n"
    }
  }

  private func place(_ span: SourceSpan) -> String {
    guard !isInFormatted else { return "" }
    let offset = Int(span.start)
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    return "@\(low + 1):\(offset - lineStarts[low])"
  }

  private mutating func open(_ name: String, _ span: SourceSpan) {
    result += "(\(name)\(place(span))"
  }

  private mutating func write(_ block: [Statement]) {
    result += " ["
    for statement in block {
      result += " "
      write(statement)
    }
    result += "]"
  }

  private mutating func write(_ expression: Expression?) {
    result += " "
    if let expression { write(expression) } else { result += "-" }
  }

  private mutating func write(_ expressions: [Expression]) {
    result += " ["
    for expression in expressions { write(Optional(expression)) }
    result += "]"
  }

  private static func quoted(_ text: String) -> String {
    var result = "'"
    for scalar in text.unicodeScalars {
      if scalar.value >= 0x20, scalar.value < 0x7F, scalar != "'", scalar != "\\" {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\\(String(scalar.value, radix: 16));"
      }
    }
    return result + "'"
  }

  // MARK: statements

  private mutating func write(_ statement: Statement) {
    let span = statement.span
    switch statement.kind {
    case .expression(let value): simple("Expr", span, [value])
    case .assignment(let targets, let value):
      open("Assign", span)
      write(targets)
      write(Optional(value))
      result += ")"
    case .augmented(let target, let operation, let value):
      open("AugAssign \(operation.rawValue)", span)
      write(Optional(target))
      write(Optional(value))
      result += ")"
    case .annotated(let target, let annotation, let value):
      simple("AnnAssign", span, [target, annotation, value])
    case .condition(let branches, let otherwise): write(branches[...], otherwise, span)
    case .loop(let loop):
      open(loop.isAsync ? "AsyncFor" : "For", span)
      write(Optional(loop.target))
      write(Optional(loop.iterable))
      write(loop.body)
      write(loop.otherwise)
      result += ")"
    case .whileLoop(let test, let body, let otherwise):
      open("While", span)
      write(Optional(test))
      write(body)
      write(otherwise)
      result += ")"
    case .with(let items, let body, let isAsync):
      open(isAsync ? "AsyncWith" : "With", span)
      for item in items {
        write(Optional(item.context))
        write(item.target)
      }
      write(body)
      result += ")"
    case .attempt(let attempt): write(attempt, span)
    case .function(let function): write(function)
    case .classDefinition(let definition): write(definition)
    case .returned(let value): simple("Return", span, [value])
    case .raise(let error, let cause): simple("Raise", span, [error, cause])
    case .assertion(let test, let message): simple("Assert", span, [test, message])
    case .delete(let targets):
      open("Delete", span)
      write(targets)
      result += ")"
    case .pass: simple("Pass", span, [])
    case .breakLoop: simple("Break", span, [])
    case .continueLoop: simple("Continue", span, [])
    case .global(let names): simple("Global \(names.joined(separator: " "))", span, [])
    case .nonlocal(let names): simple("Nonlocal \(names.joined(separator: " "))", span, [])
    case .importModules(let names): simple("Import\(Self.text(names))", span, [])
    case .importNames(let module, let level, let names):
      let list = names.isEmpty ? " *" : Self.text(names)
      simple("ImportFrom \(level) \(module ?? "-")\(list)", span, [])
    case .match(let subject, let cases): write(subject, cases, span)
    case .typeAlias(let name, let value): simple("TypeAlias \(name)", span, [value])
    case .opaque(let reason): simple("OPAQUE \(reason)", span, [])
    }
  }

  private static func text(_ names: [Statement.ImportedName]) -> String {
    names.map { " \($0.name):\($0.alias ?? "-")" }.joined()
  }

  private mutating func simple(_ name: String, _ span: SourceSpan, _ values: [Expression?]) {
    open(name, span)
    for value in values { write(value) }
    result += ")"
  }

  private mutating func write(
    _ branches: ArraySlice<Statement.Branch>, _ otherwise: [Statement], _ span: SourceSpan
  ) {
    for (number, branch) in branches.enumerated() {
      // the place of a further branch is that of its test in neither tree
      result += number == 0 ? "(If\(place(span))" : " [ (If"
      write(Optional(branch.test))
      write(branch.body)
    }
    write(otherwise)
    result += ")" + String(repeating: "])", count: branches.count - 1)
  }

  private mutating func write(_ attempt: Statement.Attempt, _ span: SourceSpan) {
    open(attempt.takesGroups ? "TryStar" : "Try", span)
    write(attempt.body)
    for handler in attempt.handlers {
      result += " (Handler \(handler.name ?? "-")"
      write(handler.type)
      write(handler.body)
      result += ")"
    }
    write(attempt.otherwise)
    write(attempt.final)
    result += ")"
  }

  private mutating func write(_ function: FunctionDefinition) {
    open("\(function.isAsync ? "AsyncFunctionDef" : "FunctionDef") \(function.name)", function.span)
    write(function.parameters)
    write(function.returns)
    write(function.body)
    write(function.decorators)
    result += ")"
  }

  private mutating func write(_ parameters: [FunctionParameter]) {
    result += " {"
    for parameter in parameters {
      let kind =
        switch parameter.kind {
        case .positionalOnly: "/"
        case .standard: ""
        case .keywordOnly: "="
        case .rest: "*"
        case .keywords: "**"
        }
      result += " \(kind)\(parameter.name)"
      write(parameter.annotation)
      write(parameter.value)
    }
    result += "}"
  }

  private mutating func write(_ definition: ClassDefinition) {
    open("ClassDef \(definition.name)", definition.span)
    write(definition.arguments)
    write(definition.body)
    write(definition.decorators)
    result += ")"
  }

  private mutating func write(_ arguments: [Argument]) {
    // Python keeps positional and keyword arguments apart
    for argument in arguments {
      switch argument.kind {
      case .positional: write(Optional(argument.value))
      case .spread:
        result += " *"
        write(argument.value)
      case .keyword, .keywords: break
      }
    }
    for argument in arguments {
      switch argument.kind {
      case .positional, .spread: break
      case .keyword(let name):
        result += " \(name)="
        write(argument.value)
      case .keywords:
        result += " **"
        write(argument.value)
      }
    }
  }

  // MARK: expressions

  private mutating func write(_ expression: Expression) {
    let span = expression.span
    switch expression.kind {
    case .name(let name): leaf(name, span)
    case .none: leaf("None", span)
    case .boolean(let value): leaf(value ? "True" : "False", span)
    case .integer(let value): leaf(String(value), span)
    case .largeInteger: leaf("large", span)
    case .float(let value): leaf("f\(value.bitPattern)", span)
    case .imaginary(let value): leaf("j\(value.bitPattern)", span)
    case .string(let value): leaf(Self.quoted(value), span)
    case .bytes(let value): leaf("b" + value.map { String($0) }.joined(separator: ","), span)
    case .ellipsis: leaf("...", span)
    case .formatted(let pieces): write(pieces, span)
    case .tuple(let elements): list("Tuple", span, elements)
    case .list(let elements): list("List", span, elements)
    case .set(let elements): list("Set", span, elements)
    case .dictionary(let entries):
      open("Dict", span)
      for entry in entries {
        write(entry.key)
        write(Optional(entry.value))
      }
      result += ")"
    case .unary(let operation, let value): simple(operation.rawValue, span, [value])
    case .binary(let operation, let left, let right):
      simple(operation.rawValue, span, [left, right])
    case .comparison(let first, let operands):
      open("Compare", span)
      write(Optional(first))
      for (operation, operand) in operands {
        result += " \(operation.rawValue)"
        write(Optional(operand))
      }
      result += ")"
    case .allOf(let operands): list("And", span, operands)
    case .anyOf(let operands): list("Or", span, operands)
    case .conditional(let test, let then, let otherwise):
      simple("IfExp", span, [test, then, otherwise])
    case .call(let function, let arguments):
      open("Call", span)
      write(Optional(function))
      write(arguments)
      result += ")"
    case .attribute(let value, let name): simple(".\(name)", span, [value])
    case .item(let value, let index): simple("Subscript", span, [value, index])
    case .slice(let lower, let upper, let step): simple("Slice", span, [lower, upper, step])
    case .starred(let value): simple("Starred", span, [value])
    case .lambda(let parameters, let body):
      open("Lambda", span)
      write(parameters)
      write(Optional(body))
      result += ")"
    case .comprehension(let comprehension): write(comprehension, span)
    case .walrus(let name, let value): simple("NamedExpr \(name)", span, [value])
    case .await(let value): simple("Await", span, [value])
    case .yield(let value): simple("Yield", span, [value])
    case .yieldFrom(let value): simple("YieldFrom", span, [value])
    }
  }

  private mutating func leaf(_ text: String, _ span: SourceSpan) { result += text + place(span) }

  private mutating func list(_ name: String, _ span: SourceSpan, _ values: [Expression]) {
    open(name, span)
    for value in values { write(Optional(value)) }
    result += ")"
  }

  private mutating func write(_ pieces: [FormattedPiece], _ span: SourceSpan) {
    open("JoinedStr", span)
    let wasInFormatted = isInFormatted
    isInFormatted = true
    for piece in pieces {
      result += " "
      switch piece {
      case .text(let text): result += Self.quoted(text)
      case .value(let value, let conversion, let format):
        result += "(Value \(conversion.map(String.init) ?? "-")"
        write(Optional(value))
        result += " "
        if let format { write(format, span) } else { result += "-" }
        result += ")"
      }
    }
    isInFormatted = wasInFormatted
    result += ")"
  }

  private mutating func write(_ comprehension: Comprehension, _ span: SourceSpan) {
    switch comprehension.result {
    case .list: open("ListComp", span)
    case .set: open("SetComp", span)
    case .generator: open("GeneratorExp", span)
    case .dictionary(let key):
      open("DictComp", span)
      write(Optional(key))
    }
    write(Optional(comprehension.element))
    for clause in comprehension.clauses {
      result += clause.isAsync ? " (async" : " (for"
      write(Optional(clause.target))
      write(Optional(clause.iterable))
      write(clause.conditions)
      result += ")"
    }
    result += ")"
  }

  // MARK: patterns

  private mutating func write(
    _ subject: Expression, _ cases: [MatchCase], _ span: SourceSpan
  ) {
    open("Match", span)
    write(Optional(subject))
    for matched in cases {
      result += " (case"
      write(matched.pattern)
      write(matched.condition)
      write(matched.body)
      result += ")"
    }
    result += ")"
  }

  private mutating func write(_ pattern: Pattern) {
    result += " "
    switch pattern {
    case .value(let value): write(value)
    case .capture(let name): result += "=\(name ?? "_")"
    case .sequence(let patterns): writeAll("(Sequence", patterns)
    case .star(let name): result += "*\(name ?? "_")"
    case .mapping(let entries, let rest):
      result += "(Mapping \(rest ?? "-")"
      for entry in entries {
        write(Optional(entry.key))
        write(entry.pattern)
      }
      result += ")"
    case .instance(let type, let patterns, let keywords):
      result += "(Class"
      write(Optional(type))
      for pattern in patterns { write(pattern) }
      for keyword in keywords {
        result += " \(keyword.name)="
        write(keyword.pattern)
      }
      result += ")"
    case .anyOf(let patterns): writeAll("(Either", patterns)
    case .named(let pattern, let name):
      result += "(As \(name)"
      write(pattern)
      result += ")"
    }
  }

  private mutating func writeAll(_ name: String, _ patterns: [Pattern]) {
    result += name
    for pattern in patterns { write(pattern) }
    result += ")"
  }
}
