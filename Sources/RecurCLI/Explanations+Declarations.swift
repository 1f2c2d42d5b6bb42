extension Explanation {
  /// Codes about declarations of PyTorch modules and about what a model is called with.
  static let aboutDeclarations: [Explanation] = [
    Explanation(
      "file.option-unused",
      meaning: "an option was given that says nothing about such a file",
      cause:
        "--key chooses a state dict among several and --fold-weight-norm multiplies out its weights; "
        + "a Keras model has neither.",
      fix: "Leave the option out, or check that the file is the one you mean: recur inspect FILE"),
    Explanation(
      "input.length",
      meaning: "a length of a packed sequence is no whole number from 1 to the timesteps",
      cause:
        "torch.nn.utils.rnn.pack_padded_sequence refuses such lengths too: every sequence has at "
        + "least one timestep, and none is longer than what it is padded to.",
      fix: "Give one length per sequence: lengths = np.array([4, 6])"),
    Explanation(
      "input.names",
      meaning: "--inputs names other arguments than the model takes",
      cause:
        "--inputs chooses what models of PyTorch modules are called with; others say it themselves.",
      fix: "Leave it out, or name what there is: --inputs x, --inputs x,h_0,c_0, --inputs x,lengths"
    ),
    Explanation(
      "pytorch.architecture.assumed",
      meaning: "the architecture was inferred from names and shapes, and some of it assumed",
      cause:
        "A state dict does not say batch_first, nonlinearity, eps, activations, or which timestep is "
        + "handed on.",
      fix:
        "Write down what was inferred, edit it and give it back: "
        + "recur inspect model.pt --emit-architecture > architecture.json; "
        + "recur validate model.pt --architecture architecture.json"),
    Explanation(
      "pytorch.bias.missing",
      meaning: "one of the two biases of a recurrent module is missing",
      cause:
        "torch adds bias_ih and bias_hh; a converter wrote their sum, or a single bias of Keras, as "
        + "one of them.",
      fix:
        "Add zeros for the other: sd['lstm.bias_hh_l0'] = torch.zeros_like(sd['lstm.bias_ih_l0']). "
        + "For a GRU only if its n gate had no recurrent bias."),
    Explanation(
      "pytorch.declaration.invalid",
      meaning: "a declaration of PyTorch modules can't be used",
      cause:
        "It lacks 'layers', a module lacks its 'type' or 'key', or 'inputs' and 'outputs' name what "
        + "no module takes or returns.",
      fix: "Begin with what the file tells: recur inspect model.pt --emit-architecture"),
    Explanation(
      "pytorch.layer.unsupported",
      meaning: "a declared module is of a class that is not known",
      cause: "It is misspelled, a class of your own, or one that recur does not compute.",
      fix:
        "Declare what it is made of, or leave it out with what follows it: the rest is still checked"
    ),
    Explanation(
      "pytorch.modules.inferred",
      meaning: "the modules of a state dict are told by names and shapes; their order is not known",
      cause:
        "The modules do not follow each other without a gap, or some tensors belong to no module that "
        + "is known.",
      fix:
        "Declare the part to run: recur inspect model.pt --emit-architecture > architecture.json, "
        + "edit it, and give it with --architecture"),
    Explanation(
      "pytorch.option.disagrees",
      meaning: "a declared size or switch is not what the tensors have",
      cause:
        "The declaration belongs to another model, or an option that is not torch's default was left "
        + "out: num_layers, bidirectional, bias, proj_size.",
      fix: "Declare what the message says the tensors have, or take the other file"),
    Explanation(
      "pytorch.option.unsupported",
      meaning: "an option of a declared module is unknown, or has a value that is not supported",
      cause:
        "It is misspelled, of another class, or changes what is computed in a way recur does not.",
      fix: "Use the words of the constructor in torch.nn; the message lists those that are known"),
  ]
}
