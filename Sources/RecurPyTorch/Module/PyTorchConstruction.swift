import RecurModel

/// The construction of one submodule in generated code.
struct PyTorchConstruction {
  /// Whether a recurrent layer is a class in generated code and not one of torch.nn.
  var isWrittenOut: Bool
  /// The type in which the layer computes.
  var type: PyTorchType

  /// A call with the arguments that are not nil, and with the type of the layer unless it is
  /// float32.
  func call(_ function: String, _ arguments: [String?]) -> String {
    let all = arguments + [type == .float32 ? nil : "dtype=\(type.rawValue)"]
    return "\(function)(\(all.compactMap { $0 }.joined(separator: ", ")))"
  }

  /// The argument for a module without a bias; nil for a module with one.
  func bias(_ isThere: Bool) -> String? { isThere ? nil : "bias=False" }
}
