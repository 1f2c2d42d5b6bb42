extension Explanation {
  /// Codes of models: how their layers fit each other and the target.
  static let aboutModels: [Explanation] = [
    Explanation(
      "model.bias.merged",
      meaning: "two biases became one",
      cause:
        "PyTorch and CuDNN keep a bias for each product of a recurrent layer, Keras one for both. "
        + "Each sum was computed in binary64 and rounded once.",
      fix: "Nothing needs to be done: the sum is what the layer adds either way.",
      example: ""),
    Explanation(
      "model.bias.split",
      meaning: "one bias became two: the second is zeros",
      cause: "An LSTM of PyTorch adds bias_ih and bias_hh, and one of Keras has a single bias.",
      fix: "Nothing needs to be done, the sum is the same. To see both: recur inspect model.pt",
      example: ""),
    Explanation(
      "model.expressed-in-code",
      meaning: "the generated module computes what a state dict can't hold",
      cause:
        "The model has masks, other activations, a reversed LSTM or kept state, and --module "
        + "was given.",
      fix:
        "Load the weights into the generated class, not into a bare nn.LSTM: "
        + "from model import Model; model = Model(); "
        + "model.load_state_dict(torch.load('model.pt', weights_only=True))",
      example: ""),
    Explanation(
      "model.graph.invalid",
      meaning: "the layers are not connected in a way that can be run",
      cause:
        "A layer reads a tensor that no layer puts out, is given more inputs than it takes, or "
        + "is given one initial state in place of h and c. The config was edited, or uses "
        + "connections that recur can't follow.",
      fix:
        "List the layers with 'recur inspect model.h5', and save the model again: "
        + "model.save('model.h5')",
      example: ""),
    Explanation(
      "model.layer.opaque",
      meaning: "the model can't be run because one of its layers is of an unknown class",
      cause:
        "It was opened with a warning, keras.layer.opaque, and then run or compared with "
        + "recorded outputs.",
      fix:
        "Run the part before that layer: save it in Keras with "
        + "keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')",
      example: ""),
    Explanation(
      "model.left-to-code",
      meaning: "the model does something that ordinary code does and weights can't",
      cause:
        "A state dict is loaded into nn.LSTM and nn.Linear, which apply no output activation and "
        + "put out every timestep.",
      fix:
        "Apply it in forward(), or have the code written: "
        + "recur convert model.h5 model.pt --module model.py",
      example: ""),
    Explanation(
      "model.not-connected",
      meaning: "the model can't be run because how its layers follow each other is unknown",
      cause: "The file has weights only, and its layers were told by their shapes.",
      fix:
        "Give the model they belong to: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz",
      example: ""),
    Explanation(
      "model.precision.differs",
      meaning: "a layer computes in 16 bits in Keras and in float32 in PyTorch",
      cause:
        "The layer's 'dtype' is float16, bfloat16 or a mixed policy of Keras, so the outputs "
        + "differ by about its rounding.",
      fix:
        "If that matters, build the model in float32 in Keras and save it again: "
        + "keras.config.set_dtype_policy('float32')",
      example: ""),
    Explanation(
      "model.shape-mismatch",
      meaning: "a layer can't take the shape it is given",
      cause:
        "An --input-shape lacks the batch axis or has another number of features, or the file's "
        + "layers don't fit each other.",
      fix:
        "See the shapes that are declared, then give one with the batch first: "
        + "recur summary model.h5 --input-shape 1,10,3",
      example: ""),
    Explanation(
      "model.sizes.checked",
      meaning: "the first recurrent layer has the declared sizes",
      cause: "--units or --input-size was given, and the weights agree.",
      fix: "Nothing needs to be done. Other layers are listed by: recur summary model.h5",
      example: ""),
    Explanation(
      "model.unrepresentable",
      meaning: "the format can't hold what the model computes",
      cause:
        "A state dict alone has no masks, no other activations than tanh and sigmoid and no kept "
        + "state. Keras' formats lack some activations and explicit masks; see the message.",
      fix:
        "Write the code along with the weights: "
        + "recur convert model.h5 model.pt --module model.py",
      example: ""),
  ]
}
