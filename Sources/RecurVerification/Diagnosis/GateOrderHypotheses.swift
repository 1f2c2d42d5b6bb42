import RecurModel
import RecurTensors

/// The weights of a cell that a change affects.
struct WeightParts: OptionSet, Sendable {
  let rawValue: Int
  static let kernel = WeightParts(rawValue: 1)
  static let recurrentKernel = WeightParts(rawValue: 2)
  static let bias = WeightParts(rawValue: 4)
  static let all: WeightParts = [.kernel, .recurrentKernel, .bias]

  /// The affected weights in words: `the kernels`; empty for all weights.
  var title: String {
    switch self {
    case .all: ""
    case [.kernel, .recurrentKernel]: "both kernels"
    case .bias: "the bias"
    case .kernel: "the kernel"
    default: "the recurrent kernel"
    }
  }
}

extension Hypothesis {
  /// One hypothesis per other order of the gate blocks of a scope, in the weights that `parts`
  /// names; of `orders` alone where they are given.
  ///
  /// `change` permutes the weights of a cell; it returns nil for cells of another kind.
  static func gateOrders<Gate>(
    _ scope: HypothesisScope, _ gates: RecurrentConventions.Gates<Gate>, _ parts: WeightParts,
    orders: [[Gate]]? = nil,
    change:
      @escaping @Sendable (
        RecurrentCell, (RecurrentWeights<Gate>) -> RecurrentWeights<Gate>
      ) -> RecurrentCell?
  ) -> [Hypothesis] {
    let reader = gates.layout.gateOrder
    let others = gates.otherOrders.filter { orders?.contains($0.order) ?? true }
    return others.map { file, words, reason in
      let part = parts.title.isEmpty ? "" : "\(parts.title) of "
      var hypothesis = Hypothesis(
        .gateOrder, scope,
        "the gate blocks of \(part)\(scope.title) are in the order \(words)",
        expected: "blocks \(gates.words(reader))", found: "blocks \(words)", reason: reason,
        cells: { cell in
          change(cell) { $0.permuted(parts, from: reader, to: file) }
        })
      if parts == .all, scope.half == nil {
        let positions = reader.map { file.firstIndex(of: $0) ?? 0 }
        hypothesis.remedies = zip(scope.names, scope.keys).map {
          .reorderGates(layer: $0, keys: $1, positions: positions)
        }
      }
      return hypothesis
    }
  }
}

extension RecurrentConventions.Gates {
  /// An order of gate blocks in the framework's letters: `i, f, c, o`.
  func words(_ order: [Gate]) -> String { order.map { letters[$0] }.joined(separator: ", ") }

  /// Every order of gate blocks but the framework's own, in letters, and who is known to have it.
  var otherOrders: [(order: [Gate], words: String, reason: String?)] {
    Self.permutations(of: layout.gateOrder).filter { $0 != layout.gateOrder }.map { order in
      let known = knownOrders.first { $0.order == order }
      let words = words(order)
      return (order, words, known.map { "\(words) is the order of \($0.programs)" })
    }
  }

  /// All permutations of `items`; the order of `items` itself is first.
  private static func permutations<Item>(of items: [Item]) -> [[Item]] {
    guard items.count > 1 else { return [items] }
    return items.indices.flatMap { index -> [[Item]] in
      var rest = items
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}

extension RecurrentWeights {
  /// The intended weights, when the blocks in the file are in the order `file` and were read in the
  /// order `reader`.
  func permuted(_ parts: WeightParts, from reader: [Gate], to file: [Gate]) -> RecurrentWeights {
    func map(_ gates: GateMap<Gate, Tensor>) -> GateMap<Gate, Tensor> {
      gates.permuted(from: reader, to: file)
    }
    var copy = self
    if parts.contains(.kernel) { copy.kernel = map(kernel) }
    if parts.contains(.recurrentKernel) { copy.recurrentKernel = map(recurrentKernel) }
    if parts.contains(.bias) {
      switch bias {
      case .none: break
      case .single(let one): copy.bias = .single(map(one))
      case .split(let input, let recurrent):
        copy.bias = .split(input: map(input), recurrent: map(recurrent))
      }
    }
    return copy
  }
}

extension GateMap {
  /// The intended blocks, when those in the file are in the order `file` and were read in the order
  /// `reader`.
  func permuted(from reader: [Gate], to file: [Gate]) -> Self {
    GateMap { gate in self[file.firstIndex(of: gate).map { reader[$0] } ?? gate] }
  }
}
