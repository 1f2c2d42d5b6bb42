extension Explanation {
  /// Codes about sequences of different lengths, streams, and states.
  static let aboutSequences: [Explanation] = [
    Explanation(
      "input.mask",
      meaning: "a layer makes a mask of the numbers, and it counts padded timesteps",
      cause:
        "Masking and Embedding(mask_zero=True) decide by the numbers alone which timesteps count, also "
        + "when the model is called with a mask. The batch is padded with another number.",
      fix: "Pad with the number that the layer leaves out: recur run model.h5 --input a.npy "
        + "--input b.npy --pad post --pad-value 0",
      example: #"""
        $ recur run questions/masked.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post --pad-value 7
        error[input.mask]: Masking(0.0) 'masking' makes its own mask, and it does not leave out the padding
          --> questions/masked.h5:/@model_config: layers[2] (bytes 2136..<4894)
          expected: 0.0 in every padded timestep
          found: 7.0
          why: a mask that is given ends at this layer: the numbers alone decide from here on
          fix in Recur: recur run questions/masked.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post --pad-value 0.0
          fix in Keras: pad_sequences(sequences, dtype='float32', padding='post', value=0.0)
        """#),
    Explanation(
      "input.ragged",
      meaning: "sequences of different lengths were given, and nothing says how to join them",
      cause:
        "An array has rows of one length: NumPy calls such a list inhomogeneous. Frameworks pad it and "
        + "use a mask (Keras) or packed sequences (PyTorch).",
      fix:
        "Say where to pad: recur run model.h5 --input a.npy --input b.npy --pad post; or run them one "
        + "by one",
      example: #"""
        $ recur run questions/masked.h5 --input questions/x_10.npy --input questions/x_4.npy
        error[input.ragged]: sequences in one batch must have one length
          --> questions/x_10.npy
          expected: equal numbers of timesteps
          found: #0 [1, 10, 128]   #1 [1, 4, 128]
          why: an array has rows of one length (NumPy: inhomogeneous shape); the sequences have from 4 to 10 timesteps
          fix in Recur: recur run questions/masked.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post -o y.npz
          fix in Keras: x = keras.utils.pad_sequences(sequences, dtype='float32', padding='post'); model(x)
          fix in Recur: recur run questions/masked.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post --no-mask -o y.npz   # if it was trained on padded sequences without a mask
          fix in Recur: recur run questions/masked.h5 --input questions/x_10.npy   # one sequence at a time
        """#),
    Explanation(
      "sequence.padding",
      meaning: "a padded batch would give other numbers than each sequence alone",
      cause:
        "A layer puts timesteps together without honouring a mask (Conv1D, pooling, Flatten), the mask "
        + "does not reach a recurrent layer, or torch would have to pack sequences from their end.",
      fix: "Run the sequences one by one: recur run model.h5 --input a.npy",
      example: #"""
        $ recur run questions/flat.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post
        error[sequence.padding]: Flatten 'flatten' would see the padding: results would differ from those of each sequence alone
          --> questions/flat.h5:/@model_config: layers[2] (bytes 2136..<5113)
          why: it gives the timesteps another place or another number
          fix in Recur: recur run questions/flat.h5 --input SEQUENCE.npy   # one sequence at a time
          fix in Recur: recur run questions/flat.h5 --input questions/x_10.npy --input questions/x_4.npy --pad post --no-mask   # if it was trained on padded sequences without a mask
        """#),
    Explanation(
      "sequence.stream",
      meaning: "pieces of a sequence would give other numbers than the whole",
      cause:
        "A layer needs timesteps that are still to come, or keeps none of those before: Bidirectional, "
        + "go_backwards, Conv1D, pooling, attention.",
      fix:
        "Run the whole sequence, without --chunk and --stateful: recur run model.h5 --input x.npy",
      example: #"""
        $ recur run questions/flat.h5 --input questions/x_10.npy --stateful --chunk 5
        error[sequence.stream]: Flatten 'flatten' needs the whole sequence: pieces one after the other give other numbers
          --> questions/flat.h5:/@model_config: layers[2] (bytes 2136..<5113)
          why: it gives the timesteps another place or another number
          fix in Recur: recur run questions/flat.h5 --input SEQUENCE.npy   # without --chunk and --stateful
        """#),
    Explanation(
      "state.batch",
      meaning: "a state is for another number of sequences than the input",
      cause:
        "The last batch of a data set is smaller, or a state of one sequence is given to many. Keras "
        + "silently repeats a state of one sequence; torch refuses it.",
      fix:
        "Start from zeros, recur run model.h5 --input x.npy --state zeros, or give each sequence its "
        + "own state: h = np.repeat(h, 2, axis=0)",
      example: #"""
        $ recur run questions/decoder.h5 --input questions/x_2_3.npy --input questions/h_1_4.npy --input questions/h_1_4.npy
        error[state.batch]: the state 'h' is for a batch of 1, and the input is a batch of 2
          --> questions/h_1_4.npy (bytes 128..<144)
          expected: [2, 4]: (batch, units)
          found: [1, 4]
          why: it is the state of one sequence; Keras would silently begin every sequence with it
          fix in NumPy: h = np.repeat(h, 2, axis=0)
        """#),
    Explanation(
      "state.layers",
      meaning: "a state holds those of more or fewer layers and directions than the module has",
      cause:
        "torch.nn keeps the states of all layers and directions in one array, [layers·directions, "
        + "batch, units]: two layers of two directions have four.",
      fix: "Give one state per layer and direction: h_0 = torch.zeros(4, batch, units)",
      example: #"""
        $ recur run questions/lstm.pt --architecture questions/lstm.json --inputs x,h_0,c_0 --input questions/x_10.npy --input questions/s_2_1_4.npy --input questions/s_2_1_4.npy
        error[state.layers]: the state 'h_0' holds 2 states, and 'lstm' has 1
          --> questions/s_2_1_4.npy (bytes 128..<160)
          expected: [1, 1, 4]: (layers·directions, batch, units)
          found: [2, 1, 4]
          why: 'lstm' has 1 layer and 1 direction, which makes 1 state: 2 would be those of a module with two directions, or more layers
          fix in NumPy: h_0 = h_0[:1]
          fix in PyTorch: h_0 = h_0[:1]
        """#),
    Explanation(
      "state.missing",
      meaning: "a file of states lacks one that the model needs",
      cause:
        "Every recurrent layer begins with a state of its own, an LSTM with h and c. The file is of "
        + "another model, or holds h alone.",
      fix:
        "See what is needed with --save-state: recur run model.h5 --input x.npy --save-state s.npz",
      example: #"""
        $ recur run questions/last.h5 --input questions/x_1_3.npy --state questions/every.golden.npz
        error[state.missing]: there is no array for 'lstm.h', 'lstm.c'
          --> questions/every.golden.npz:in_0
          expected: lstm.h, lstm.c
          found: in_0, out_0
          why: every recurrent layer begins with a state of its own
          fix in NumPy: np.savez('state.npz', **{'lstm.h': np.zeros((1, 4)), 'lstm.c': np.zeros((1, 4))})
          fix in Recur: recur run questions/last.h5 --input questions/x_1_3.npy --state zeros
        """#),
    Explanation(
      "state.rank",
      meaning: "a state has too many axes, or too few",
      cause:
        "Keras states are (batch, units), PyTorch states (layers·directions, batch, units), also with "
        + "batch_first=True.",
      fix: "Add or drop the first axis: h = h[0] for Keras, h_0 = h[None] for PyTorch",
      example: #"""
        $ recur run questions/decoder.h5 --input questions/x_2_3.npy --input questions/h_1_2_4.npy --input questions/h_1_2_4.npy
        error[state.rank]: the state 'h' has 3 axes and needs 2
          --> questions/h_1_2_4.npy (bytes 128..<160)
          expected: [2, 4]: (batch, units)
          found: [1, 2, 4]
          why: Keras states are (batch, units), PyTorch states (layers·directions, batch, units)
          fix in NumPy: h = h[0]
        """#),
    Explanation(
      "state.unknown",
      meaning: "a file of states has an array that belongs to no layer",
      cause:
        "Its name is misspelt, or several layers could be meant: h alone says nothing where two LSTMs "
        + "follow each other.",
      fix:
        "Name the layer, LAYER.h and LAYER.c for Keras, h_0 and c_0 or KEY.h_0 for PyTorch: "
        + "np.savez('state.npz', **{'lstm.h': h, 'lstm.c': c})",
      example: #"""
        $ recur run questions/last.h5 --input questions/x_1_3.npy --state questions/returns.golden.npz
        error[state.unknown]: no recurrent layer has a state 'in_0'
          --> questions/returns.golden.npz:in_0 (bytes 186..<306)
          expected: lstm.h, lstm.c
          found: in_0
        """#),
    Explanation(
      "state.units",
      meaning: "a state is wider or narrower than its layer",
      cause:
        "It belongs to another layer, or the states of two directions, or h and c, were joined.",
      fix: "See the units with 'recur summary model.h5', and split what was joined: h[:, :20]",
      example: #"""
        $ recur run questions/lstm.pt --architecture questions/lstm.json --inputs x,h_0,c_0 --input questions/x_10.npy --input questions/s_1_1_5.npy --input questions/s_1_1_5.npy
        error[state.units]: the state 'h_0' is 5 wide and 'lstm' has 4 units
          --> questions/s_1_1_5.npy (bytes 128..<148)
          expected: [1, 1, 4]: (layers·directions, batch, units)
          found: [1, 1, 5]
          why: it belongs to a layer of 5 units, and 'lstm' has 4
          fix in NumPy: h_0 = np.zeros((1, 1, 4), 'float32')
          fix in PyTorch: h_0 = torch.zeros(1, 1, 4)
        """#),
  ]
}
