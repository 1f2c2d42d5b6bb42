extension Explanation {
  /// Codes of files that are neither Keras' nor torch's: JAX' libraries and audio plug-ins.
  static let aboutNeighbours: [Explanation] = [
    Explanation(
      "audio.assumed",
      meaning: "something that a plug-in decides is not in the file",
      cause:
        "The padding of a convolution, the states with which a plug-in begins after a reset, or a "
        + "matrix that counts for nothing is not part of the format.",
      fix: "Nothing is wrong if the model was trained as the note says.",
      example: #"""
        $ recur validate neighbours/audio/conv1d_lstm.json
        note[audio.assumed]: convolutions along the timesteps are causal, as the engine computes them: the padding of the model that was trained is not in the file
          --> neighbours/audio/conv1d_lstm.json
        """#),
    Explanation(
      "audio.beside",
      meaning: "the file has members that no plug-in reads",
      cause: "A program that trains models wrote them for itself.",
      fix: "Nothing is wrong: they change no number.",
      example: #"""
        $ printf '{"in_shape": [null, null, 1], "trainer": "me", "layers": [{"type": "dense", "shape": [null, null, 1], "weights": [[[0.5]]]}]}' > x.json
        $ recur validate x.json
        note[audio.beside]: the plug-ins read nothing under 'trainer'
          --> x.json
        """#),
    Explanation(
      "audio.file-invalid",
      meaning: "a model of an audio plug-in does not hold what its format needs",
      cause:
        "A number of weights, a size or a shape does not fit the others, a member is missing, or the "
        + "version is one that is not read.",
      fix: "Export the model again with the program that trained it.",
      example: #"""
        $ recur validate neighbours/audio/lstm_short.nam
        error[audio.file-invalid]: the number of weights does not fit 'config'
          --> neighbours/audio/lstm_short.nam:weights
          expected: 70 weights
          found: 69
          why: the engine checks it in debug builds only, and reads on behind the list
        """#),
    Explanation(
      "audio.unsupported",
      meaning: "a model of an audio plug-in has something that is not computed here",
      cause:
        "A layer, a function, an architecture or a member is not known, or the engine would compute "
        + "something else than what was exported.",
      fix: "Convert the model that was exported, from Keras or PyTorch.",
      example: #"""
        $ recur validate neighbours/audio/wavenet.nam
        error[audio.unsupported]: the architecture is 'WaveNet', which is not read
          --> neighbours/audio/wavenet.nam:architecture
          expected: LSTM
          found: WaveNet
        """#),
    Explanation(
      "audio.weights-invalid",
      meaning: "an array of weights in JSON is no array of numbers",
      cause:
        "Rows have different lengths, something else stands among the numbers, or a number is too large.",
      fix: "Export the model again with the program that trained it.",
      example: #"""
        $ printf '{"in_shape": [null, null, 1], "layers": [{"type": "dense", "shape": [null, null, 1], "weights": [[[1], [2, 3]]]}]}' > x.json
        $ recur inspect x.json
        error[audio.weights-invalid]: the rows of 'dense_0.0' have different sizes
          --> x.json:dense_0.0
          expected: numbers in rows of equal length
        """#),
    Explanation(
      "msgpack.duplicate-key",
      meaning: "a map in a MessagePack file has a key twice",
      cause: "The file is damaged, or was made to look different to different programs.",
      fix:
        "Save the parameters again: open('m.msgpack', 'wb').write(flax.serialization.to_bytes(params))",
      example: #"""
        $ printf '\202\241a\001\241a\002' > x.msgpack
        $ recur inspect x.msgpack
        error[msgpack.duplicate-key]: the key 'a' occurs twice in one map
          --> x.msgpack (bytes 4..<6)
        """#),
    Explanation(
      "msgpack.invalid",
      meaning: "a file is no MessagePack, or no array as Flax writes one",
      cause: "The file is damaged, or something follows its value.",
      fix:
        "Save the parameters again: open('m.msgpack', 'wb').write(flax.serialization.to_bytes(params))",
      example: #"""
        $ printf '\201\241a\301' > x.msgpack
        $ recur inspect x.msgpack
        error[msgpack.invalid]: byte 193 begins no value
          --> x.msgpack (bytes 3..<4)
          why: the file is damaged, or no MessagePack
        """#),
    Explanation(
      "tensors.dialect",
      meaning: "the names of the tensors are those of another framework than torch",
      cause:
        "Flax, Haiku, Equinox and MLX name the parts of a cell; each is read as a module of a declaration "
        + "that computes the same.",
      fix:
        "Nothing is wrong. What the names leave open is declared: recur inspect FILE --emit-architecture",
      example: #"""
        $ recur validate neighbours/jax/haiku_lstm.npz
        note[tensors.dialect]: the names of the tensors are those of Haiku: its modules are read as the modules of a declaration with the same results
          --> neighbours/jax/haiku_lstm.npz
          note: 'lstm': 1 is added to the bias of the forget gate, rounded once
        """#),
  ]
}
