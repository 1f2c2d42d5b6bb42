import RecurModel
import RecurTensors

/// The biases of a recurrent cell in any of their forms, as what counts in the equations.
///
/// An input and a recurrent bias that are added at once are one number; those of the candidate of a GRU
/// whose reset gate follows the product are two.
struct ComparedBias {
  let role: String
  /// The biases of the input products, gate by gate; empty without any.
  private let input: [Tensor]
  /// The biases of the recurrent products, gate by gate; empty unless there are two per gate.
  private let recurrent: [Tensor]
  /// Whether the biases of a gate stay two numbers.
  private let areApart: [Bool]
  private let units: Int

  init<Gate>(role: String, _ weights: RecurrentWeights<Gate>, apart: Set<Gate>) {
    self.role = role
    let gates = Gate.allCases
    switch weights.bias {
    case .none: (input, recurrent) = ([], [])
    case .single(let bias): (input, recurrent) = (gates.map { bias[$0] }, [])
    case .split(let one, let other):
      (input, recurrent) = (gates.map { one[$0] }, gates.map { other[$0] })
    }
    areApart = gates.map { apart.contains($0) }
    units = gates.first.map { weights.kernel[$0].shape.first ?? 0 } ?? 0
  }

  /// All of them one after the other: one per gate, or two.
  var shape: [Int] { [input.count * units + recurrent.count * units] }

  /// Whether both are kept in the same form, so that they can be the same number by number.
  func hasForm(of other: ComparedBias) -> Bool {
    input.count == other.input.count && recurrent.count == other.recurrent.count
  }

  /// What is stored.
  var tensors: [Tensor] { input + recurrent }

  /// Every number as it is stored.
  var stored: [Double] { tensors.flatMap { $0.doubles() } }

  /// Every number that counts: the sum of both biases of a gate, or both where they stay apart.
  ///
  /// Sums are computed in binary64 and rounded to `type`.
  func effective(_ type: ElementType) -> [Double] {
    let none = [Double](repeating: 0, count: units)
    var numbers: [Double] = []
    for index in areApart.indices {
      let one = index < input.count ? input[index].doubles() : none
      let other = index < recurrent.count ? recurrent[index].doubles() : none
      if areApart[index] {
        numbers += one + other
      } else {
        numbers += zip(one, other).map { type.rounded($0 + $1) }
      }
    }
    return numbers
  }

  /// The narrowest type that holds any of them; a sum can't be told more exactly.
  func narrowestType(with other: ComparedBias) -> ElementType {
    let types = (input + recurrent + other.input + other.recurrent).map(\.elementType)
    return types.min { $0.byteCount < $1.byteCount } ?? .float64
  }
}
