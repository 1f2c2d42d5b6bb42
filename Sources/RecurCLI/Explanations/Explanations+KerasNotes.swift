extension Explanation {
  /// Codes of things that were assumed, left out or restated in a Keras model.
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
      example: #"""
        $ recur validate keras3/bfloat16_lstm.h5
        note[keras.bfloat16.assumed]: the arrays of 'lstm' are opaque; its dtype says they are bfloat16
          --> keras3/bfloat16_lstm.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 10324..<10420)
        """#),
    Explanation(
      "keras.cudnn.assumed",
      meaning: "the weights of an LSTM or GRU are laid out as a CuDNN layer writes them",
      cause:
        "The model was trained as CuDNNLSTM or CuDNNGRU and its weights are used with an "
        + "architecture of LSTM or GRU; their bias has twice as many elements.",
      fix:
        "Nothing needs to be done. To be sure, compare with recorded outputs: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz",
      example: #"""
        $ recur convert cudnn/cudnnlstm.h5 plain.h5 --to keras2-h5
        $ recur validate cudnn/cudnnlstm_weights.h5 --architecture plain.h5
        note[keras.cudnn.assumed]: the bias of 'cu_dnnlstm' has 8·4 elements: its arrays were written by a CuDNN layer and are read as such
          --> cudnn/cudnnlstm_weights.h5:/cu_dnnlstm/cu_dnnlstm/bias:0 (bytes 8640..<8768)
          expected: a bias of 4·4 for LSTM of any Keras without CuDNN
          found: 8·4
          why: CuDNNLSTM and CuDNNGRU keep two biases and each gate's kernel transposed; Keras 3 refuses such arrays
          fix in Recur: recur convert WEIGHTS.h5 model.keras --architecture MODEL.json
        """#),
    Explanation(
      "keras.hard-sigmoid.rescaled",
      meaning: "weights were multiplied because hard_sigmoid is another function in the target",
      cause:
        "hard_sigmoid is clip(0.2x + 0.5) up to Keras 2 and clip(x/6 + 0.5) in Keras 3. The "
        + "weights of its gates were multiplied by 1.2 (or its inverse), each rounded once.",
      fix:
        "Nothing needs to be done. With every bit of the weights: "
        + "recur convert model.h5 model2.h5 --to keras2-h5",
      example: #"""
        $ recur convert keras_2_2_4/embedding_lstm.h5 model.keras
        warning[keras.hard-sigmoid.rescaled]: hard_sigmoid of 'lstm_1' is another function in Keras 3: the weights of gates i, f and o were multiplied by 1.2, each rounded once
          --> keras_2_2_4/embedding_lstm.h5:/@model_config: layers[1] (bytes 2136..<3953)
          help: exact, with every bit of the weights: --to keras2-h5, or a PyTorch module
        """#),
    Explanation(
      "keras.layer.inferred",
      meaning: "a file of weights has no architecture; its layers are told by their shapes",
      cause:
        "It was saved with save_weights(), and shapes can't tell activations, directions, masks "
        + "and the order of layers.",
      fix:
        "Give the model they belong to, .h5, .keras or what model.to_json() gives: "
        + "recur validate weights.h5 --architecture model.json",
      example: #"""
        $ recur validate keras3/lstm_last.weights.h5
        note[keras.layer.inferred]: the file has weights and no architecture; its layers are told by the shapes of their arrays
          --> keras3/lstm_last.weights.h5
          note: 'lstm': LSTM, 4 units, input size 3
          help: shapes can't tell activations, directions, masks and the order of layers; give the model these weights belong to with --architecture
        """#),
    Explanation(
      "keras.layer.renamed",
      meaning: "layers have other names in the file that was written",
      cause:
        "Keras allows no '/' in names, TensorFlow letters, digits and '_.>-' alone. Models inside "
        + "models are written as one flat model.",
      fix: "See the new names in the notes, and use them: model.get_layer('outer_lstm')",
      example: #"""
        $ recur convert keras3/nested_models.h5 flat.keras
        note[keras.layer.renamed]: 4 layers have other names in the file: Keras has no '/' in names, needs some for masks, and models inside models are written as one flat model
          --> keras3/nested_models.h5
          note: 'inner_seq/inner_dense' → 'inner_seq_inner_dense'
          note: 'inner_seq/inner_lstm' → 'inner_seq_inner_lstm'
          note: 'inner_fn/inner_bn' → 'inner_fn_inner_bn'
          note: 'inner_fn/inner_gru' → 'inner_fn_inner_gru'
        """#),
    Explanation(
      "keras.layers.paired-by-position",
      meaning: "weights and layers have different names and were paired in order",
      cause:
        "Keras numbers the names it makes up (lstm, lstm_1), so the same model can have other "
        + "names in the next session.",
      fix:
        "Check the pairs in the notes. Names of your own avoid it: "
        + "keras.layers.LSTM(32, name='encoder')",
      example: #"""
        $ recur validate unusual/other_names.h5
        note[keras.layers.paired-by-position]: the layers' names differ from the architecture's; they were paired by position
          --> unusual/other_names.h5
          note: 'lstm' → 'other_lstm'
          note: 'lstm_1' → 'other_lstm_1'
          note: 'dense' → 'other_dense'
        """#),
    Explanation(
      "keras.mask.ignored",
      meaning: "the mask of an LSTM called with an initial state has no effect",
      cause:
        "Keras 3 hands a mask on only when the sequence is the call's single tensor, so all "
        + "timesteps count here, and in recur too.",
      fix:
        "If the padding must be skipped, pass the mask in the call in Keras: "
        + "lstm(x, initial_state=[h, c], mask=mask)",
      example: #"""
        $ recur validate keras3/initial_states.h5
        warning[keras.mask.ignored]: Keras 3 ignores the mask of 'gru_3' because it is called with an initial state; so does this model
          --> keras3/initial_states.h5:/@model_config: layers[8] (bytes 2136..<10622)
          help: in Keras, pass mask= explicitly
        """#),
    Explanation(
      "keras.mask.restated",
      meaning: "a mask is given explicitly, or kept from a layer, where Keras would do otherwise",
      cause:
        "The generations of Keras hand on masks by different rules. An explicit mask is computed "
        + "by NotEqual and Any; a Permute that changes nothing loses one that is not meant.",
      fix: "Nothing needs to be done: the model that was written computes the same.",
      example: #"""
        $ recur convert keras3/explicit_mask_input.h5 model.keras
        note[keras.mask.restated]: 'lstm' is given its mask explicitly, because Keras 3 would not hand on this one
          --> keras3/explicit_mask_input.h5:/@model_config: layers[2] (bytes 2136..<4210)
        """#),
    Explanation(
      "keras.optimizer.ignored",
      meaning: "the optimizer's state was not read",
      cause:
        "The model was saved with its optimizer after training, and running it does not need "
        + "that.",
      fix:
        "Nothing needs to be done. To make the file smaller: "
        + "model.save('model.h5', include_optimizer=False)",
      example: #"""
        $ recur validate keras3/compiled_adam.h5
        note[keras.optimizer.ignored]: the state of optimizer, metrics and random generators (12 tensors) is not needed to run the model and was not loaded
          --> keras3/compiled_adam.h5:/optimizer_weights/adam/iteration
        """#),
    Explanation(
      "keras.rate.unknown",
      meaning: "a dropout or noise layer is written with rate 0",
      cause:
        "A model says what layers do at inference, and these do nothing: their rate is not kept.",
      fix: "Before training goes on, set it: model.get_layer('dropout').rate = 0.5",
      example: #"""
        $ recur convert keras3/dropout_lstm.h5 model.keras
        note[keras.rate.unknown]: Dropout 'dropout' is written with rate 0: the model says what layers do at inference, and this one does nothing
          --> keras3/dropout_lstm.h5:/@model_config: layers[2] (bytes 2136..<4596)
          help: set it before training goes on
        """#),
  ]
}
