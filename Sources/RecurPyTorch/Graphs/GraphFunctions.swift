import RecurModel
import RecurTensors

/// The operators of aten, of which graphs of torch consist, as operators of a model.
///
/// Operators that move elements or compute with known numbers are here; every other one is a row of
/// the table of torch's functions, which knows it by the same name.
enum GraphFunctions {
  /// Adds what an operator computes to a graph.
  ///
  /// - Parameters:
  ///   - target: the operator as files name it: `torch.ops.aten.cat.default`.
  ///   - arguments: its arguments by the names of its parameters.
  ///   - readsFurtherResults: whether anything reads the results behind the first one.
  ///   - builder: the graph.
  /// - Returns: the results, one per output.
  /// - Throws: `graph.unsupported`, naming the operator and the reason, and what the builder throws.
  static func call(
    _ target: String, _ arguments: [(name: String, value: GraphValue)],
    readsFurtherResults: Bool = true, _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> [GraphValue] {
    guard let (name, overload) = parts(target) else {
      throw builder.problem(
        "the operator '\(target)' is not supported",
        hint: "operators of torch.ops.aten and of Python's operator module are")
    }
    guard let function = byName[name] else {
      return try PyTorchFunctions.results(name, target, arguments, &builder)
    }
    var bound: [String: GraphValue] = [:]
    for (parameter, value) in arguments {
      if function.parameters.contains(parameter) {
        bound[parameter] = value
      } else if function.parameters.isEmpty {
        continue
      } else if !PyTorchSignature.changesNothing.contains(parameter), !value.isNothing {
        throw builder.problem("'\(target)' has the argument '\(parameter)', which is not supported")
      }
    }
    for (parameter, value) in function.defaults where bound[parameter] == nil {
      bound[parameter] = value
    }
    for parameter in function.parameters where bound[parameter] == nil {
      throw builder.problem("'\(target)' has no argument '\(parameter)'")
    }
    return try function.apply(
      GraphCall(
        target, overload: overload, bound, readsFurtherResults: readsFurtherResults), &builder)
  }

  /// The parameters of a function, in order; nil for one that no table has.
  static func parameters(_ name: String) -> [String]? {
    byName[name]?.parameters ?? PyTorchFunctions.parameters(name)
  }

  /// The name and the overload of an operator; nil for one of another library.
  private static func parts(_ target: String) -> (name: String, overload: String)? {
    if target.hasPrefix("_operator.") {
      // Python has `a` and `b` where aten has `self` and `other`.
      return (String(target.dropFirst("_operator.".count)), "python")
    }
    guard target.hasPrefix("torch.ops.aten.") else { return nil }
    let words = target.dropFirst("torch.ops.aten.".count).split(separator: ".")
    guard let name = words.first else { return nil }
    return (String(name), words.count > 1 ? String(words[1]) : "")
  }

  private static let byName = Dictionary(
    (shapes + made + arithmetic + products + recurrent + choice + positions + padding + variants)
      .map { ($0.name, $0) },
    uniquingKeysWith: { one, _ in one })
}
