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
        + "sequence where the model gives it: np.savez('golden.npz', in_0=x, out_0=model.predict(x))"
    ),
    likely(
      "activation", "a layer has another activation than the file says",
      "Files keep names of functions, and hard_sigmoid is another function in Keras 3; state dicts keep "
        + "none."),
    likely(
      "axes", "the batch and the timesteps of the recording are exchanged",
      "torch.nn takes [timesteps, batch, features] unless batch_first=True."),
    likely(
      "bias", "a bias counts twice, not at all, or on the wrong side of the reset gate",
      "Keras LSTM has one bias and PyTorch two that are added; only one bias of a GRU's candidate "
        + "passes the reset gate."),
    likely(
      "direction", "a layer reads the sequence from the other end",
      "go_backwards was left out or added."),
    likely(
      "forget-bias", "the 1 of the forget bias is stored twice or not at all",
      "TensorFlow 1 adds forget_bias=1.0 in every step and does not store it; Keras stores it."),
    likely(
      "gate-order", "the blocks of the gates are stored in another order",
      "Frameworks stack gates differently, and every order has the same shapes."),
    likely(
      "initial-state", "the recording began with other states",
      "States were not passed on, or h and c were exchanged: TensorFlow 1 keeps (c, h)."),
    likely(
      "kernel-reshaped", "a kernel was reshaped where it had to be transposed",
      "w.reshape(w.shape[::-1]) gives the shape of w.T and other numbers in every place."),
    likely(
      "kernel-transposed", "the blocks of a kernel are transposed",
      "The block of a gate in a recurrent kernel is square, so a transpose keeps its shape."),
    likely(
      "layer-order", "the weights of two layers, or of two directions, are exchanged",
      "Layers of one shape are told apart by their names alone."),
    likely(
      "mask", "masked timesteps were treated differently when recording",
      "Code without masks reads padding like any timestep."),
    likely(
      "reset-placement", "the reset gate of a GRU is applied elsewhere",
      "Keras has two forms of a GRU (reset_after), PyTorch and CuDNN one."),
    likely(
      "rounding", "the weights, or the recording, were rounded to 16 bits",
      "A model was saved with .half(), or recorded with autocast or mixed precision."),
    likely(
      "update-gate", "the update gate of a GRU is one minus the expected one",
      "Papers write h = (1 − z)·h + z·candidate as well; all frameworks that recur reads have "
        + "z·h + (1 − z)·candidate."),
    Explanation(
      "verify.not-repaired",
      meaning: "--write was asked for and there is nothing to write",
      cause:
        "A model is repaired only when one mistake of the file explains every recorded number. If the "
        + "recording is at fault, the file is right.",
      fix:
        "See what else was reported, and leave out --write: recur diagnose model.h5 --golden golden.npz"
    ),
    Explanation(
      "verify.unexplained",
      meaning: "no known mistake explains the recorded outputs",
      cause:
        "The weights are others: an earlier or later training, or the recording is of another model.",
      fix: "Compare with the weights that were recorded: recur compare --weights model.h5 other.h5"),
  ]

  private static func likely(_ kind: String, _ meaning: String, _ cause: String) -> Explanation {
    Explanation(
      "verify.likely.\(kind)", meaning: meaning,
      cause: cause + " When this is undone, the model gives every recorded number.",
      fix:
        "The message has the lines that repair it. Where the file is at fault: "
        + "recur diagnose model.h5 --golden golden.npz --write fixed.h5")
  }
}
