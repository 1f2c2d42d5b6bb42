extension Explanation {
  /// Codes of what a checkpoint holds besides plain tensors: quantized weights, plain data, optimizers.
  static let aboutContents: [Explanation] = [
    Explanation(
      "pytorch.beside",
      meaning: "the checkpoint holds more than the weights that were taken",
      cause:
        "Training saves counters, optimizers, averaged weights and statistics beside the "
        + "weights. They are listed, and only the weights are read.",
      fix: "Take another dictionary of tensors with --key PATH, if one of them is meant.",
      example: #"""
        $ recur inspect pytorch/list_beside.pt
        note[pytorch.beside]: 2 entries of the checkpoint stand beside the weights and are left out
          --> pytorch/list_beside.pt
          note: 'stats': 2 tensors: 'stats.0', 'stats.1'
          note: 'mean': a tensor
        """#),
    Explanation(
      "pytorch.entry.plain",
      meaning: "entries among the tensors are plain data",
      cause:
        "Whole numbers, bytes and nested values without tensors stand in the dictionary "
        + "of weights. They are listed with their values and no layer uses them.",
      fix:
        "Nothing is to be done where they are counters and settings; a weight belongs in "
        + "a tensor: torch.tensor(values)",
      example: #"""
        $ recur inspect pytorch/plain_numbers.pt
        note[pytorch.entry.plain]: 1 entry beside the tensors is plain data and no weight
          --> pytorch/plain_numbers.pt
          note: 'steps' = 3
        """#),
    Explanation(
      "pytorch.module.unregistered",
      meaning: "a pickled module holds tensors that its state dict would not have",
      cause:
        "A tensor is an attribute of the module and neither a parameter nor a kept "
        + "buffer. What the module computes may depend on it.",
      fix: "Register it and save again: self.register_buffer('name', tensor)",
      example: #"""
        $ recur inspect pytorch/module.pt
        note[pytorch.module.unregistered]: 1 tensor of the module is no parameter and no kept buffer; a state dict would not have it, and it is left out
          --> pytorch/module.pt (bytes 108..<109)
          note: 'scratch'
        """#),
    Explanation(
      "pytorch.optimizer-state",
      meaning: "the state of an optimizer stands where weights are wanted",
      cause:
        "torch.save(optimizer.state_dict(), path) wrote the file, or a checkpoint holds "
        + "nothing else. What an optimizer keeps is no weight of a model.",
      fix:
        "Give the file with the weights, or save them: torch.save(model.state_dict(), "
        + "'model.pt')",
      example: #"""
        $ recur validate pytorch/optimizer_alone.pt
        error[pytorch.optimizer-state]: the checkpoint holds the state of an optimizer, and no weights of a model
          --> pytorch/optimizer_alone.pt:optimizer_alone/data.pkl (bytes 66..<67)
          found: optimizer: Adam-like, 2 entries, not converted
          help: give the file with the model's weights; training writes it beside this one
        """#),
    Explanation(
      "pytorch.outputs.rounded",
      meaning: "the original rounds what a layer puts out, and that is not computed",
      cause:
        "The module is quantized statically: its outputs are rounded to 8 bits with a "
        + "scale and a zero point of their own. What is read computes with the dequantized "
        + "weights alone.",
      fix:
        "Compare with the model before it was quantized, or allow for the rounding: recur "
        + "validate model.pt --golden golden.npz --atol 0.1",
      example: #"""
        $ recur inspect pytorch/quantized_static.pt
        warning[pytorch.outputs.rounded]: 'fc.scale' is 0.10000000149011612: the original rounds what 'fc' puts out to 8 bits, which is not computed
          --> pytorch/quantized_static.pt:fc.scale (bytes 224..<225)
        """#),
    Explanation(
      "pytorch.tensor.dequantized",
      meaning: "weights are stored as integers with a scale and a zero point",
      cause:
        "The model was quantized. Each number is read as dequantize() of torch gives it, "
        + "to the bit. A quantized model also rounds the inputs of its layers while it "
        + "runs.",
      fix:
        "Nothing is to be done; outputs that were recorded from the quantized model "
        + "differ by its rounding.",
      example: #"""
        $ recur inspect pytorch/quantized_cells.pt
        note[pytorch.tensor.dequantized]: 4 tensors of integers with a scale and a zero point were dequantized; the original also rounds what its layers take in, so what was recorded from it differs by that
          --> pytorch/quantized_cells.pt
          note: 'lstm.weight_ih' [16, 3]: qint8, scale 0.003904488869011402, zero point 0
          note: 'lstm.weight_hh' [16, 4]: qint8, scale 0.003695250954478979, zero point 0
          note: 'gru.weight_ih' [12, 3]: qint8, scale 0.0039044865407049656, zero point 0
          note: 'gru.weight_hh' [12, 4]: qint8, scale 0.003813871182501316, zero point 0
        """#),
  ]
}
