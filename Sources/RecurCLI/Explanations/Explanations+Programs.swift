extension Explanation {
  /// Codes of graphs of operators: programs of torch.export, and calls of torch's functions.
  static let aboutPrograms: [Explanation] = [
    Explanation(
      "graph.unsupported",
      meaning: "an operator of a graph, or what is asked of it, is not supported",
      cause:
        "The model uses an operator that is not read, or gives it other options than are read.",
      fix:
        "The message names the operator and its place. Export the part of the model that is read, or leave "
        + "the operator to your own code.",
      example: #"""
        $ recur validate exported/refused/operator.pt2
        """#),
    Explanation(
      "pytorch.function.unsupported",
      meaning: "a function of torch, or this call of it, is not supported",
      cause: "The function has no counterpart among the operators, or an argument is not read.",
      fix: "The message names the function and the reason. Write it with functions that are read.",
      example: ""),
    Explanation(
      "pytorch.program.unsupported",
      meaning: "a program of torch.export does what is not supported",
      cause:
        "The program changes a buffer or an input in place, branches on values, or begins with other "
        + "states than zeros.",
      fix:
        "The message names the node. Export a module whose forward() returns what it computes.",
      example: #"""
        $ recur validate exported/refused/count.pt2
        """#),
  ]
}
