import RecurModel
import RecurTensors

extension Operand.Constant {
  /// The constant in Python: a number, or a tensor on the device of `x`.
  func python(_ x: String, _ type: ElementType) -> String {
    func number(_ value: Double) -> String {
      isWhole && value.magnitude < 1e15 ? "\(Int(value))" : pythonNumber(value)
    }
    guard !shape.isEmpty else { return number(elements[0]) }
    var rest = elements[...]
    func nested(_ shape: ArraySlice<Int>) -> String {
      guard let extent = shape.first else { return number(rest.popFirst() ?? 0) }
      let parts = (0..<extent).map { _ in nested(shape.dropFirst()) }
      return "[\(parts.joined(separator: ", "))]"
    }
    let own = isWhole ? PyTorchType.integer : PyTorchType(floating: type)
    return "torch.tensor(\(nested(shape[...])), dtype=\(own.rawValue), device=\(x).device)"
  }
}

extension PyTorchCall {
  /// An expression for every operand, constants among them.
  func texts(_ operands: [Operand]) -> [String] {
    var rest = inputs[...]
    return operands.map { operand in
      switch operand {
      case .input: rest.popFirst() ?? x
      case .constant(let value): value.python(x, node.precision)
      }
    }
  }
}

/// A list of axes as a tuple of Python: `(1, 2)`, or the one axis.
func pythonAxes(_ axes: [Int]) -> String {
  axes.count == 1 ? "\(axes[0])" : "(\(axes.map(String.init).joined(separator: ", ")))"
}
