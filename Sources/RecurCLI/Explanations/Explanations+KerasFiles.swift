extension Explanation {
  /// Codes of Keras models that do not stand in a file as Keras' own formats have them.
  static let aboutKerasFiles: [Explanation] = [
    Explanation(
      "keras.layers.ambiguous",
      meaning:
        "several layers of a subclassed model have the arrays of one layer of the architecture",
      cause:
        "A model of a class of your own keeps its layers under the attributes that hold them. The layers of "
        + "the architecture are found by the shapes of their arrays, and these shapes are there twice.",
      fix:
        "Name the layer of the architecture like the group that is meant, with _ for /, and save to_json() "
        + "again: keras.layers.Dense(4, name='layers_dense_2')",
      example: #"""
        $ recur validate keras_field/ambiguous_twins.keras --architecture keras_field/ambiguous_twins.json
        error[keras.layers.ambiguous]: several layers of the file have the arrays of 'dense_12': 'layers/dense_2' (named 'dense_8'), 'layers/dense_4' (named 'dense_10')
          --> keras_field/ambiguous_twins.json:layers[4] (bytes 0..<7964)
          expected: one layer of (4, 4), (4)
          found: 2 layers
          why: the model's class is its user's own, and shapes don't tell its layers apart
          help: in the architecture, name the layer like the one that is meant, with _ for /
        """#),
    Explanation(
      "keras.layers.paired-by-shape",
      meaning:
        "the layers of a subclassed model were found by the shapes of their arrays and by names",
      cause:
        "A model of a class of your own keeps its layers under the attributes that hold them; no file says "
        + "which attribute is which layer of the architecture.",
      fix:
        "Read the pairs. To be sure, compare with recorded outputs: "
        + "recur validate model.keras --architecture model.json --golden golden.npz",
      example: #"""
        $ recur validate keras_field/subclassed_3.keras --architecture keras_field/subclassed_3.json
        note[keras.layers.paired-by-shape]: the model's class is its user's own; its layers were found by their shapes and names
          --> keras_field/subclassed_3.keras
          note: 'layers/lstm' → 'lstm_1'
          note: 'both' → 'bidirectional_1'
          note: 'layers/dense' → 'dense_3'
          note: 'layers/dense_1' → 'dense_4'
          note: 'layers/dense_2' → 'dense_5'
        """#),
    Explanation(
      "keras.model.subclassed",
      meaning: "the model is of a class of your own, whose code is in no file",
      cause:
        "call() of a subclassed model is Python code. Its weights are read by themselves; a class that is "
        + "made of a functional or Sequential model is read as its config says.",
      fix:
        "Build the same layers with the functional API, save that model's to_json(), and give it with the "
        + "weights: recur validate model.keras --architecture model.json",
      example: #"""
        $ recur validate keras_field/subclassed_3.keras
        warning[keras.model.subclassed]: the model is of class 'Tagger'; Sequential and Functional models are read
          --> keras_field/subclassed_3.keras:config.json (bytes 148..<429)
          expected: Sequential or Functional
          found: Tagger
          why: a subclassed model's call() is Python code, which is in no file
          help: build the same layers with the functional API, save that model's to_json(), and give it with --architecture
        """#),
    Explanation(
      "keras.pickle.beside",
      meaning: "arrays stand beside the Keras model in a pickle",
      cause:
        "A model was pickled together with other objects, such as a scaler or its training data.",
      fix:
        "Nothing, if only the model is meant. The arrays are written too by: recur convert --tensors "
        + "model.pkl tensors.npz",
      example: #"""
        $ recur inspect keras_field/pickled_joblib.joblib
        warning[keras.pickle.beside]: the arrays beside the model are kept as joblib writes them, and are left out
          --> keras_field/pickled_joblib.joblib
          help: save them by themselves: np.savez('arrays.npz', scaler=scaler)
        """#),
    Explanation(
      "keras.pickle.choice",
      meaning: "a pickle holds several Keras models, or none at the place that was named",
      cause: "Several models were pickled together, in a dictionary or a list.",
      fix:
        "Choose one of those that are listed: recur validate models.pkl --key encoder",
      example: #"""
        $ recur validate keras_field/pickled_two.pkl
        error[keras.pickle.choice]: the pickle holds 2 models
          --> keras_field/pickled_two.pkl (bytes 0..<47618)
          expected: one of 'encoder', 'heads.0'
          help: choose one with --key encoder
        """#),
    Explanation(
      "keras.pickle.saved-model",
      meaning: "a pickle holds a model as a SavedModel of TensorFlow, which is not read",
      cause:
        "Keras of TensorFlow 2.4 to 2.11 pickled the files of a SavedModel; later versions pickle a .keras "
        + "archive, which is read.",
      fix:
        "Load the pickle with the version that wrote it, and save the model: model.save('model.h5')",
      example: #"""
        $ recur validate keras_field/pickled_saved_model.pkl
        error[keras.pickle.saved-model]: the pickle holds a SavedModel of TensorFlow in a tar archive, which is not read
          --> keras_field/pickled_saved_model.pkl (bytes 0..<10337)
          expected: a .keras archive, as Keras from 2.12 on pickles
          found: a tar archive, as TensorFlow 2.4 to 2.11 wrote
          fix in Keras: model.save('model.h5')  # where the pickle can be loaded
        """#),
    Explanation(
      "model.start.left-out",
      meaning: "the model begins at a layer, and the layers before it are left out",
      cause: "The first layer was named by --start-at.",
      fix:
        "Nothing needs to be done. The model is called with what the layers before would have put out: tokens "
        + "in place of text.",
      example: #"""
        $ recur validate keras_field/text_hashed.keras --start-at embedding
        note[model.start.left-out]: the model begins at 'embedding': 2 layers before it, with 0 tensors, are left out
          --> keras_field/text_hashed.keras
          note: 'input_layer' (Input of text), 'hashing' (Hashing)
        """#),
    Explanation(
      "model.start.shape",
      meaning:
        "a model can't begin at a layer, because nothing says the shape of what the layer reads",
      cause:
        "The layer before is of an unknown class, and the layer takes inputs of several shapes.",
      fix:
        "Begin at a layer that says it, an Embedding or a recurrent layer: recur validate model.keras "
        + "--start-at embedding",
      example: #"""
        $ recur validate keras_field/picture_without_shapes.keras --start-at batch_normalization
        error[model.start.shape]: nothing says the shape of what 'batch_normalization' reads
          --> keras_field/picture_without_shapes.keras:config.json: layers[2] (bytes 148..<3936)
          help: begin at a layer that says it: an Embedding, or a recurrent layer
        """#),
  ]
}
