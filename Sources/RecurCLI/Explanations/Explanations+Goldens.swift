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
        """#),
    Explanation(
      "model.weights-repeated",
      meaning: "two layers, or two directions of one, have equal weights",
      cause:
        "A loop over layers or directions took the same keys twice. No training gives equal numbers.",
      fix: "Convert from the original again, each layer and each direction from its own keys.",
      example: #"""
        $ recur validate goldens/repeated.pt --architecture goldens/repeated.json
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
        """#),
  ]
}
