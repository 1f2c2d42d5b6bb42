package import RecurTensors

/// A value that a reader of graphs meets: computed when the model runs, or known before.
package enum GraphValue: Sendable {
  /// An output of a node.
  case computed(Model.Value)
  /// An array of numbers.
  case known(KnownArray)
  /// A whole number, possibly computed from free extents.
  case size(Dimension)
  /// The whole numbers from 0 up to an extent that is not known.
  case range(Dimension)
  /// A number with a fraction.
  case number(Double)
  /// A Boolean.
  case flag(Bool)
  /// A text: a mode or an equation.
  case text(String)
  /// An element type.
  case type(ElementType)
  /// Several values.
  case list([GraphValue])
  /// None.
  case nothing

  /// A known whole number.
  package static func integer(_ value: Int) -> GraphValue { .size(.fixed(value)) }

  /// The whole number; nil for other values and for numbers computed from free extents.
  package var integer: Int? { if case .size(.fixed(let value)) = self { value } else { nil } }

  /// The extent; nil for other values.
  package var dimension: Dimension? { if case .size(let value) = self { value } else { nil } }

  /// The number, whole or not, or the number of a known array of one element.
  package var double: Double? {
    switch self {
    case .size(let value): value.value.map { Double($0) }
    case .number(let value): value
    case .flag(let value): value ? 1 : 0
    case .known(let known): known.array.count == 1 ? known.array.doubles()[0] : nil
    case .computed, .range, .text, .type, .list, .nothing: nil
    }
  }

  /// The Boolean.
  package var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  /// The text.
  package var text: String? { if case .text(let value) = self { value } else { nil } }
  /// The elements of a list.
  package var list: [GraphValue]? { if case .list(let values) = self { values } else { nil } }
  /// The known array.
  package var known: KnownArray? { if case .known(let value) = self { value } else { nil } }
  /// Whether the value is an array of numbers, known or not.
  package var isArray: Bool {
    switch self {
    case .computed, .known: true
    case .size, .range, .number, .flag, .text, .type, .list, .nothing: false
    }
  }
  /// Whether the value is absent.
  package var isNothing: Bool { if case .nothing = self { true } else { false } }

  /// The value in messages.
  package var title: String {
    switch self {
    case .computed: "an array that is computed"
    case .known: "an array of weights"
    case .size(let value): "\(value)"
    case .range(let value): "the numbers below \(value)"
    case .number(let value): "\(value)"
    case .flag(let value): "\(value)"
    case .text(let value): "'\(value)'"
    case .type(let value): "\(value)"
    case .list(let values): "a list of \(values.count)"
    case .nothing: "nothing"
    }
  }
}

/// How much a reader of graphs may make before it calls the graph hostile.
package struct GraphLimits: Sendable {
  /// The number of axes of an array.
  package static let axes = 32
  /// The number of nodes.
  package var nodes = 100_000
  /// The elements of one array that is computed from known numbers.
  package var knownElements = 1 << 24
  /// The elements of all arrays that are computed from known numbers.
  package var allKnownElements = 1 << 26

  /// The limits used unless told otherwise.
  package init() {}
}
