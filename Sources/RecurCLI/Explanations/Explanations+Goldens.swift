extension Explanation {
  /// Codes about what a recording proves, and about recordings of something else.
  static let aboutGoldens: [Explanation] = [
    Explanation(
      "golden.self-recorded",
      meaning: "recur made the recording, so it proves conversions and not the reading",
      cause:
        "recur golden record runs the model as recur reads it. If it reads the file wrong, the recording "
        + "is wrong in the same way.",
      fix:
        "Nothing is wrong. To prove the reading, record in the framework: docs/goldens.md has the lines.",
      example: #"""
        $ recur golden record keras3/lstm_last.h5 -o golden.npz
        $ recur validate keras3/lstm_last.h5 --golden golden.npz
        note[golden.self-recorded]: this program made the recording: it proves that a conversion computes the same, and says nothing about how the original file is read
          --> golden.npz
          expected: a recording of the framework, to prove the reading
          found: a recording of the reference
        """#),
    Explanation(
      "golden.weak",
      meaning: "the recording would pass with mistakes in the model",
      cause:
        "Mistakes were made on the model in turn, and some moved no output by more than the tolerance: "
        + "zeros, one timestep, a constant input, or no masked timestep hide them.",
      fix:
        "Record inputs that show them: the message says what is missing, and docs/goldens.md has the "
        + "lines for every framework.",
      example: #"""
        $ recur golden audit mistakes/lstm_free_order_iofc.h5 mistakes/one_timestep.golden.npz
        warning[golden.weak]: the recording can't tell 5 of 31 known mistakes from what is right
          --> mistakes/one_timestep.golden.npz
          expected: a recording with three timesteps or more: with 1 the recurrent kernel, the forget gate and what is carried on have little effect or none
          found: the recurrent kernel of 'rnn' is transposed, gate by gate; the recurrent kernel of 'rnn' was reshaped where a transpose was meant; the forget bias of 'rnn' lacks the 1 that is added at run time; and 2 more
        """#),
    Explanation(
      "model.weights-repeated",
      meaning: "two layers, or two directions of one, have equal weights",
      cause:
        "A loop over layers or directions took the same keys twice. No training gives equal numbers.",
      fix: "Convert from the original again, each layer and each direction from its own keys.",
      example: #"""
        $ recur validate goldens/repeated.pt --architecture goldens/repeated.json
        warning[model.weights-repeated]: both directions of 'gru' have equal weights
          --> goldens/repeated.pt:weight_ih_l0 (bytes 1216..<1360)
          expected: weights of their own for the forward and the backward direction
          found: the same numbers
          why: a loop over layers or directions took the same keys twice
        """#),
    Explanation(
      "verify.likely.input-scale",
      meaning: "the outputs were recorded on inputs that were scaled",
      cause:
        "The recording holds inputs as they were before the program prepared them: pixels of 0 to 255, "
        + "or numbers that are standardized for the model.",
      fix:
        "Save what the model is called with: np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: #"""
        $ recur diagnose goldens/taken.pt --architecture goldens/taken.json --golden goldens/taken_scaled.golden.npz
        error[verify.likely.input-scale]: the outputs were recorded on inputs that were divided by 255
          --> goldens/taken.pt
          expected: the recorded inputs
          found: x / 255
          why: the model differs from the recording by 7.3e-02 as the file is read, and by 1.7e-08 when that is undone (320 readings tried, the next best differs by 3.4e-03); the inputs were prepared between where they were saved and where the model was called
          fix in NumPy: x = x / 255   # save what the model is called with
        """#),
    Explanation(
      "verify.likely.selection",
      meaning: "something else was recorded of a sequence than the model takes",
      cause:
        "A recurrent layer gives every timestep and its final states, and people take what they need by "
        + "hand: y[:, -1], h_n[-1], both directions' final states, a mean. Weights don't say what.",
      fix:
        "Take what was recorded: \"select\" in a declaration, return_sequences in Keras, or record what "
        + "the model takes.",
      example: #"""
        $ recur diagnose goldens/taken.pt --architecture goldens/taken.json --golden goldens/taken_states.golden.npz
        error[verify.likely.selection]: the recording has the final states of both directions of 'rnn.l1', not the last timestep of 'rnn.l1'
          --> goldens/taken.json:layers[0]
          expected: the final states of both directions of 'rnn.l1'
          found: the last timestep of 'rnn.l1'
          why: the model differs from the recording by 6.4e-02 as the file is read, and by 2.3e-08 when that is undone (8 readings tried, the next best differs by 1.9e-02); people take it by hand, and weights don't say what was taken
          note: a state dict does not hold it: say it in the declaration, and give that with --architecture
          fix in PyTorch: y, (h_n, c_n) = lstm(x)
          fix in Recur: recur inspect goldens/taken.pt --emit-architecture > architecture.json
        """#),
  ]
}
