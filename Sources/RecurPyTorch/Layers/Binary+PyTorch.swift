import RecurModel
import RecurTensors

extension Binary: PyTorchExpression {
  func limits(_ name: String, isMasked: Bool) -> [PyTorchLimit] { [] }
  func leftToCode(_ name: String) -> [String] { ["\(name) computes \(title)"] }

  var operands: PyTorchOperands { function == .divide ? .floatingPoint : .numbers }

  func expression(_ call: PyTorchCall) -> String {
    let both = call.texts([left, right])
    func infix(_ word: String) -> String { "\(both[0]) \(word) \(both[1])" }
    func logic(_ name: String) -> String {
      "torch.logical_\(name)(\(both.map { "torch.as_tensor(\($0))" }.joined(separator: ", ")))"
    }
    /// The larger or the smaller one; a number is a bound for torch.
    func extreme(_ name: String, _ bound: String) -> String {
      guard let number = [left, right].firstIndex(where: { $0.constant?.shape == [] }) else {
        return "torch.\(name)(\(both[0]), \(both[1]))"
      }
      return "torch.clamp(\(both[1 - number]), \(bound)=\(both[number]))"
    }
    switch function {
    case .add: return infix("+")
    case .subtract: return infix("-")
    case .multiply: return infix("*")
    case .divide: return infix("/")
    case .floorDivide: return infix("//")
    case .modulo: return infix("%")
    case .power: return infix("**")
    case .maximum: return extreme("maximum", "min")
    case .minimum: return extreme("minimum", "max")
    case .equal: return infix("==")
    case .notEqual: return infix("!=")
    case .less: return infix("<")
    case .lessOrEqual: return infix("<=")
    case .greater: return infix(">")
    case .greaterOrEqual: return infix(">=")
    case .and: return logic("and")
    case .or: return logic("or")
    case .exclusiveOr: return logic("xor")
    }
  }
}
