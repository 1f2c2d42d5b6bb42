extension Explanation {
  /// Codes of inputs, states and recorded outputs, and of the outputs that a model computes.
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
        "The .npz has names that may mean several things, leaves out a number, or was recorded from a "
        + "model with other inputs or fewer outputs. Only a stateful model takes several calls.",
      fix:
        "Record them again, numbered from 0: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: #"""
        $ recur validate keras3/encoder_decoder.h5 --golden keras3/lstm_last.golden.npz
        error[golden.incomplete]: the golden file has 1 input and 1 output; the model has 2 inputs and 3 outputs
          --> keras3/lstm_last.golden.npz
          expected: 2 inputs (in_0 to in_1) and 3 outputs (out_0 to out_2)
          found: 1 input and 1 output
        """#),
    Explanation(
      "golden.partial",
      meaning: "outputs of the model were not recorded, and are not compared",
      cause:
        "The recording holds the first outputs alone: a bare nn.LSTM was recorded without h_n and "
        + "c_n, or a model of several outputs by its first.",
      fix:
        "Nothing is wrong. To compare all of them: "
        + "np.savez('golden.npz', in_0=x, out_0=y, out_1=h_n, out_2=c_n)",
      example: #"""
        $ recur validate recorded/lstm.pt --golden recorded/output_alone.golden.npz
        note[golden.partial]: the recording holds 1 of the 3 outputs; the rest is not compared
          --> recorded/output_alone.golden.npz
          expected: out_0, … out_2
          found: no out_1, out_2
        """#),
    Explanation(
      "input.count",
      meaning: "there are more or fewer inputs than the model takes",
      cause:
        "An --input or --input-shape is missing, or the .npz has neither in_0 nor arr_0 nor the "
        + "model's own input names. Only a stateful model takes several calls.",
      fix:
        "Give one array per input, in call order: "
        + "recur run model.h5 --input encoder.npy --input decoder.npy",
      example: #"""
        $ recur run keras3/encoder_decoder.h5 --input keras3/lstm_last.golden.npz
        error[input.count]: the model takes 2 inputs and was given 1
          --> keras3/encoder_decoder.h5
          expected: enc_in, dec_in
          found: 1 arrays
        """#),
    Explanation(
      "input.format",
      meaning: "an input file is neither an .npy array nor an .npz archive",
      cause: "It is a CSV or text file, a model, or an array saved in another format.",
      fix: "Save the array with numpy: np.save('x.npy', x)",
      example: #"""
        $ echo '0.1,0.2,0.3' > x.csv
        $ recur run keras3/lstm_last.h5 --input x.csv
        error[input.format]: the input is neither an .npy array nor an .npz archive
          --> x.csv (bytes 0..<12)
          help: np.save('x.npy', x)
        """#),
    Explanation(
      "input.length",
      meaning: "a length of a packed sequence is no whole number from 1 to the timesteps",
      cause:
        "torch.nn.utils.rnn.pack_padded_sequence refuses such lengths too: every sequence has at "
        + "least one timestep, and none is longer than what it is padded to.",
      fix: "Give one length per sequence: lengths = np.array([4, 6])",
      example: #"""
        $ recur run torch_modules/packed_lstm.pt --architecture torch_modules/packed_lstm.json --input refused/length_outside.npz
        error[input.length]: sequence 1 can't have 9.0 timesteps
          --> torch_modules/packed_lstm.json:layers[0]
          expected: a whole number from 1 to 6
          found: 9.0
          help: give one length per sequence, each at least 1 and at most what is padded to
        """#),
    Explanation(
      "input.names",
      meaning: "--inputs names other arguments than the model takes",
      cause:
        "--inputs chooses what models of PyTorch modules are called with; others say it themselves.",
      fix:
        "Leave it out, or name what there is: --inputs x, --inputs x,h_0,c_0, --inputs x,lengths",
      example: #"""
        $ recur run keras3/lstm_last.h5 --inputs x,h_0 --input keras3/lstm_last.golden.npz
        error[input.names]: the model is not called with x, h_0
          --> keras3/lstm_last.h5
          expected: input_layer
          found: x, h_0
          help: --inputs chooses what models of PyTorch modules are called with
        """#),
    Explanation(
      "input.shape",
      meaning: "an input does not have the shape that the model takes",
      cause:
        "The batch axis is missing, two axes are swapped, the number of features differs, or "
        + "the inputs differ in batch size.",
      fix:
        "See the shapes with 'recur summary model.h5'. A single sequence needs a batch axis: "
        + "np.save('x.npy', x[None])",
      example: #"""
        $ recur run refused/convolution_of_three.h5 --input refused/two_timesteps.npz
        error[input.shape]: Conv1D(4, 3) 'conv1d' can't take [1, 2, 3]
          --> refused/convolution_of_three.h5:/@model_config: layers[1] (bytes 30952..<37445)
          expected: at least 3 positions under a window
          found: [1, 2, 3]
        """#),
    Explanation(
      "input.token",
      meaning: "a token is outside the vocabulary of an Embedding",
      cause:
        "The text was encoded with another vocabulary, tokens count from 1 in place of 0, or -1 "
        + "stands for padding.",
      fix:
        "Encode with the vocabulary of training; its size is 'input_dim' of the Embedding: "
        + "recur inspect model.h5",
      example: #"""
        $ recur run keras3/embedding_lstm.h5 --input refused/token_outside.npz
        error[input.token]: token 600 is not in 'embedding'
          --> refused/token_outside.npz:in_0 (bytes 166..<190)
          expected: 0…9
          found: 600 at x[0, 5]
          why: the array was made with a larger vocabulary than the model
          fix in Keras: keras.layers.Embedding(input_dim=601, …)  # and train again: the table has 10 rows
          fix in NumPy: x = np.where((x >= 0) & (x < 10), x, UNKNOWN)  # the token of unknown words
        """#),
    Explanation(
      "state.shape",
      meaning: "several axes of a state are wrong",
      cause:
        "Its axes are in another order, or it belongs to another layer or another model. "
        + "batch_first=True of torch.nn holds for the sequence and never for states.",
      fix: "Put the axes in order: h_0 = h_0.transpose(0, 1).contiguous()",
      example: #"""
        $ recur run questions/lstm.pt --architecture questions/lstm.json --inputs x,h_0,c_0 --input questions/x_3_5.npy --input questions/s_3_1_4.npy --input questions/s_3_1_4.npy
        error[state.shape]: the state 'h_0' has its first two axes exchanged
          --> questions/s_3_1_4.npy (bytes 128..<176)
          expected: [1, 3, 4]: (layers·directions, batch, units)
          found: [3, 1, 4]
          why: batch_first=True holds for the sequence and never for states: they are (layers·directions, batch, units) either way
          fix in NumPy: h_0 = h_0.transpose(1, 0, 2)
          fix in PyTorch: h_0 = h_0.transpose(0, 1).contiguous()
        """#),
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
      example: #"""
        $ recur validate keras3/lstm_last.h5 --golden keras3/lstm_unroll_implementation1.golden.npz
        error[verify.mismatch]: 8 of 8 values of 'out_0' are not what was recorded
          --> keras3/lstm_unroll_implementation1.golden.npz:out_0
          expected: |diff| ≤ 3.3e-06
          found: |diff| up to 4.6e-01
          note: first: batch 0, unit 0: recorded 0.12292909622192383, computed -0.2698162201891546, |diff| 3.9e-01
          note: worst: batch 0, unit 2: recorded -0.4979904294013977, computed -0.038915333429486734, |diff| 4.6e-01
          note: --atol 4.5907509597191104e-01 would pass, and nothing smaller
          note: a difference of this size is typical of another computation
          fix in Recur: recur diagnose keras3/lstm_last.h5 --golden keras3/lstm_unroll_implementation1.golden.npz
        """#),
    Explanation(
      "verify.shape",
      meaning: "a recorded output has another shape than the model's",
      cause:
        "The recording is of another model, or one side returns every timestep "
        + "(return_sequences) and the other only the last.",
      fix:
        "Record it again from this model: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))",
      example: #"""
        $ recur validate keras3/lstm_last.h5 --golden keras3/lstm_backwards.golden.npz
        error[verify.shape]: 'out_0' has another shape than the model's output
          --> keras3/lstm_backwards.golden.npz:out_0 (bytes 517..<709)
          expected: [2, 6, 4]
          found: [2, 4]
          why: the recording has every timestep, and the model puts out the last one only: return_sequences in Keras, "select" of declared torch modules
          fix in Keras: keras.layers.LSTM(…, return_sequences=True)  # the last recurrent layer
          fix in PyTorch: y, _ = lstm(x)  # every timestep; "select": "output" in the declaration
        """#),
  ]
}
