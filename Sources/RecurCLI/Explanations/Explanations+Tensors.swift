extension Explanation {
  /// Codes of tensors that do not fit the model, or hold unusable numbers.
  static let aboutTensors: [Explanation] = [
    Explanation(
      "tensor.bytes-mismatch",
      meaning: "a tensor's shape needs another number of bytes than are stored",
      cause: "The file is cut off or damaged, or a tool wrote a wrong shape, offset or stride.",
      fix:
        "Fetch the file again, or save it again with its framework: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: #"""
        $ recur inspect hostile/huge_shape.pt
        error[tensor.bytes-mismatch]: shape [1099511627776, 1099511627776] with strides [2, 1] at offset 0 is impossible
          --> hostile/huge_shape.pt:w (bytes 315..<331)
        """#),
    Explanation(
      "tensor.dtype-unsupported",
      meaning: "the weights are of a type that isn't read",
      cause:
        "The weights are quantised to integers, or the state dict holds complex or quantised "
        + "tensors.",
      fix:
        "Save them as float32, before quantisation: "
        + "torch.save({k: v.float() for k, v in model.state_dict().items()}, 'model.pt')",
      example: #"""
        $ recur validate broken/weight_is_integer.h5
        error[tensor.dtype-unsupported]: kernel of 'lstm' holds int32, not floating-point numbers
          --> broken/weight_is_integer.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 16800..<16992)
          expected: floating-point numbers
          found: int32
          why: the weights were quantized, or another tool wrote them
        """#),
    Explanation(
      "tensor.duplicate",
      meaning: "a tensor appears twice",
      cause:
        "A name is in the state dict twice, or 'weight_names' lists one dataset twice, because "
        + "the file was edited or written by a faulty tool.",
      fix: "Save the model again: model.save('model.h5')",
      example: #"""
        $ recur validate refused/listed_twice.h5
        error[tensor.duplicate]: the dataset is listed twice
          --> refused/listed_twice.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel
          why: 'weight_names' was edited, or written by another tool
          fix in Keras: model.save('model.h5')
        """#),
    Explanation(
      "tensor.missing",
      meaning: "weights that a layer needs are not in the file",
      cause:
        "Weights and architecture belong to different models, or their names differ. With "
        + "--units or --input-size: the model has no recurrent layer.",
      fix:
        "Compare the names in both files with 'recur inspect', and rename: "
        + "torch.save({k.replace('rnn.', 'lstm.'): v for k, v in torch.load('in.pt').items()}, "
        + "'out.pt')",
      example: #"""
        $ recur validate broken/bias_missing.h5
        error[tensor.missing]: layer 'lstm' of class 'LSTM' has 2 arrays in the file and needs 3
          --> broken/bias_missing.h5:/@model_config: layers[1] (bytes 2136..<3684)
          expected: kernel, recurrent_kernel, bias
          found: (3, 16), (4, 16)
          help: the config and the weights belong to different models, or to different options (use_bias)
        """#),
    Explanation(
      "tensor.not-exported",
      meaning: "an array is left out of a copy of a file's tensors",
      cause:
        "It holds strings, records or numbers of less than a byte, which no format of tensors has.",
      fix: "See what else the file holds: recur inspect FILE",
      example: #"""
        $ recur convert --tensors readings/strings.h5 tensors.npz
        warning[tensor.not-exported]: 'vocabulary' holds string[3], no numbers, and is left out
          --> readings/strings.h5 (bytes 1776..<1792)
        """#),
    Explanation(
      "tensor.not-finite",
      meaning: "weights hold NaN or infinities",
      cause: "Training diverged, or the file was damaged.",
      fix:
        "Go back to an earlier checkpoint, and stop training when it happens: "
        + "keras.callbacks.TerminateOnNaN()",
      example: #"""
        $ recur validate broken/weight_is_nan.h5
        error[tensor.not-finite]: the kernel of the forget gate of 'lstm' holds 1 numbers that are not finite
          --> broken/weight_is_nan.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 16800..<16992)
          expected: finite numbers
          found: nan at element 3 of this view
          help: training diverged, or the file was damaged
        """#),
    Explanation(
      "tensor.shape-mismatch",
      meaning: "a tensor does not have the shape that its layer declares",
      cause:
        "Weights and architecture belong to different models, a matrix is transposed, or "
        + "--units or --input-size say otherwise.",
      fix:
        "See the shapes with 'recur inspect', and take both from one model: "
        + "recur validate weights.h5 --architecture model.h5",
      example: #"""
        $ recur validate broken/kernel_transposed.h5
        error[tensor.shape-mismatch]: kernel of 'lstm': (16, 3) fits no LSTM kernel; transposed it would be that of 4 units and input size 3
          --> broken/kernel_transposed.h5:/model_weights/lstm/sequential/lstm/lstm_cell/kernel (bytes 16800..<16992)
          expected: (3, 16)
          found: (16, 3)
          why: the kernel is transposed: PyTorch keeps (4·units, input size), Keras (input size, 4·units)
          fix in Keras: model.get_layer("lstm").set_weights([kernel.T, recurrent_kernel, bias])
        """#),
    Explanation(
      "tensor.unused",
      meaning: "no layer uses a tensor of the file",
      cause:
        "The architecture is smaller than the model the weights come from, lacks a bias "
        + "(use_bias), or something was added to the file. As an error: a layer has more arrays "
        + "than it takes.",
      fix:
        "Give the architecture the weights were saved from: "
        + "recur validate model.pt --architecture model.h5",
      example: #"""
        $ recur validate broken/extra_dataset.h5
        warning[tensor.unused]: no layer uses the dataset
          --> broken/extra_dataset.h5:/model_weights/lstm/forgotten (bytes 14752..<14768)
        """#),
    Explanation(
      "tensor.widened",
      meaning: "tensors are written in a wider type that holds all of their numbers",
      cause:
        "The format has no type for them: NumPy has neither bfloat16 nor floating-point numbers of "
        + "8 bits, and float32 holds them exactly.",
      fix:
        "Nothing needs to be done. To keep the type, write another format: "
        + "recur convert model.pt model.safetensors",
      example: #"""
        $ recur convert numbers/element_types.pt model.npz
        note[tensor.widened]: 1 tensors ('float8_e4m3fn') are written as float32, exactly: NumPy has no float8_e4m3fn
          --> numbers/element_types.pt
        """#),
  ]
}
