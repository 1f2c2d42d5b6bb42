extension Explanation {
  /// Codes of files whose program is read: graphs of operators.
  static let aboutPrograms: [Explanation] = [
    Explanation(
      "graph.unsupported",
      meaning: "a graph of operators holds one that is not read, or is called in a way that is not",
      cause:
        "The file says what is computed operator by operator, and this operator has no counterpart "
        + "among the layers of a model, or needs an extent that only a run shows.",
      fix:
        "Export the part of the model without it, or give the weights an architecture: "
        + "recur convert model.pt2 out.keras --architecture architecture.json",
      example: #"""
        $ recur validate exported/refused/operator.pt2
        error[graph.unsupported]: the operator 'torch.ops.aten.fft_rfft.default' is not supported
          --> exported/refused/operator.pt2:fft_rfft, torch.ops.aten.fft_rfft.default
        """#),
    Explanation(
      "pytorch.program.unsupported",
      meaning: "a program of torch.export has a part that is not read",
      cause:
        "The program branches on numbers, changes a value in place that is read afterwards, begins "
        + "with a state that is not zero, holds objects of classes of its own, or was written by a "
        + "later version of torch.export.",
      fix:
        "Export a model without it: torch.export.save(torch.export.export(model.eval(), args), "
        + "'model.pt2')",
      example: #"""
        $ recur validate exported/refused/writes.pt2
        error[pytorch.program.unsupported]: 'torch.ops.aten.add_.Tensor' changes 'x' in place, which belongs to the program's caller
          --> exported/refused/writes.pt2:add_
          help: export a program that does not change its values in place
        """#),
  ]
}
