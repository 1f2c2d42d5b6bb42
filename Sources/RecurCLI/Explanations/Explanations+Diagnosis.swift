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
        error[verify.ambiguous]: 6 readings of the file explain the recording; it can't tell them apart
          --> mistakes/one_timestep.golden.npz
          expected: a recording of 3 timesteps or more
          found: one timestep
          why: with one timestep the recurrent kernel, the forget gate and everything carried on have no effect
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c; and the recurrent kernel of 'rnn' is transposed, gate by gate
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c; and the recurrent kernel of 'rnn' was reshaped where a transpose was meant
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c; and the forget bias of 'rnn' lacks the 1 that is added at run time
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c; and the forget bias of 'rnn' has the 1 twice
          note: 6.5e-08: the gate blocks of 'rnn' are in the order i, o, f, c; and 'rnn' reads the sequence from the other end
          fix in NumPy: x = np.random.default_rng(0).standard_normal((2, 8, x.shape[-1])).astype('float32')
        """#),
    likely(
      "verify.likely.activation",
      "a layer has another activation than the file says",
      "Files keep names of functions, and hard_sigmoid is another function in Keras 3; state dicts keep "
        + "none.",
      example: #"""
        $ recur diagnose mistakes/lstm_hard_sigmoid.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.activation]: the recurrent activation of 'rnn' is sigmoid
          --> mistakes/lstm_hard_sigmoid.h5:/model_weights/rnn/rnn/lstm_cell/kernel
          expected: sigmoid
          found: hard_sigmoid(x/6+0.5)
          why: the model differs from the recording by 9.0e-02 as the file is read, and by 8.9e-08 when that is undone (84 readings tried, the next best differs by 5.3e-02); LSTM and GRU use sigmoid from Keras 2.3 on, in tf.keras and in PyTorch
          fix in Recur: recur diagnose mistakes/lstm_hard_sigmoid.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.axes",
      "the batch and the timesteps of the recording are exchanged",
      "torch.nn takes [timesteps, batch, features] unless batch_first=True.",
      example: #"""
        $ recur diagnose mistakes/torch_lstm_axes.pt --architecture mistakes/torch_lstm_axes.json --golden mistakes/torch_lstm_axes.golden.npz
        error[verify.likely.axes]: the recording has its first two axes exchanged
          --> mistakes/torch_lstm_axes.pt
          expected: [batch, timesteps, features]
          found: [timesteps, batch, features]
          why: the model differs from the recording by 7.5e-01 as the file is read, and by 1.1e-07 when that is undone (85 readings tried, the next best differs by 3.9e-02); torch.nn.LSTM, GRU and RNN take [timesteps, batch, features] unless batch_first=True
          fix in NumPy: x = x.transpose(1, 0, 2)
          fix in PyTorch: nn.LSTM(…, batch_first=True), or "batch_first": false in the declaration
        """#),
    likely(
      "verify.likely.bias",
      "a bias counts twice, not at all, or on the wrong side of the reset gate",
      "Keras LSTM has one bias and PyTorch two that are added; only one bias of a GRU's candidate "
        + "passes the reset gate.",
      example: #"""
        $ recur diagnose mistakes/lstm_bias_doubled.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.bias]: the bias of 'rnn' counts twice
          --> mistakes/lstm_bias_doubled.h5:/model_weights/rnn/sequential_16/rnn/lstm_cell/kernel
          expected: the bias
          found: twice the bias
          why: the model differs from the recording by 3.3e-01 as the file is read, and by 8.9e-08 when that is undone (84 readings tried, the next best differs by 5.3e-02); one bias was copied into both halves where they are added, or added to itself
          fix in Recur: recur diagnose mistakes/lstm_bias_doubled.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.direction",
      "a layer reads the sequence from the other end",
      "go_backwards was left out or added.",
      example: #"""
        $ recur diagnose mistakes/lstm_backwards.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.direction]: 'rnn' reads the sequence from the other end
          --> mistakes/lstm_backwards.h5:/model_weights/rnn/rnn/lstm_cell/kernel
          expected: the direction of the model that was recorded
          found: the other direction
          why: the model differs from the recording by 9.4e-01 as the file is read, and by 8.9e-08 when that is undone (84 readings tried, the next best differs by 5.3e-02); go_backwards was left out or added, or the recording was made on reversed input
          fix in Recur: recur diagnose mistakes/lstm_backwards.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.flatten-order",
      "a kernel behind a Flatten takes its input in another order",
      "Keras keeps channels last and torch first; a Flatten puts both in one row, and no shape tells them apart.",
      example: #"""
        $ recur diagnose mistakes/picture_flatten_order.h5 --golden mistakes/picture.golden.npz
        error[verify.likely.flatten-order]: the kernel of 'head' takes [4, 6] flattened, not [6, 4]
          --> mistakes/picture_flatten_order.h5:/model_weights/head/sequential_6/head/kernel
          expected: [6, 4]
          found: [4, 6]
          why: the model differs from the recording by 9.9e-01 as the file is read, and by 2.2e-07 when that is undone (108 readings tried, the next best differs by 3.6e-03); one framework has channels last and another first, and behind a Flatten no shape says it
          fix in Recur: recur diagnose mistakes/picture_flatten_order.h5 --golden mistakes/picture.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.forget-bias",
      "the 1 of the forget bias is stored twice or not at all",
      "TensorFlow 1 adds forget_bias=1.0 in every step and does not store it; Keras stores it.",
      example: #"""
        $ recur diagnose mistakes/lstm_forget_twice.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.forget-bias]: the forget bias of 'rnn' has the 1 twice
          --> mistakes/lstm_forget_twice.h5:/model_weights/rnn/sequential_14/rnn/lstm_cell/kernel
          expected: the bias as it counts, a trained 1 included
          found: the bias plus 1
          why: the model differs from the recording by 1.5e-01 as the file is read, and by 8.8e-08 when that is undone (83 readings tried, the next best differs by 5.3e-02); unit_forget_bias is an initializer: the 1 is in the stored bias already
          fix in Recur: recur diagnose mistakes/lstm_forget_twice.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.gate-order",
      "the blocks of the gates are stored in another order",
      "Frameworks stack gates differently, and every order has the same shapes.",
      example: #"""
        $ recur diagnose mistakes/lstm_order_iofc.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.gate-order]: the gate blocks of 'rnn' are in the order i, o, f, c
          --> mistakes/lstm_order_iofc.h5:/model_weights/rnn/sequential/rnn/lstm_cell/kernel
          expected: blocks i, f, c, o
          found: blocks i, o, f, c
          why: the model differs from the recording by 1.2e+00 as the file is read, and by 8.9e-08 when that is undone (83 readings tried, the next best differs by 5.3e-02); i, o, f, c is the order of ONNX
          fix in Recur: recur diagnose mistakes/lstm_order_iofc.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
          fix in Keras: layer = model.get_layer("rnn"); layer.set_weights([np.concatenate([np.split(w, 4, -1)[k] for k in (0, 2, 3, 1)], -1) for w in layer.get_weights()])
        """#),
    likely(
      "verify.likely.initial-state",
      "the recording began with other states",
      "States were not passed on, or h and c were exchanged: TensorFlow 1 keeps (c, h).",
      example: #"""
        $ recur diagnose mistakes/states.h5 --golden mistakes/states_ignored.golden.npz
        error[verify.likely.initial-state]: the recording began with states of zeros
          --> mistakes/states.h5
          expected: the initial state that is given
          found: zeros
          why: the model differs from the recording by 9.0e-01 as the file is read, and by 7.7e-08 when that is undone (87 readings tried, the next best differs by 5.2e-02); the state was not passed on: layer(x) in place of layer(x, initial_state=state)
          fix in NumPy: pass the state on when recording
        """#),
    likely(
      "verify.likely.kernel-reshaped",
      "a kernel was reshaped where it had to be transposed",
      "w.reshape(w.shape[::-1]) gives the shape of w.T and other numbers in every place.",
      example: #"""
        $ recur diagnose mistakes/lstm_recurrent_reshaped.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.kernel-reshaped]: the recurrent kernel of 'rnn' was reshaped where a transpose was meant
          --> mistakes/lstm_recurrent_reshaped.h5:/model_weights/rnn/sequential_13/rnn/lstm_cell/kernel
          expected: w.T
          found: w.reshape(…)
          why: the model differs from the recording by 4.0e-01 as the file is read, and by 8.9e-08 when that is undone (84 readings tried, the next best differs by 5.3e-02); reshape keeps the numbers in their order and gives the right shape
          fix in Recur: recur diagnose mistakes/lstm_recurrent_reshaped.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.kernel-transposed",
      "the blocks of a kernel are transposed",
      "The block of a gate in a recurrent kernel is square, so a transpose keeps its shape.",
      example: #"""
        $ recur diagnose mistakes/lstm_recurrent_transposed.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.kernel-transposed]: the recurrent kernel of 'rnn' is transposed, gate by gate
          --> mistakes/lstm_recurrent_transposed.h5:/model_weights/rnn/sequential_10/rnn/lstm_cell/kernel
          expected: a row per unit of h or x, as Keras has it
          found: each gate's block transposed
          why: the model differs from the recording by 1.7e-01 as the file is read, and by 8.9e-08 when that is undone (84 readings tried, the next best differs by 5.3e-02); a square block has the same shape either way, so no shape check can see it
          fix in Recur: recur diagnose mistakes/lstm_recurrent_transposed.h5 --golden mistakes/lstm.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.kernel-turned",
      "the kernel of a convolution is turned around",
      "Theano's convolutions begin at the last position of a kernel, those of all others at the first.",
      example: #"""
        $ recur diagnose mistakes/picture_kernel_turned.h5 --golden mistakes/picture.golden.npz
        error[verify.likely.kernel-turned]: the kernel of 'conv' is turned around
          --> mistakes/picture_kernel_turned.h5:/model_weights/conv/sequential/conv/kernel
          expected: the first position of a window first
          found: the last position first
          why: the model differs from the recording by 2.3e+00 as the file is read, and by 2.2e-07 when that is undone (108 readings tried, the next best differs by 3.6e-03); Theano's convolutions read their kernels from the last position
          fix in Recur: recur diagnose mistakes/picture_kernel_turned.h5 --golden mistakes/picture.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.layer-order",
      "the weights of two layers, or of two directions, are exchanged",
      "Layers of one shape are told apart by their names alone.",
      example: #"""
        $ recur diagnose mistakes/stack_layers_exchanged.h5 --golden mistakes/stack.golden.npz
        error[verify.likely.layer-order]: the weights of 'below' and 'rnn' are exchanged
          --> mistakes/stack_layers_exchanged.h5:/@model_config: layers[1] (bytes 2136..<5500)
          expected: 'below', 'rnn'
          found: 'rnn', 'below'
          why: the model differs from the recording by 1.8e-01 as the file is read, and by 4.0e-08 when that is undone (268 readings tried, the next best differs by 5.0e-03); both have the same shapes, so nothing but numbers can tell them apart
          fix in Recur: recur diagnose mistakes/stack_layers_exchanged.h5 --golden mistakes/stack.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.mask",
      "masked timesteps were treated differently when recording",
      "Code without masks reads padding like any timestep.",
      example: #"""
        $ recur diagnose mistakes/masked.h5 --golden mistakes/unmasked.golden.npz
        error[verify.likely.mask]: the recording was made without the mask
          --> mistakes/masked.h5
          expected: masked timesteps are skipped
          found: every timestep counts
          why: the model differs from the recording by 1.6e-01 as the file is read, and by 7.6e-08 when that is undone (88 readings tried, the next best differs by 5.2e-02); torch.nn and hand-written code have no masks; padding is read like any timestep
          fix in NumPy: record from the model with its mask, or on input without padding
        """#),
    likely(
      "verify.likely.normalization",
      "the numbers of a normalization are others",
      "Its tensors all have one number per channel and are easily exchanged, and epsilon differs between frameworks.",
      example: #"""
        $ recur diagnose mistakes/picture_moments_exchanged.h5 --golden mistakes/picture.golden.npz
        error[verify.likely.normalization]: the mean and the variance of 'norm' are exchanged
          --> mistakes/picture_moments_exchanged.h5:/model_weights/norm/sequential_3/norm/gamma
          expected: mean, variance
          found: variance, mean
          why: the model differs from the recording by 7.8e-02 as the file is read, and by 2.2e-07 when that is undone (108 readings tried, the next best differs by 3.6e-03); both have one number per channel
          fix in Recur: recur diagnose mistakes/picture_moments_exchanged.h5 --golden mistakes/picture.golden.npz --write fixed.h5
        """#),
    Explanation(
      "verify.likely.reading",
      meaning:
        "the file leaves open what it computes, and something else was recorded than was assumed",
      cause:
        "Weights alone do not say which timestep is read, which functions stand between modules, nor the "
        + "order of calls. One answer gives every recorded number.",
      fix: "Give the answer that is printed, or --architecture: recur convert model.pt model.keras "
        + "--timesteps last",
      example: #"""
        $ recur diagnose readings/last_timestep.safetensors --golden readings/last_timestep.golden.npz
        error[verify.likely.reading]: another reading was recorded than was assumed: the last timestep is read
          --> readings/last_timestep.safetensors
          expected: the last timestep is read
          found: nothing in the file says so, and something else was assumed
          why: the shapes differ as the file is read, and by 3.1e-08 when that is undone (4 readings tried, the next best differs by 3.1e-01)
          fix in Recur: recur convert readings/last_timestep.safetensors model.keras --golden readings/last_timestep.golden.npz --timesteps last
        """#),
    likely(
      "verify.likely.reset-placement",
      "the reset gate of a GRU is applied elsewhere",
      "Keras has two forms of a GRU (reset_after), PyTorch and CuDNN one.",
      example: #"""
        $ recur diagnose mistakes/gru_reset_flipped.h5 --golden mistakes/gru_before.golden.npz
        error[verify.likely.reset-placement]: the reset gate of 'rnn' is applied elsewhere
          --> mistakes/gru_reset_flipped.h5:/model_weights/rnn/sequential_36/rnn/gru_cell/kernel
          expected: reset_after and its biases as in the model that was recorded
          found: the other form of a GRU
          why: the model differs from the recording by 1.7e-01 as the file is read, and by 2.5e-07 when that is undone (53 readings tried, the next best differs by 1.1e-01); Keras has both forms (reset_after), PyTorch and CuDNN have only one, and no weights of one make the other
          fix in Recur: recur diagnose mistakes/gru_reset_flipped.h5 --golden mistakes/gru_before.golden.npz --write fixed.h5
        """#),
    likely(
      "verify.likely.rounding",
      "the weights, or the recording, were rounded to 16 bits",
      "A model was saved with .half(), or recorded with autocast or mixed precision.",
      example: #"""
        $ recur diagnose mistakes/lstm_float16.h5 --golden mistakes/lstm.golden.npz
        error[verify.likely.rounding]: the weights were rounded to float16 before they were stored
          --> mistakes/lstm_float16.h5
          expected: the weights that were recorded
          found: every weight is a number of float16, stored in a wider type
          why: the model differs from the recording by 2.6e-04 as the file is read, which is what such rounding does to this model (682 readings tried, the next best differs by 2.4e-03, none explains it)
          note: the digits are lost; take the weights as they were before
          fix in Recur: recur validate mistakes/lstm_float16.h5 --golden mistakes/lstm.golden.npz --atol 5.3e-04
        """#),
    likely(
      "verify.likely.update-gate",
      "the update gate of a GRU is one minus the expected one",
      "Papers write h = (1 − z)·h + z·candidate as well; all frameworks that recur reads have "
        + "z·h + (1 − z)·candidate.",
      example: #"""
        $ recur diagnose mistakes/gru_update_inverted.h5 --golden mistakes/gru.golden.npz
        error[verify.likely.update-gate]: the update gate of 'rnn' is 1 − z
          --> mistakes/gru_update_inverted.h5:/model_weights/rnn/sequential_31/rnn/gru_cell/kernel
          expected: h = z·h + (1 − z)·candidate
          found: h = (1 − z)·h + z·candidate
          why: the model differs from the recording by 1.6e+00 as the file is read, and by 1.6e-07 when that is undone (58 readings tried, the next best differs by 4.8e-02); papers and hand-written cells write it either way
          fix in Recur: recur diagnose mistakes/gru_update_inverted.h5 --golden mistakes/gru.golden.npz --write fixed.h5
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
        error[verify.not-repaired]: nothing was written to 'fixed.h5'
          --> mistakes/lstm_other_weights.h5
          why: one mistake has to explain every recorded number before the model is repaired
        """#),
    Explanation(
      "verify.unexplained",
      meaning: "no known mistake explains the recorded outputs",
      cause:
        "The weights are others: an earlier or later training, or the recording is of another model; or a "
        + "mistake was made that recur doesn't know. The notes say where the outputs begin to differ.",
      fix: "Compare with the weights that were recorded: recur compare --weights model.h5 other.h5",
      example: #"""
        $ recur diagnose mistakes/lstm_other_weights.h5 --golden mistakes/lstm.golden.npz
        error[verify.unexplained]: none of the 726 known mistakes that were tried explains the recording
          --> mistakes/lstm_other_weights.h5
          expected: a difference within the tolerance
          found: 3.9e-01 at best: the gate blocks of 'rnn' are in the order o, f, c, i; and the recurrent activation of 'rnn' is hard_sigmoid(x/6+0.5)
          why: the model differs from the recording by 4.6e-01 as the file is read; the computed outputs and the recorded ones correlate by 0.77
          note: wrong from the first timestep on: the kernel, a bias, an activation, the order of gates, the direction or the initial state
          fix in Recur: recur compare --weights mistakes/lstm_other_weights.h5 OTHER
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
