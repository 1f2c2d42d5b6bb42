extension Explanation {
  /// Codes of what was assumed, left out or restated with a Keras model.
  static let aboutKerasNotes: [Explanation] = [
    Explanation(
      "keras.bfloat16.assumed",
      meaning: "arrays without a type of their own are read as bfloat16",
      cause:
        "HDF5 files of Keras hold bfloat16 as opaque elements of two bytes; the layer's 'dtype' "
        + "says what they are.",
      fix:
        "Nothing needs to be done. To be sure, compare with recorded outputs: "
        + "recur validate model.h5 --golden golden.npz",
      example: ""),
    Explanation(
      "keras.cudnn.assumed",
      meaning: "the weights of an LSTM or GRU are laid out as a CuDNN layer writes them",
      cause:
        "The model was trained as CuDNNLSTM or CuDNNGRU and its weights are used with an "
        + "architecture of LSTM or GRU; their bias has twice as many elements.",
      fix:
        "Nothing needs to be done. To be sure, compare with recorded outputs: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz",
      example: ""),
    Explanation(
      "keras.hard-sigmoid.rescaled",
      meaning: "weights were multiplied because hard_sigmoid is another function in the target",
      cause:
        "hard_sigmoid is clip(0.2x + 0.5) up to Keras 2 and clip(x/6 + 0.5) in Keras 3. The "
        + "weights of its gates were multiplied by 1.2 (or its inverse), each rounded once.",
      fix:
        "Nothing needs to be done. With every bit of the weights: "
        + "recur convert model.h5 model2.h5 --to keras2-h5",
      example: ""),
    Explanation(
      "keras.layer.inferred",
      meaning: "a file of weights has no architecture; its layers are told by their shapes",
      cause:
        "It was saved with save_weights(), and shapes can't tell activations, directions, masks "
        + "and the order of layers.",
      fix:
        "Give the model they belong to, .h5, .keras or what model.to_json() gives: "
        + "recur validate weights.h5 --architecture model.json",
      example: ""),
    Explanation(
      "keras.layer.renamed",
      meaning: "layers have other names in the file that was written",
      cause:
        "Keras allows no '/' in names, TensorFlow letters, digits and '_.>-' alone. Models inside "
        + "models are written as one flat model.",
      fix: "See the new names in the notes, and use them: model.get_layer('outer_lstm')",
      example: ""),
    Explanation(
      "keras.layers.paired-by-position",
      meaning: "weights and layers have different names and were paired in order",
      cause:
        "Keras numbers the names it makes up (lstm, lstm_1), so the same model can have other "
        + "names in the next session.",
      fix:
        "Check the pairs in the notes. Names of your own avoid it: "
        + "keras.layers.LSTM(32, name='encoder')",
      example: ""),
    Explanation(
      "keras.mask.ignored",
      meaning: "the mask of an LSTM called with an initial state has no effect",
      cause:
        "Keras 3 hands a mask on only when the sequence is the call's single tensor, so all "
        + "timesteps count here, and in recur too.",
      fix:
        "If the padding must be skipped, pass the mask in the call in Keras: "
        + "lstm(x, initial_state=[h, c], mask=mask)",
      example: ""),
    Explanation(
      "keras.mask.restated",
      meaning: "a mask is given explicitly, or kept from a layer, where Keras would do otherwise",
      cause:
        "The generations of Keras hand on masks by different rules. An explicit mask is computed "
        + "by NotEqual and Any; a Permute that changes nothing loses one that is not meant.",
      fix: "Nothing needs to be done: the model that was written computes the same.",
      example: ""),
    Explanation(
      "keras.optimizer.ignored",
      meaning: "the optimizer's state was not read",
      cause:
        "The model was saved with its optimizer after training, and running it does not need "
        + "that.",
      fix:
        "Nothing needs to be done. To make the file smaller: "
        + "model.save('model.h5', include_optimizer=False)",
      example: ""),
    Explanation(
      "keras.rate.unknown",
      meaning: "a dropout or noise layer is written with rate 0",
      cause:
        "A model says what layers do at inference, and these do nothing: their rate is not kept.",
      fix: "Before training goes on, set it: model.get_layer('dropout').rate = 0.5",
      example: ""),
  ]
}
