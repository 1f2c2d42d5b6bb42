import RecurModel

/// The making of one submodule in the generated code.
struct PyTorchConstruction {
  /// Whether a recurrent layer is a class of the generated code, not one of torch.nn.
  var isWrittenOut: Bool
  /// What the layer computes in.
  var type: PyTorchType

  /// A call with the arguments that there are, and the type of the layer unless that is float32.
  func call(_ function: String, _ arguments: [String?]) -> String {
    let all = arguments + [type == .float32 ? nil : "dtype=\(type.rawValue)"]
    return "\(function)(\(all.compactMap { $0 }.joined(separator: ", ")))"
  }

  /// Tells a module that it has no bias.
  func bias(_ isThere: Bool) -> String? { isThere ? nil : "bias=False" }
}
