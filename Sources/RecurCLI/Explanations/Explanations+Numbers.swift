extension Explanation {
  /// Codes of inputs, states, recorded outputs and what is computed from them.
  static let aboutNumbers: [Explanation] = [
    Explanation(
      "convert.verification-failed",
      meaning: "the written weights, read back, do not compute what the model computes",
      cause: "This is a bug in recur. The output file was not written.",
      fix: "Report it with the list of what is in the file: recur inspect model.h5 --format json",
      example: ""),
    Explanation(
      "golden.incomplete",
      meaning: "the recorded arrays don't fit the model's inputs and outputs",
      cause:
        "The .npz names its arrays otherwise (arr_0, x, y), leaves out a number, or has more or "
        + "fewer of them than the model. Only a stateful model takes several calls.",
      fix:
        "Record them again, numbered from 0: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: ""),
    Explanation(
      "input.count",
      meaning: "there are more or fewer inputs than the model takes",
      cause:
        "An --input or --input-shape is missing, or the .npz has neither in_0 nor arr_0 nor the "
        + "model's own input names. Only a stateful model takes several calls.",
      fix:
        "Give one array per input, in call order: "
        + "recur run model.h5 --input encoder.npy --input decoder.npy",
      example: ""),
    Explanation(
      "input.format",
      meaning: "an input file is neither an .npy array nor an .npz archive",
      cause: "It is a CSV or text file, a model, or an array saved in another format.",
      fix: "Save the array with numpy: np.save('x.npy', x)",
      example: ""),
    Explanation(
      "input.length",
      meaning: "a length of a packed sequence is no whole number from 1 to the timesteps",
      cause:
        "torch.nn.utils.rnn.pack_padded_sequence refuses such lengths too: every sequence has at "
        + "least one timestep, and none is longer than what it is padded to.",
      fix: "Give one length per sequence: lengths = np.array([4, 6])",
      example: ""),
    Explanation(
      "input.names",
      meaning: "--inputs names other arguments than the model takes",
      cause:
        "--inputs chooses what models of PyTorch modules are called with; others say it themselves.",
      fix:
        "Leave it out, or name what there is: --inputs x, --inputs x,h_0,c_0, --inputs x,lengths",
      example: ""),
    Explanation(
      "input.shape",
      meaning: "an input does not have the shape that the model takes",
      cause:
        "The batch axis is missing, two axes are swapped, the number of features differs, or "
        + "the inputs differ in batch size.",
      fix:
        "See the shapes with 'recur summary model.h5'. A single sequence needs a batch axis: "
        + "np.save('x.npy', x[None])",
      example: ""),
    Explanation(
      "input.token",
      meaning: "a token is outside the vocabulary of an Embedding",
      cause:
        "The text was encoded with another vocabulary, tokens count from 1 in place of 0, or -1 "
        + "stands for padding.",
      fix:
        "Encode with the vocabulary of training; its size is 'input_dim' of the Embedding: "
        + "recur inspect model.h5",
      example: ""),
    Explanation(
      "state.shape",
      meaning: "the state of a stateful layer does not fit the inputs",
      cause:
        "The batch size changed from one call to the next, or a state of another model was "
        + "given.",
      fix: "Keep the batch size, or start again from zeros: var state = RecurrentState()",
      example: ""),
    Explanation(
      "verify.mismatch",
      meaning: "the model does not compute what was recorded",
      cause:
        "The weights changed after the recording, it was made in training mode or in 16 bits, "
        + "or gates or activations are taken for others, such as the hard_sigmoid of Keras 2 and "
        + "3. The last note says what a difference of this size is typical of.",
      fix:
        "Record it again from this file. If the difference is rounding, give the tolerance "
        + "that the note names: "
        + "recur validate model.h5 --golden golden.npz --atol 1e-5",
      example: ""),
    Explanation(
      "verify.shape",
      meaning: "a recorded output has another shape than the model's",
      cause:
        "The recording is of another model, or one side returns every timestep "
        + "(return_sequences) and the other only the last.",
      fix:
        "Record it again from this model: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: ""),
  ]
}
