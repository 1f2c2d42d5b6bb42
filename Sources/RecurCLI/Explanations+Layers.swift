extension Explanation {
  /// Codes about layers that are not known, and about weights without an architecture.
  static let aboutLayers: [Explanation] = [
    Explanation(
      "keras.cudnn.assumed",
      meaning: "the weights of an LSTM or GRU are laid out as a CuDNN layer writes them",
      cause:
        "The model was trained as CuDNNLSTM or CuDNNGRU and its weights are used with an "
        + "architecture of LSTM or GRU; their bias has twice as many elements.",
      fix:
        "Nothing needs to be done. To be sure, compare with recorded outputs: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz"),
    Explanation(
      "keras.layer.inferred",
      meaning: "a file of weights has no architecture; its layers are told by their shapes",
      cause:
        "It was saved with save_weights(), and shapes can't tell activations, directions, masks "
        + "and the order of layers.",
      fix:
        "Give the model they belong to, .h5, .keras or what model.to_json() gives: "
        + "recur validate weights.h5 --architecture model.json"),
    Explanation(
      "keras.layer.opaque",
      meaning: "a layer is of a class that is unknown; its tensors are carried and never run",
      cause:
        "It is a class of your own, a Lambda, an operation, or a layer that recur does not read. What "
        + "it computes is Python code, which is in no file.",
      fix:
        "Convert the rest with 'recur convert model.h5 model.safetensors', or save a part that "
        + "is read: keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')"),
    Explanation(
      "model.layer.opaque",
      meaning: "the model can't be run because one of its layers is of an unknown class",
      cause:
        "It was opened with a warning, keras.layer.opaque, and then run or compared with "
        + "recorded outputs.",
      fix:
        "Run the part before that layer: save it in Keras with "
        + "keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')"),
    Explanation(
      "model.not-connected",
      meaning: "the model can't be run because how its layers follow each other is unknown",
      cause: "The file has weights only, and its layers were told by their shapes.",
      fix:
        "Give the model they belong to: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz"),
    Explanation(
      "pytorch.inputs.undeclared",
      meaning: "a model whose initial states may be left out was to be written with fixed inputs",
      cause:
        "torch.nn.LSTM, GRU and RNN are called with or without (h_0, c_0). A Keras model has one "
        + "list of inputs, so somebody has to say which.",
      fix:
        "Say it with --inputs: recur convert model.pt model.keras --inputs x for states of zeros, "
        + "or --inputs x,h_0,c_0 to give them in every call."),
  ]
}
