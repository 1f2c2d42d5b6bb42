import RecurFormats
import RecurModel
import RecurStateDicts
import RecurTensors

extension StateDict {
  /// Refuses recurrent kernels that are stored in the orientation of Keras.
  ///
  /// Their names are torch's, but no module of torch.nn could load their shapes.
  ///
  /// - Throws: `tensor.shape-mismatch` for every one of them, in one error.
  func checkTransposes() throws(CheckpointError) {
    var findings: [Diagnostic] = []
    for (name, kernel) in tensors.entries {
      guard
        let range = name.utf8.lastIndex(of: UInt8(ascii: ".")).map({ name.index(after: $0) })
          ?? (name.isEmpty ? nil : name.startIndex)
      else { continue }
      let (prefix, parameter) = (String(name[..<range]), String(name[range...]))
      let stem = RecurrentParameter.kernel.rawValue
      guard parameter.hasPrefix(stem) else { continue }
      let suffix = String(parameter.dropFirst(stem.count))
      func key(_ parameter: RecurrentParameter) -> String { prefix + parameter.name(suffix) }
      guard let own = tensors[key(.recurrentKernel)], tensors[key(.projection)] == nil,
        kernel.rank == 2, own.rank == 2
      else { continue }
      let bias = tensors[key(.bias)] ?? tensors[key(.recurrentBias)]
      findings += Self.transposes(
        name, kernel, key(.recurrentKernel), own, rows: bias?.shape.first)
    }
    if let error = CheckpointError(findings: findings) { throw error }
  }

  // `rows` is the gate count times the units, which is the length of the bias.
  private static func transposes(
    _ name: String, _ kernel: Tensor, _ ownName: String, _ own: Tensor, rows: Int?
  ) -> [Diagnostic] {
    let (low, high) = (min(own.shape[0], own.shape[1]), max(own.shape[0], own.shape[1]))
    guard low > 0, high % low == 0, PyTorchLayouts.gateCounts.contains(high / low),
      rows ?? high == high
    else {
      return []
    }
    var findings: [Diagnostic] = []
    for (key, tensor) in [(name, kernel), (ownName, own)]
    where tensor.shape[0] != high && tensor.shape[1] == high {
      let expected = [tensor.shape[1], tensor.shape[0]]
      let role = key == name ? "input size" : "units"
      findings.append(
        Diagnostic(
          .tensorShapeMismatch, .error,
          "'\(key)' is transposed: the kernel has its gates along columns",
          at: tensor.location,
          expected: "\(tuple(expected)): (\(high / low)·units, \(role)) with \(low) units",
          found: tuple(tensor.shape),
          reason: "Keras keeps kernels as (\(role), \(high / low)·units); its numbers were stored "
            + "under torch's names without a transpose",
          remedies: [
            .code(
              .init(.pytorch, "sd[\(pythonString(key))] = sd[\(pythonString(key))].T.contiguous()")),
            .convertOriginal,
          ]
        ).noting(
          "gates may be in another order as well: compare with recorded outputs, "
            + "\(.verification)"))
    }
    return findings
  }
}
