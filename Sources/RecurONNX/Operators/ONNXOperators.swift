import RecurModel
import RecurTensors

/// The operators of ONNX that are read, as operators of a model: one row each.
enum ONNXOperators {
  /// The versions of ONNX' set of operators whose meaning is known.
  static let versions = 7...28

  /// All rows, by domain and name.
  static let table = Dictionary(
    rows.map { ("\($0.domain) \($0.name)", $0) }, uniquingKeysWith: { one, _ in one })

  private static let rows = [
    arithmetic, activations, shapes, parts, choice, ordered, scattered, made, products, windows,
    normalizations, reductions, quantized, recurrent, sequences,
  ].flatMap { $0 }

  /// Operators that hold graphs, which the reader of graphs follows.
  static let control: Set = ["If", "Loop", "Scan"]

  /// Whether there is a row, or more, for the operator of a node.
  static func knows(_ node: ONNXNode) -> Bool {
    table["\(node.domain) \(node.type)"] != nil
      || node.domain.isEmpty && control.contains(node.type)
  }

  /// Adds what an operator computes to a graph.
  ///
  /// - Throws: `graph.unsupported`, naming the operator, its version and the reason.
  static func results(
    _ call: ONNXCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    let node = call.node
    guard let row = table["\(node.domain) \(node.type)"] else {
      throw builder.problem(
        "the operator \(node.title) of version \(call.version) is not supported")
    }
    guard !node.domain.isEmpty || versions.contains(call.version) else {
      throw builder.problem(
        "operators of version \(call.version) are not supported",
        expected: "\(versions.lowerBound) to \(versions.upperBound)",
        hint: "onnx.version_converter changes the version of a model")
    }
    guard row.inputs.contains(call.inputs.count) else {
      throw call.problem(
        "has \(call.inputs.count) inputs", builder,
        expected: "\(row.inputs.lowerBound) to \(row.inputs.upperBound)")
    }
    for name in call.attributes.keys.sorted() where !row.attributes.contains(name) {
      throw call.problem("has the attribute '\(name)', which is not supported", builder)
    }
    do throws(CheckpointError) {
      return try row.apply(call, &builder)
    } catch {
      // Sizes that are no numbers for this operator may be ones that the model computes.
      guard error.diagnostics.first?.code == .graphUnsupported else { throw error }
      for indices in call.symbolicInputs {
        guard let plain = try? call.computing(indices, &builder),
          let results = try? row.apply(plain, &builder)
        else { continue }
        return results
      }
      throw error
    }
  }
}
