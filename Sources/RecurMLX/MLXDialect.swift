import RecurFormats
import RecurModel
package import RecurStateDicts
package import RecurTensors

/// The names and shapes of MLX' modules (mlx/python/mlx/nn/layers, 0.32).
///
/// Modules without a recurrent part have torch's names and forms, except that the channels of a
/// convolution stand last.
package struct MLXDialect: TensorDialect {
  package let framework = "MLX"

  package init() {}

  package func modules(of stateDict: StateDict) throws(CheckpointError) -> DialectModules? {
    let tree = NameTree(
      stateDict.tensors.entries.map { name, tensor in
        (name.split(separator: ".", omittingEmptySubsequences: false).map(String.init), tensor)
      })
    guard tree.keys.contains(where: { tree[$0].flatMap(MLXCell.init) != nil }) else { return nil }
    var result = DialectModules()
    var findings: [Diagnostic] = []
    for key in tree.keys {
      guard let group = tree[key], !group.tensors.isEmpty else { continue }
      if let cell = MLXCell(group) {
        if let module = try cell.module(group, &findings) { result.modules.append(module) }
      } else if group["scales"] != nil, let weight = group["weight"] {
        findings.append(
          Diagnostic(
            .modelUnrepresentable, .error,
            "'\(key)' was quantized: 'weight' holds packed whole numbers beside 'scales' and 'biases'",
            at: weight.location,
            hint: "save the model before nn.quantize, or dequantize the layer"))
      } else if let weight = group["weight"], (3...5).contains(weight.rank),
        group.names.isSubset(of: ["weight", "bias"]), weight.elementType.isFloatingPoint
      {
        // [outputs, window…, inputs]
        let last = weight.rank - 1
        result.modules.append(
          DialectModule(
            key,
            .product(
              weight: weight.permuted([0, last] + Array(1..<last)), bias: group["bias"])))
      } else {
        for (name, tensor) in group.tensors {
          try result.others.append(NameTree.joined(key, name), tensor)
        }
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    return result
  }
}
