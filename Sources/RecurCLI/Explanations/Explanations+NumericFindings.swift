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
        note[convert.narrowed]: weights rounded to float16 move the outputs by up to 1.9e-04 on a random input of 6 timesteps
          --> mistakes/lstm.h5
          note: by the weights alone: max 1.9e-04, everything within 1.0e-03 + 3.0e-03·|x|
          note: when layers compute in float16 too: max 2.8e-04, everything within 1.0e-03 + 3.0e-03·|x|
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
        note[model.forget-bias]: the forget bias is near 1 and the others near 0, as unit_forget_bias leaves it: blocks of the bias stand in the expected order
          --> mistakes/forget_bias.pt
          note: 'lstm': mean input -0.04, forget 0.99, cell 0.03, output -0.04
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
        warning[model.gate-order.suspicious]: the cell gate of 'lstm' has the bias that a forget gate has: its blocks may be in another order than they are read in
          --> mistakes/forget_bias_icfo.pt:lstm.bias_ih_l0
          expected: a bias near 1 at the forget gate, or at none
          found: mean bias input -0.04, forget 0.03, cell 0.99, output -0.04
          why: LSTM layers of Keras begin with a forget bias of 1 and the others at 0, and training moves them little; ONNX, Core ML and TensorFlow 1 order gates differently
          help: record what the original computes, and ask which order explains it
          fix in Recur: recur diagnose mistakes/forget_bias_icfo.pt --golden golden.npz
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
        warning[model.gate.constant]: the forget gate of 3 of 20 units of 'lstm' never changes: its weights are all zero
          --> mistakes/dead_gates.pt:lstm.weight_ih_l0
          expected: weights that are not zero
          found: units 0, 1, 2, value 4.3e-01 to 5.1e-01
          why: an array of zeros was stored: weights that were never loaded, or a block that was cut off
          help: compare the tensor with the original: recur inspect lists it
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
        warning[model.gate.dead]: the input gate of 1 of 20 units of 'lstm.l1' never opens, so they can't do anything
          --> mistakes/dead_unit.pt:lstm.weight_ih_l1
          expected: a gate that can leave 0
          found: unit 4, whatever the input is
          why: the bias outweighs all weights together
          help: the units could be left out; if the model works, nothing needs to be done
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
        note[model.gate.saturated]: the input gate of 'rnn' is saturated at 97 % of its values on this recording
          --> mistakes/lstm.h5:/@model_config: layers[1] (bytes 2136..<3688)
          expected: less than 90 % of the values at most 0.01 or at least 0.99
          found: 48 % closed, 48 % open
          why: inputs larger than in training, as when they are not scaled as they were then, or weights that grew large
          help: check that the recorded input is scaled as in training
        """#),
    Explanation(
      "model.layer.unknown",
      meaning: "an option names a layer that the model does not have",
      cause: "The name is misspelt, or is that of a layer without weights.",
      fix: "List the layers: recur summary model.h5",
      example: #"""
        $ recur convert mistakes/classic_wide.pt small.pt --dtype float16 --keep-float32 dens
        error[model.layer.unknown]: no layer with weights is called 'dens'
          --> mistakes/classic_wide.pt
          expected: one of 'lstm', 'dense'
          found: 'dens'
          help: did you mean 'dense'?
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
        error[tensor.overflow]: 3 of 160 values of 'dense.weight' do not fit float16 and would become infinite
          --> mistakes/classic_wide.pt:dense.weight
          expected: |x| ≤ 6.5504e+04
          found: max |x| 7.0e+04
          why: float16 has 5 bits of exponent and ends at 65504; bfloat16 has 8 and reaches as far as float32
          fix in Recur: recur convert mistakes/classic_wide.pt small.pt --dtype bfloat16
          fix in Recur: recur convert mistakes/classic_wide.pt small.pt --dtype float16 --keep-float32 dense
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
        warning[tensor.underflow]: 3 of 1600 values of 'lstm.weight_hh_l0' become 0 in float16
          --> mistakes/classic_wide.pt:lstm.weight_hh_l0
          expected: 0 or |x| > 3.0e-08
          found: min |x| 1.0e-08
          fix in Recur: recur convert mistakes/classic_wide.pt small.pt --dtype bfloat16
          fix in Recur: recur convert mistakes/classic_wide.pt small.pt --dtype float16 --keep-float32 lstm
        """#),
  ]
}
