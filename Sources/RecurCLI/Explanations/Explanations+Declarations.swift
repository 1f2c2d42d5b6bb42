extension Explanation {
  /// Codes of PyTorch modules: what their tensors tell, and what is declared.
  static let aboutDeclarations: [Explanation] = [
    Explanation(
      "pytorch.architecture.assumed",
      meaning: "the architecture was inferred from names and shapes, and some of it assumed",
      cause:
        "A state dict does not say batch_first, nonlinearity, eps, activations, or which timestep is "
        + "handed on.",
      fix:
        "Write down what was inferred, edit it and give it back: "
        + "recur inspect model.pt --emit-architecture > architecture.json; "
        + "recur validate model.pt --architecture architecture.json",
      example: ""),
    Explanation(
      "pytorch.architecture.needed",
      meaning: "a file given for its architecture has none, or no tensor is of a known module",
      cause:
        "A state dict says nothing about activations, masks and the order of layers; neither does "
        + "another one given with --architecture.",
      fix:
        "Give a declaration, which recur inspect model.pt --emit-architecture begins, or the model "
        + "it was converted from: recur validate model.pt --architecture model.h5",
      example: ""),
    Explanation(
      "pytorch.bias.missing",
      meaning: "one of the two biases of a recurrent module is missing",
      cause:
        "torch adds bias_ih and bias_hh; a converter wrote their sum, or a single bias of Keras, as "
        + "one of them.",
      fix:
        "Add zeros for the other: sd['lstm.bias_hh_l0'] = torch.zeros_like(sd['lstm.bias_ih_l0']). "
        + "For a GRU only if its n gate had no recurrent bias.",
      example: ""),
    Explanation(
      "pytorch.declaration.invalid",
      meaning: "a declaration of PyTorch modules can't be used",
      cause:
        "It lacks 'layers', a module lacks its 'type' or 'key', or 'inputs' and 'outputs' name what "
        + "no module takes or returns.",
      fix: "Begin with what the file tells: recur inspect model.pt --emit-architecture",
      example: ""),
    Explanation(
      "pytorch.inputs.undeclared",
      meaning: "a model whose initial states may be left out was to be written with fixed inputs",
      cause:
        "torch.nn.LSTM, GRU and RNN are called with or without (h_0, c_0). A Keras model has one "
        + "list of inputs, so somebody has to say which.",
      fix:
        "Say it with --inputs: recur convert model.pt model.keras --inputs x for states of zeros, "
        + "or --inputs x,h_0,c_0 to give them in every call.",
      example: ""),
    Explanation(
      "pytorch.layer.unsupported",
      meaning: "a declared module is of a class that is not known",
      cause: "It is misspelled, a class of your own, or one that recur does not compute.",
      fix:
        "Declare what it is made of, or leave it out with what follows it: the rest is still checked",
      example: ""),
    Explanation(
      "pytorch.modules.inferred",
      meaning: "the modules of a state dict are told by names and shapes; their order is not known",
      cause:
        "The modules do not follow each other without a gap, or some tensors belong to no module that "
        + "is known.",
      fix:
        "Declare the part to run: recur inspect model.pt --emit-architecture > architecture.json, "
        + "edit it, and give it with --architecture",
      example: ""),
    Explanation(
      "pytorch.option.disagrees",
      meaning: "a declared size or switch is not what the tensors have",
      cause:
        "The declaration belongs to another model, or an option that is not torch's default was left "
        + "out: num_layers, bidirectional, bias, proj_size.",
      fix: "Declare what the message says the tensors have, or take the other file",
      example: ""),
    Explanation(
      "pytorch.option.unsupported",
      meaning: "an option of a declared module is unknown, or has a value that is not supported",
      cause:
        "It is misspelled, of another class, or changes what is computed in a way recur does not.",
      fix: "Use the words of the constructor in torch.nn; the message lists those that are known",
      example: ""),
  ]
}
