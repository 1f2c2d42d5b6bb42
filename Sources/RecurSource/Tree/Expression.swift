/// An expression of a source, with its place.
package struct Expression: Sendable {
  /// Where the expression stands.
  package let span: SourceSpan
  /// How deep the tree below is, this expression included.
  let depth: Int32
  /// What the expression is.
  package let kind: Kind

  /// The kinds of expressions.
  package indirect enum Kind: Sendable {
    case name(String)
    case none
    case boolean(Bool)
    case integer(Int)
    /// An integer beyond 64 bits, as it is written.
    case largeInteger(String)
    case float(Double)
    case imaginary(Double)
    case string(String)
    case bytes([UInt8])
    case formatted([FormattedPiece])
    case ellipsis
    case tuple([Expression])
    case list([Expression])
    case set([Expression])
    /// Without a key: `**value`.
    case dictionary([(key: Expression?, value: Expression)])
    case unary(UnaryOperator, Expression)
    case binary(BinaryOperator, Expression, Expression)
    /// `first op operand op operand …`.
    case comparison(Expression, [(operation: ComparisonOperator, operand: Expression)])
    case allOf([Expression])
    case anyOf([Expression])
    case conditional(test: Expression, then: Expression, otherwise: Expression)
    case call(Expression, [Argument])
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression?, Expression?, Expression?)
    case starred(Expression)
    case lambda([FunctionParameter], Expression)
    case comprehension(Comprehension)
    case walrus(String, Expression)
    case await(Expression)
    case yield(Expression?)
    case yieldFrom(Expression)
  }
}

/// A piece of a formatted string.
package enum FormattedPiece: Sendable {
  case text(String)
  /// `{value!conversion:format}`.
  case value(Expression, conversion: Character?, format: [FormattedPiece]?)
}

/// An argument of a call.
package struct Argument: Sendable {
  /// How an argument is given.
  package enum Kind: Sendable {
    case positional
    case keyword(String)
    /// `*value`.
    case spread
    /// `**value`.
    case keywords
  }

  package let kind: Kind
  package let value: Expression
}

/// A parameter of a function.
package struct FunctionParameter: Sendable {
  /// How a parameter takes its argument.
  package enum Kind: Sendable {
    case positionalOnly
    case standard
    case keywordOnly
    /// `*args`.
    case rest
    /// `**kwargs`.
    case keywords
  }

  package let kind: Kind
  package let name: String
  package let annotation: Expression?
  package let value: Expression?
  package let span: SourceSpan
}

/// `[element for target in iterable if condition]` in its four forms.
package struct Comprehension: Sendable {
  /// What a comprehension makes.
  package enum Result: Sendable {
    case list
    case set
    case generator
    /// The key; the element is the value.
    case dictionary(key: Expression)
  }

  /// `for target in iterable if condition …`.
  package struct Clause: Sendable {
    package let target: Expression
    package let iterable: Expression
    package let conditions: [Expression]
    package let isAsync: Bool
  }

  package let result: Result
  package let element: Expression
  package let clauses: [Clause]
}

/// Operators with one operand.
package enum UnaryOperator: String, Sendable {
  case not
  case minus = "-"
  case plus = "+"
  case invert = "~"
}

/// Operators with two operands.
package enum BinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case matrixMultiply = "@"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case bitAnd = "&"
  case bitOr = "|"
  case bitXor = "^"
}

/// Operators that compare.
package enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case `is`
  case isNot = "is not"
  case `in`
  case notIn = "not in"
}
