import RecurModel
import RecurTensors

/// The operations of programs that are read, as operators of a model: one row each
/// (coremltools, converters/mil/mil/ops/defs).
enum MILOperators {
  /// All rows, by name.
  static let table = Dictionary(
    [arithmetic, activations, shapes, parts, products, normalizations, reductions, recurrent]
      .flatMap { $0 }.map { ($0.name, $0) }, uniquingKeysWith: { one, _ in one })

  /// Operations that the reader of programs follows itself.
  static let control: Set = [
    "const", "while_loop", "scatter", "read_state", "write_state", "coreml_update_state",
  ]

  /// Whether there is a row, or more, for an operation.
  static func knows(_ name: String) -> Bool { table[name] != nil || control.contains(name) }

  /// Adds what an operation computes to a graph.
  ///
  /// - Throws: `graph.unsupported`, naming the operation and the reason.
  static func results(
    _ call: MILCall, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard let row = table[call.operation.type] else {
      throw builder.problem(
        "the operation \(call.subject) is not supported",
        hint: call.operation.type.hasPrefix("constexpr_")
          ? "the weights are compressed; save the model without that, or decompress them first"
          : nil)
    }
    for name in call.arguments.keys.sorted() where !row.arguments.contains(name) {
      throw call.problem("has the argument '\(name)', which is not supported", builder)
    }
    return try row.apply(call, &builder)
  }
}
