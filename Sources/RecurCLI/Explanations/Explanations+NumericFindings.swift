extension Explanation {
  /// Codes about the numbers of a model: `docs/numbers.md` has the thresholds.
  static let aboutNumericFindings: [Explanation] = [
    Explanation(
      "convert.narrowed",
      meaning: "how far the outputs move when weights are stored in a narrower type",
      cause:
        "--dtype rounds every weight once. A recurrent layer feeds rounding back into itself, so it "
        + "may grow with the number of timesteps.",
      fix:
        "If it is too much, keep the layers that need it: "
        + "recur convert model.h5 small.pt --dtype float16 --keep-float32 lstm",
      example: #"""
        $ recur convert mistakes/lstm.h5 small.safetensors --dtype float16
        """#),
    Explanation(
      "model.forget-bias",
      meaning: "the forget gate's bias is near 1 and the other gates' are near 0",
      cause:
        "Keras begins LSTM layers so (unit_forget_bias), and training moves biases little. It also "
        + "shows that the blocks of the bias stand in the expected order.",
      fix:
        "Nothing needs to be done. Do not add 1 when the weights are used elsewhere: "
        + "it is in the stored bias.",
      example: #"""
        $ recur validate mistakes/forget_bias.pt
        """#),
    Explanation(
      "model.gate-order.suspicious",
      meaning: "another gate of an LSTM has the bias near 1 that a forget gate has",
      cause:
        "The blocks of its weights were stored in the order of another framework: i, o, f, c in ONNX, "
        + "i, c, f, o in TensorFlow 1, i, f, o, c in Core ML.",
      fix:
        "Record what the original computes and let recur find the order: "
        + "recur diagnose model.h5 --golden golden.npz --write fixed.h5",
      example: #"""
        $ recur validate mistakes/forget_bias_icfo.pt
        """#),
    Explanation(
      "model.gate.constant",
      meaning: "a gate has the same value whatever the model is given, or does not see the input",
      cause:
        "Its weights are all zero: they were never loaded, a block was cut off, or the units were "
        + "pruned.",
      fix: "List the tensors and compare them with the original: recur inspect model.h5",
      example: #"""
        $ recur validate mistakes/dead_gates.pt
        """#),
    Explanation(
      "model.gate.dead",
      meaning: "a gate can't open, or can't close, whatever the model is given",
      cause:
        "Its bias outweighs all its weights together. What the layer before puts out is bounded, so "
        + "this holds for every input.",
      fix:
        "The units do nothing and may be left out. If they should work, compare the bias with the "
        + "original: recur compare --weights model.h5 original.h5",
      example: #"""
        $ recur validate mistakes/dead_unit.pt
        """#),
    Explanation(
      "model.gate.saturated",
      meaning: "a gate is fully open or fully closed nearly all the time on the recorded inputs",
      cause:
        "The inputs are larger than those of the training, as when they are not scaled, or the "
        + "weights grew large.",
      fix: "Scale the input as in training, and record again.",
      example: #"""
        $ recur validate mistakes/lstm.h5 --golden mistakes/unscaled.golden.npz
        """#),
    Explanation(
      "model.layer.unknown",
      meaning: "an option names a layer that the model does not have",
      cause: "The name is misspelt, or is that of a layer without weights.",
      fix: "List the layers: recur summary model.h5",
      example: #"""
        $ recur convert mistakes/classic_wide.pt small.pt --dtype float16 --keep-float32 dens
        """#),
    Explanation(
      "tensor.overflow",
      meaning: "numbers would become infinite in the type that was asked for",
      cause:
        "float16 ends at 65504. Numbers from 65520 on are rounded to infinity, and everything computed "
        + "from them is infinite or NaN. Nothing was written.",
      fix:
        "Take a type that reaches further, or keep the layer: "
        + "recur convert model.h5 small.pt --dtype bfloat16",
      example: #"""
        $ recur convert mistakes/classic_wide.pt small.pt --dtype float16
        """#),
    Explanation(
      "tensor.underflow",
      meaning: "numbers become 0, or keep fewer digits, in the type that was asked for",
      cause:
        "float16 has no numbers between 0 and 6.0e-08, and fewer digits below 6.1e-05. Small weights "
        + "rarely matter; the note about the outputs says how much.",
      fix:
        "Take bfloat16, which has the range of float32, or keep the layer: "
        + "recur convert model.h5 small.pt --dtype float16 --keep-float32 lstm",
      example: #"""
        $ recur convert mistakes/classic_wide.pt small.pt --dtype float16 --keep-float32 dense
        """#),
  ]
}
