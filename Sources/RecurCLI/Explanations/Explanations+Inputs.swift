extension Explanation {
  /// Inputs and initial states that a model can't take, or that are odd.
  static let aboutInputs: [Explanation] = [
    Explanation(
      "input.axes",
      meaning: "two axes of an input are exchanged",
      cause:
        "Features come before timesteps (channels first, as convolutions of torch take them), or "
        + "timesteps before sequences: torch modules without batch_first=True take and give "
        + "[timesteps, batch, features].",
      fix: "Exchange them: x = np.swapaxes(x, 1, 2), or x.transpose(1, 2) in torch",
      example: #"""
        $ recur run questions/declared.h5 --input questions/x_exchanged.npy
        error[input.axes]: the input has the timesteps and the features exchanged
          --> questions/x_exchanged.npy (bytes 128..<5248)
          expected: [batch, 10, 128]
          found: [1, 128, 10]
          why: with axes 1 and 2 exchanged it is [1, 10, 128], which fits
          fix in NumPy: x = np.swapaxes(x, 1, 2)  # [1, 10, 128]
          fix in Keras: model.predict(np.swapaxes(x, 1, 2))
        """#),
    Explanation(
      "input.batch",
      meaning:
        "the number of sequences is not the one the model was built for, or not that of another input",
      cause:
        "A stateful Keras model is built for one batch size, and the last batch of a dataset is often "
        + "smaller. Or several inputs do not belong to the same sequences.",
      fix:
        "Build the model with the batch size that is needed and copy the weights: "
        + "new.set_weights(model.get_weights())",
      example: #"""
        $ recur run questions/stateful.h5 --input questions/x_1_3.npy
        error[input.batch]: the input is a batch of 1; the model was built for 2
          --> questions/x_1_3.npy (bytes 128..<188)
          expected: [2, timesteps, 3]
          found: [1, 5, 3]
          why: a stateful model keeps one state per sequence, so its batch is fixed when it is built
          note: the weights do not depend on the batch: only the declaration and the state do
          fix in Keras: build the model with batch_size=1, then new.set_weights(model.get_weights())
        """#),
    Explanation(
      "input.dtype",
      meaning: "the numbers are of a type that the framework would cut, convert or refuse",
      cause:
        "Tokens with fractions, which Keras cuts towards zero without a word and torch refuses; "
        + "float64 arrays, NumPy's default, which Keras converts and torch refuses.",
      fix: "Say the type: x = x.astype(np.float32), or np.int64 for tokens",
      example: #"""
        $ recur run questions/tokens.h5 --input questions/tokens_fraction.npy
        warning[input.dtype]: the input has tokens that are no whole numbers: 1 of them
          --> questions/tokens_fraction.npy (bytes 128..<140)
          expected: [batch, timesteps]
          found: 2.5 at x[0, 1]
          why: features were given where an Embedding takes the numbers of tokens, or they were scaled
          note: Keras cuts them towards zero, and so does this run
          fix in NumPy: x = x.astype(np.int64)  # cuts 2.5 to 2
        """#),
    Explanation(
      "input.empty",
      meaning: "an input has no sequences, no timesteps or no features",
      cause: "A filter or a slice took everything, or a text had no known word.",
      fix:
        "Leave empty sequences out before they are padded: sequences = [s for s in sequences if "
        + "len(s) > 0]",
      example: #"""
        $ recur run questions/masked.h5 --input questions/x_empty.npy
        error[input.empty]: the input has no timesteps
          --> questions/x_empty.npy (bytes 128..<128)
          expected: [batch, timesteps, 128]
          found: [1, 0, 128]
          why: axis 1, the timesteps, has the extent 0: a filter or a slice took everything
          note: predict() of Keras 3 may answer with zeros here; calling the model raises an error
          fix in NumPy: sequences = [s for s in sequences if len(s) > 0]  # before they are padded
        """#),
    Explanation(
      "input.features",
      meaning: "an input has another number of features per timestep than the weights",
      cause:
        "The kernel has one column per feature. The array was made for another model, has other "
        + "columns than the training data, or is the output of another layer.",
      fix: "See what the model takes with 'recur summary model.h5', and give these features",
      example: #"""
        $ recur run questions/declared.h5 --input questions/x_features.npy
        error[input.features]: the input has 64 features per timestep; the model takes 128
          --> questions/x_features.npy (bytes 128..<2688)
          expected: [batch, 10, 128]
          found: [1, 10, 64]
          why: the kernel has one column per feature: the array was made for another model, or with other columns than in training
          fix in NumPy: assert x.shape[2] == 128  # the columns of the training data
          fix in Recur: recur summary questions/declared.h5 --input-shape 1,10,128
          fix in Keras: model.input_shape  # (None, 10, 128)
        """#),
    Explanation(
      "input.not-finite",
      meaning: "an input holds NaN or infinities",
      cause:
        "Missing values, or a division by zero. One NaN makes every later state of its sequence NaN.",
      fix: "Replace them, x = np.nan_to_num(x), or leave these sequences out",
      example: #"""
        $ recur run questions/declared.h5 --input questions/x_nan.npy
        warning[input.not-finite]: the input holds 10 numbers that are not finite
          --> questions/x_nan.npy (bytes 128..<5248)
          expected: [batch, 10, 128]
          found: nan at x[0, 0, 7]
          why: one NaN in a sequence makes every later state of that sequence NaN
          fix in NumPy: x = np.nan_to_num(x)  # or drop these sequences
        """#),
    Explanation(
      "input.rank",
      meaning: "an input has more or fewer axes than the model takes",
      cause:
        "Most often the batch axis is missing: one sequence [timesteps, features] was given where a "
        + "batch of sequences belongs. Or tokens were given as one-hot vectors.",
      fix: "Add the axis: x = x[np.newaxis], or x.unsqueeze(0) in torch",
      example: #"""
        $ recur run questions/declared.h5 --input questions/x_one.npy
        error[input.rank]: the input has 2 axes in place of 3
          --> questions/x_one.npy (bytes 128..<5248)
          expected: [batch, 10, 128]
          found: [10, 128]
          why: the batch axis is missing: this is one sequence, not a batch of sequences
          fix in NumPy: x = x[np.newaxis]  # [1, 10, 128]
          fix in Keras: model.predict(x[np.newaxis])
        """#),
    Explanation(
      "input.timesteps",
      meaning: "an input has another number of timesteps than the model declares",
      cause:
        "The model was built with input_shape=(10, 128): ten timesteps of 128 features. Shorter and "
        + "longer sequences were padded or truncated in training, and have to be here. "
        + "Functional Keras models refuse others; Sequential ones of Keras 3 run them.",
      fix:
        "Pad or truncate as in training: recur run model.h5 --input x.npy --pad post --maxlen 10; in "
        + "Keras keras.utils.pad_sequences(x, maxlen=10, padding='post', dtype='float32')",
      example: #"""
        $ recur run questions/declared.h5 --input questions/x_4.npy
        error[input.timesteps]: the input has 4 timesteps; the model was built for 10
          --> questions/x_4.npy (bytes 128..<2176)
          expected: [batch, 10, 128]
          found: [1, 4, 128]
          why: 10 timesteps are declared in the model's input, although its layers take any number
          note: a functional model of Keras raises "expected shape=(None, 10, 128), found shape=(1, 4, 128)"; a Sequential one of Keras 3 runs without a word
          fix in Recur: recur run questions/declared.h5 --input questions/x_4.npy --pad post --maxlen 10
          fix in Keras: x = keras.utils.pad_sequences(x, maxlen=10, padding="post", dtype="float32"); model(x, mask=np.arange(10)[np.newaxis] < 4)
          fix in Keras: model = keras.Sequential([keras.Input((None, 128)), *[layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]])  # the same weights, any number of timesteps
        """#),
  ]
}
