extension Explanation {
  /// Codes of `recur diagnose`.
  static let aboutDiagnosis: [Explanation] = [
    Explanation(
      "verify.ambiguous",
      meaning: "several mistakes explain the recorded outputs equally well",
      cause:
        "The recording is too weak to tell them apart: one timestep hides the recurrent kernel and the "
        + "forget gate, constant input hides the direction.",
      fix:
        "Record two or more sequences of random input with 3 timesteps or more, and the whole "
        + "sequence where the model gives it: np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: #"""
        $ recur diagnose mistakes/lstm_free_order_iofc.h5 --golden mistakes/one_timestep.golden.npz
        """#),
    likely(
      "verify.likely.activation",
      "a layer has another activation than the file says",
      "Files keep names of functions, and hard_sigmoid is another function in Keras 3; state dicts keep "
        + "none.",
      example: #"""
        $ recur diagnose mistakes/lstm_hard_sigmoid.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.axes",
      "the batch and the timesteps of the recording are exchanged",
      "torch.nn takes [timesteps, batch, features] unless batch_first=True.",
      example: #"""
        $ recur diagnose mistakes/torch_lstm_axes.pt --architecture mistakes/torch_lstm_axes.json --golden mistakes/torch_lstm_axes.golden.npz
        """#),
    likely(
      "verify.likely.bias",
      "a bias counts twice, not at all, or on the wrong side of the reset gate",
      "Keras LSTM has one bias and PyTorch two that are added; only one bias of a GRU's candidate "
        + "passes the reset gate.",
      example: #"""
        $ recur diagnose mistakes/lstm_bias_doubled.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.direction",
      "a layer reads the sequence from the other end",
      "go_backwards was left out or added.",
      example: #"""
        $ recur diagnose mistakes/lstm_backwards.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.forget-bias",
      "the 1 of the forget bias is stored twice or not at all",
      "TensorFlow 1 adds forget_bias=1.0 in every step and does not store it; Keras stores it.",
      example: #"""
        $ recur diagnose mistakes/lstm_forget_twice.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.gate-order",
      "the blocks of the gates are stored in another order",
      "Frameworks stack gates differently, and every order has the same shapes.",
      example: #"""
        $ recur diagnose mistakes/lstm_order_iofc.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.initial-state",
      "the recording began with other states",
      "States were not passed on, or h and c were exchanged: TensorFlow 1 keeps (c, h).",
      example: #"""
        $ recur diagnose mistakes/states.h5 --golden mistakes/states_ignored.golden.npz
        """#),
    likely(
      "verify.likely.kernel-reshaped",
      "a kernel was reshaped where it had to be transposed",
      "w.reshape(w.shape[::-1]) gives the shape of w.T and other numbers in every place.",
      example: #"""
        $ recur diagnose mistakes/lstm_recurrent_reshaped.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.kernel-transposed",
      "the blocks of a kernel are transposed",
      "The block of a gate in a recurrent kernel is square, so a transpose keeps its shape.",
      example: #"""
        $ recur diagnose mistakes/lstm_recurrent_transposed.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.layer-order",
      "the weights of two layers, or of two directions, are exchanged",
      "Layers of one shape are told apart by their names alone.",
      example: #"""
        $ recur diagnose mistakes/stack_layers_exchanged.h5 --golden mistakes/stack.golden.npz
        """#),
    likely(
      "verify.likely.mask",
      "masked timesteps were treated differently when recording",
      "Code without masks reads padding like any timestep.",
      example: #"""
        $ recur diagnose mistakes/masked.h5 --golden mistakes/unmasked.golden.npz
        """#),
    likely(
      "verify.likely.reset-placement",
      "the reset gate of a GRU is applied elsewhere",
      "Keras has two forms of a GRU (reset_after), PyTorch and CuDNN one.",
      example: #"""
        $ recur diagnose mistakes/gru_reset_flipped.h5 --golden mistakes/gru_before.golden.npz
        """#),
    likely(
      "verify.likely.rounding",
      "the weights, or the recording, were rounded to 16 bits",
      "A model was saved with .half(), or recorded with autocast or mixed precision.",
      example: #"""
        $ recur diagnose mistakes/lstm_float16.h5 --golden mistakes/lstm.golden.npz
        """#),
    likely(
      "verify.likely.update-gate",
      "the update gate of a GRU is one minus the expected one",
      "Papers write h = (1 − z)·h + z·candidate as well; all frameworks that recur reads have "
        + "z·h + (1 − z)·candidate.",
      example: #"""
        $ recur diagnose mistakes/gru_update_inverted.h5 --golden mistakes/gru.golden.npz
        """#),
    Explanation(
      "verify.not-repaired",
      meaning: "--write was asked for and there is nothing to write",
      cause:
        "A model is repaired only when one mistake of the file explains every recorded number. If the "
        + "recording is at fault, the file is right.",
      fix:
        "See what else was reported, and leave out --write: recur diagnose model.h5 --golden golden.npz",
      example: #"""
        $ recur diagnose mistakes/lstm_other_weights.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    Explanation(
      "verify.unexplained",
      meaning: "no known mistake explains the recorded outputs",
      cause:
        "The weights are others: an earlier or later training, or the recording is of another model.",
      fix: "Compare with the weights that were recorded: recur compare --weights model.h5 other.h5",
      example: #"""
        $ recur diagnose mistakes/lstm_other_weights.h5 --golden mistakes/lstm.golden.npz
        """#),
  ]

  private static func likely(
    _ code: String, _ meaning: String, _ cause: String, example: String
  ) -> Explanation {
    Explanation(
      code, meaning: meaning,
      cause: cause + " When this is undone, the model gives every recorded number.",
      fix:
        "The message has the lines that repair it. Where the file is at fault: "
        + "recur diagnose model.h5 --golden golden.npz --write fixed.h5", example: example)
  }
}
