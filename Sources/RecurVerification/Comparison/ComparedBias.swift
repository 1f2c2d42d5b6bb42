import RecurModel
import RecurTensors

/// The biases of a recurrent cell in any form, as the numbers that the equations use.
///
/// Input bias and recurrent bias of a gate are usually added, so the equations use one number. In a
/// GRU with the reset gate after the product, the two biases of the candidate are two separate
/// numbers.
struct ComparedBias {
  let role: String
  /// The biases of the input products, gate by gate; empty without biases.
  private let input: [Tensor]
  /// The biases of the recurrent products, gate by gate; empty unless there are two per gate.
  private let recurrent: [Tensor]
  /// Whether the two biases of each gate are separate numbers.
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

  /// The shape of all biases in one vector: one bias per gate, or two.
  var shape: [Int] { [input.count * units + recurrent.count * units] }

  /// Whether both cells store their biases in the same form, so that they can be compared number by
  /// number.
  func hasForm(of other: ComparedBias) -> Bool {
    input.count == other.input.count && recurrent.count == other.recurrent.count
  }

  /// The stored tensors.
  var tensors: [Tensor] { input + recurrent }

  /// All stored numbers.
  var stored: [Double] { tensors.flatMap { $0.doubles() } }

  /// All numbers that the equations use: per gate the sum of both biases, or two separate numbers.
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

  /// The narrowest type among both cells' tensors; sums can't be compared more precisely than this
  /// type.
  func narrowestType(with other: ComparedBias) -> ElementType {
    let types = (input + recurrent + other.input + other.recurrent).map(\.elementType)
    return types.min { $0.byteCount < $1.byteCount } ?? .float64
  }
}
