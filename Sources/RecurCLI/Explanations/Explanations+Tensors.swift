extension Explanation {
  /// Codes of tensors that do not fit the model, or hold what can't be used.
  static let aboutTensors: [Explanation] = [
    Explanation(
      "tensor.bytes-mismatch",
      meaning: "a tensor's shape needs another number of bytes than are stored",
      cause: "The file is cut off or damaged, or a tool wrote a wrong shape, offset or stride.",
      fix:
        "Fetch the file again, or save it again with its framework: "
        + "torch.save(model.state_dict(), 'model.pt')",
      example: ""),
    Explanation(
      "tensor.dtype-unsupported",
      meaning: "the weights are of a type that isn't read",
      cause:
        "The weights are quantised to integers, or the state dict holds complex or quantised "
        + "tensors.",
      fix:
        "Save them as float32, before quantisation: "
        + "torch.save({k: v.float() for k, v in model.state_dict().items()}, 'model.pt')",
      example: ""),
    Explanation(
      "tensor.duplicate",
      meaning: "a tensor appears twice",
      cause:
        "A name is in the state dict twice, or 'weight_names' lists one dataset twice, because "
        + "the file was edited or written by a faulty tool.",
      fix: "Save the model again: model.save('model.h5')",
      example: ""),
    Explanation(
      "tensor.missing",
      meaning: "weights that a layer needs are not in the file",
      cause:
        "Weights and architecture belong to different models, or the names differ, such as by "
        + "the prefix 'module.' of DataParallel. With --units or --input-size: the model has no "
        + "recurrent layer.",
      fix:
        "Compare the names in both files with 'recur inspect', and rename: "
        + "torch.save({k.removeprefix('module.'): v for k, v in torch.load('in.pt').items()}, "
        + "'out.pt')",
      example: ""),
    Explanation(
      "tensor.not-finite",
      meaning: "weights hold NaN or infinities",
      cause: "Training diverged, or the file was damaged.",
      fix:
        "Go back to an earlier checkpoint, and stop training when it happens: "
        + "keras.callbacks.TerminateOnNaN()",
      example: ""),
    Explanation(
      "tensor.shape-mismatch",
      meaning: "a tensor does not have the shape that its layer declares",
      cause:
        "Weights and architecture belong to different models, a matrix is transposed, or "
        + "--units or --input-size say otherwise.",
      fix:
        "See the shapes with 'recur inspect', and take both from one model: "
        + "recur validate weights.h5 --architecture model.h5",
      example: ""),
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
      example: ""),
    Explanation(
      "tensor.widened",
      meaning: "tensors are written in a wider type that holds all of their numbers",
      cause:
        "The format has no type for them: NumPy has neither bfloat16 nor floating-point numbers of "
        + "8 bits, and float32 holds them exactly.",
      fix:
        "Nothing needs to be done. To keep the type, write another format: "
        + "recur convert model.pt model.safetensors",
      example: ""),
  ]
}
