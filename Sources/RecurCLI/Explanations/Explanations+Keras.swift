extension Explanation {
  /// Codes of Keras models that can't be read as they are.
  static let aboutKeras: [Explanation] = [
    Explanation(
      "keras.architecture.needed",
      meaning: "the file holds weights only, so the layers' options are unknown",
      cause: "The file was written with save_weights, or the file given with --architecture was.",
      fix:
        "Give the full model the weights belong to: "
        + "recur validate weights.h5 --architecture model.h5",
      example: #"""
        $ recur validate keras3/lstm_last.weights.h5 --architecture keras3/lstm_last.weights.h5
        error[keras.architecture.needed]: the file given as architecture holds weights only
          --> keras3/lstm_last.weights.h5
          help: give a full model, .h5 or .keras, or the JSON that model.to_json() gives
        """#),
    Explanation(
      "keras.config.invalid",
      meaning: "the model's config lacks something, or contradicts itself",
      cause:
        "A Sequential model was saved before its input shape was known, a layer lacks its name, "
        + "class or size, two layers have one name, or the config was edited.",
      fix:
        "Begin the model with its input, as in keras.Input((None, 3)), and save it again: "
        + "model.save('model.h5')",
      example: #"""
        $ recur validate broken/units_missing.h5
        error[keras.config.invalid]: GRU 'gru' has no "units"
          --> broken/units_missing.h5:/@model_config: layers[1].config.units (bytes 4136..<5867)
        """#),
    Explanation(
      "keras.layer.opaque",
      meaning: "a layer is of a class that is unknown; its tensors are carried and never run",
      cause:
        "It is a class of your own, a Lambda, an operation, or a layer that recur does not read. What "
        + "it computes is Python code, which is in no file.",
      fix:
        "Convert the rest with 'recur convert model.h5 model.safetensors', or save a part that "
        + "is read: keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')",
      example: #"""
        $ recur validate keras3/opaque_layer.h5
        warning[keras.layer.opaque]: layer 'average' is of class 'mine>WeightedAverage', which is unknown: its tensors are carried, and the model can't be run
          --> keras3/opaque_layer.h5:/@model_config: layers[2] (bytes 2136..<5172)
        """#),
    Explanation(
      "keras.layer.unsupported",
      meaning: "the model, or a layer of it, is of a class that isn't read",
      cause:
        "A wrapper such as Bidirectional or TimeDistributed holds a layer that is not read there, or a "
        + "model inside the model holds a class of your own.",
      fix:
        "List the layers with 'recur inspect model.h5', and save a part that is read: "
        + "keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')",
      example: #"""
        $ recur validate broken/nested_class_unknown.h5
        error[keras.layer.unsupported]: layer 'inner_fn/inner_bn' is of class 'MyLayer', which is unknown: which of the arrays of 'inner_fn' are its own can't be told
          --> broken/nested_class_unknown.h5:/@model_config: layers[3]: layers[1] (bytes 39944..<47302)
        """#),
    Explanation(
      "keras.option.unsupported",
      meaning: "a layer's option, or the value of one, is not known or not honoured",
      cause:
        "The option is newer than recur or changes the numbers, such as time_major=True, the "
        + "activation is unknown, or dropout is called with training=True.",
      fix:
        "Build the model without the option, and carry the weights over: "
        + "new.set_weights(old.get_weights()); new.save('model.h5')",
      example: #"""
        $ recur validate broken/time_major.h5
        error[keras.option.unsupported]: LSTM 'lstm' has "time_major": true; only false is supported
          --> broken/time_major.h5:/@model_config: layers[1].config.time_major (bytes 3944..<5512)
        """#),
    Explanation(
      "keras.version.unsupported",
      meaning: "the file was written by an unknown version of Keras, or does not say by which",
      cause:
        "A version after Keras 3 wrote the file, or a tool left out 'keras_version', which "
        + "decides what 'hard_sigmoid' means.",
      fix:
        "If the attribute is missing, write the version that made the file: with "
        + "h5py.File('model.h5', 'r+') as f: f.attrs['keras_version'] = '2.15.0'. Else save the "
        + "model in Keras 3.",
      example: #"""
        $ recur validate broken/no_version_anywhere.h5
        error[keras.version.unsupported]: the file has no keras_version, which decides what 'hard_sigmoid' means
          --> broken/no_version_anywhere.h5:/@keras_version
          why: another tool wrote the file, or copied it without its attributes
          help: write the version that made it, with h5py: f.attrs['keras_version'] = '2.15.0'
        """#),
    Explanation(
      "keras.weights.missing",
      meaning: "a group, dataset or list of weights that the file names is not there",
      cause:
        "The file was edited, its saving was stopped, or another tool wrote it without "
        + "'layer_names' and 'weight_names'.",
      fix: "Save the full model again: model.save('model.h5')",
      example: #"""
        $ recur validate broken/layer_group_missing.h5
        error[keras.weights.missing]: 'layer_names' lists 'lstm', and there is no group '/model_weights/lstm'
          --> broken/layer_group_missing.h5:/model_weights@layer_names
          why: the file was edited, or its saving was stopped
          fix in Keras: model.save('model.h5')
        """#),
  ]
}
