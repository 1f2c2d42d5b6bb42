extension Explanation {
  /// Codes of PyTorch modules: inferred from tensors, or declared.
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
      example: #"""
        $ recur validate readings/last_timestep.safetensors
        warning[pytorch.architecture.assumed]: a state dict has no architecture; it was inferred from names and shapes, and some of it assumed
          --> readings/last_timestep.safetensors
          note: assumed: 'rnn' has batch_first=True
          note: assumed: nothing is applied after 'fc', no activation or dropout
          note: assumed: 'rnn' hands on every timestep (select "output")
          help: check it: recur inspect --emit-architecture writes what was inferred, to edit and to give back with --architecture
        """#),
    Explanation(
      "pytorch.architecture.needed",
      meaning: "a file given for its architecture has none, or no tensor is of a known module",
      cause:
        "A state dict says nothing about activations, masks and the order of layers; neither does "
        + "another one given with --architecture.",
      fix:
        "Give a declaration, which recur inspect model.pt --emit-architecture begins, or the model "
        + "it was converted from: recur validate model.pt --architecture model.h5",
      example: #"""
        $ recur validate torch_modules/lstm_time_first.pt --architecture torch_modules/lstm_float64.pt
        error[pytorch.architecture.needed]: 'torch_modules/lstm_float64.pt' holds no architecture
          --> torch_modules/lstm_float64.pt
          help: give a declaration of torch modules ('recur inspect --emit-architecture' writes one to edit), or a model
        """#),
    Explanation(
      "pytorch.bias.missing",
      meaning: "one of the two biases of a recurrent module is missing",
      cause:
        "torch adds bias_ih and bias_hh; a converter wrote their sum, or a single bias of Keras, as "
        + "one of them.",
      fix:
        "Add zeros for the other: sd['lstm.bias_hh_l0'] = torch.zeros_like(sd['lstm.bias_ih_l0']). "
        + "For a GRU only if its n gate had no recurrent bias.",
      example: #"""
        $ recur validate refused/one_bias.safetensors
        error[pytorch.bias.missing]: 'lstm.bias_ih_l0' is there and 'lstm.bias_hh_l0' is not: torch adds two biases
          --> refused/one_bias.safetensors:lstm.bias_ih_l0 (bytes 232..<296)
          expected: 'lstm.bias_ih_l0' and 'lstm.bias_hh_l0'
          found: 'lstm.bias_ih_l0' alone
          why: both biases were added, or the weights come from a framework with one bias
          fix in PyTorch: sd["lstm.bias_hh_l0"] = torch.zeros_like(sd["lstm.bias_ih_l0"])
        """#),
    Explanation(
      "pytorch.declaration.invalid",
      meaning: "a declaration of PyTorch modules can't be used",
      cause:
        "It lacks 'layers', a module lacks its 'type' or 'key', or 'inputs' and 'outputs' name what "
        + "no module takes or returns.",
      fix: "Begin with what the file tells: recur inspect model.pt --emit-architecture",
      example: #"""
        $ printf '%s' '{"layers": [{"type": "nn.LSTM"}]}' > declared.json
        $ recur validate torch_modules/lstm_time_first.pt --architecture declared.json
        error[pytorch.declaration.invalid]: nn.LSTM has no 'key', the prefix of its tensors
          --> declared.json:layers[0]
          help: write "key": "lstm" for lstm.weight_ih_l0, or "" for a module saved by itself
        """#),
    Explanation(
      "pytorch.function.unsupported",
      meaning: "a function of torch is not known, or a call of it can't be computed here",
      cause:
        "An argument is misspelled or has a value that changes what is computed in a way recur does not; "
        + "or an extent that the function needs is not known before the model runs.",
      fix:
        "The message says which argument and why; declare an input with its shape where an extent is "
        + "missing: {\"name\": \"x\", \"shape\": [null, 10, 3]}",
      example: #"""
        $ printf '%s' '{"inputs": [{"name": "x", "shape": [null, 4]}], "layers": [{"type": "torch.sum", "dim": 2}]}' > declared.json
        $ recur validate torch_modules/lstm_time_first.pt --architecture declared.json
        error[pytorch.function.unsupported]: this call of 'torch.sum' is not supported: there is no axis 2 of 2
          --> declared.json:layers[0]
        """#),
    Explanation(
      "pytorch.inputs.undeclared",
      meaning: "a model whose initial states may be left out was to be written with fixed inputs",
      cause:
        "torch.nn.LSTM, GRU and RNN are called with or without (h_0, c_0). A Keras model has one "
        + "list of inputs, so somebody has to say which.",
      fix:
        "Say it with --inputs: recur convert model.pt model.keras --inputs x for states of zeros, "
        + "or --inputs x,h_0,c_0 to give them in every call.",
      example: #"""
        $ recur convert torch_modules/lstm_time_first_states.safetensors model.keras --architecture torch_modules/lstm_time_first_states.json
        error[pytorch.inputs.undeclared]: the module may be called with or without its initial state, and a Keras model takes one fixed list of inputs
          --> torch_modules/lstm_time_first_states.safetensors
          help: --inputs x for states of zeros, or --inputs x,h_0,c_0
          fix in Recur: recur convert torch_modules/lstm_time_first_states.safetensors model.keras --architecture torch_modules/lstm_time_first_states.json --inputs x
          fix in Recur: recur convert torch_modules/lstm_time_first_states.safetensors model.keras --architecture torch_modules/lstm_time_first_states.json --inputs x,h_0,c_0
        """#),
    Explanation(
      "pytorch.layer.unsupported",
      meaning: "a declared module is of a class that is not known",
      cause: "It is misspelled, a class of your own, or one that recur does not compute.",
      fix:
        "Declare what it is made of, or leave it out with what follows it: the rest is still checked",
      example: #"""
        $ printf '%s' '{"layers": [{"type": "nn.Transformer", "key": "lstm"}]}' > declared.json
        $ recur validate torch_modules/lstm_time_first.pt --architecture declared.json
        error[pytorch.layer.unsupported]: 'nn.Transformer' is no module that can be declared
          --> declared.json:layers[0]
          help: known modules: nn.Linear, nn.Embedding, nn.LayerNorm, nn.GroupNorm, nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d, nn.LSTM, nn.LSTMCell, nn.GRU, nn.GRUCell, nn.RNN, nn.RNNCell, nn.MaxPool1d, nn.AvgPool1d, nn.AdaptiveMaxPool1d, nn.AdaptiveAvgPool1d, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool3d, nn.AvgPool3d, nn.AdaptiveMaxPool3d, nn.AdaptiveAvgPool3d, nn.PReLU, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.Identity, nn.Flatten, permute, nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d, nn.Upsample, nn.Hardsigmoid, nn.Hardswish, nn.LogSigmoid, nn.Mish, nn.ReLU, nn.ReLU6, nn.SELU, nn.SiLU, nn.Sigmoid, nn.Softsign, nn.Tanh, nn.Tanhshrink, nn.LeakyReLU, nn.ELU, nn.CELU, nn.Softplus, nn.Softshrink, nn.Hardshrink, nn.Hardtanh, nn.Threshold, nn.GELU, nn.Softmax, …
        """#),
    Explanation(
      "pytorch.modules.inferred",
      meaning: "the modules of a state dict are told by names and shapes; their order is not known",
      cause:
        "The modules do not follow each other without a gap, or some tensors belong to no module that "
        + "is known.",
      fix:
        "Declare the part to run: recur inspect model.pt --emit-architecture > architecture.json, "
        + "edit it, and give it with --architecture",
      example: #"""
        $ recur validate pytorch/module.pt
        note[pytorch.modules.inferred]: a state dict has no architecture; its modules are told by the names and shapes of their tensors, and how they follow each other is not known
          --> pytorch/module.pt
          note: 'lstm': nn.LSTM(input_size=2, hidden_size=3, bidirectional=True, batch_first=True)
          note: 1 nn.BatchNorm1d, 1 nn.Linear
          note: they can't be run: by their sizes, no module takes what the one before it puts out
          help: declare it: recur inspect --emit-architecture writes the modules, to edit and to give back with --architecture
        """#),
    Explanation(
      "pytorch.option.disagrees",
      meaning: "a declared size or switch is not what the tensors have",
      cause:
        "The declaration belongs to another model, or an option that is not torch's default was left "
        + "out: num_layers, bidirectional, bias, proj_size.",
      fix: "Declare what the message says the tensors have, or take the other file",
      example: #"""
        $ printf '%s' '{"layers": [{"type": "nn.LSTM", "key": "", "num_layers": 2}]}' > declared.json
        $ recur validate torch_modules/lstm_time_first.pt --architecture declared.json
        error[pytorch.option.disagrees]: nn.LSTM is declared with "num_layers" 2; the tensors say 1
          --> torch_modules/lstm_time_first.pt:weight_ih_l0 (bytes 1024..<1216)
          expected: num_layers 2
          found: num_layers 1
          help: declare "num_layers": 1, or take the file that belongs to the declaration
        """#),
    Explanation(
      "pytorch.option.unsupported",
      meaning: "an option of a declared module is unknown, or has a value that is not supported",
      cause:
        "It is misspelled, of another class, or changes what is computed in a way recur does not.",
      fix: "Use the words of the constructor in torch.nn; the message lists those that are known",
      example: #"""
        $ printf '%s' '{"layers": [{"type": "nn.LSTM", "key": "", "return_sequences": true}]}' > declared.json
        $ recur validate torch_modules/lstm_time_first.pt --architecture declared.json
        error[pytorch.option.unsupported]: nn.LSTM has "return_sequences": true, which is unknown
          --> declared.json:layers[0]
          help: known options: batch_first, bias, bidirectional, device, dropout, dtype, forget_bias, hidden_size, input_size, mask, num_layers, order, orientation, proj_size, select
        """#),
    Explanation(
      "pytorch.tensors.declared",
      meaning: "tensors are read under other names, or in another form, as the declaration says",
      cause:
        "The declaration maps names of the file (\"weight_ih\": \"enc_w_ih\"), or says that gates lie in "
        + "another order, matrices the other way, or biases otherwise than torch has them.",
      fix:
        "Nothing is wrong; compare with recorded outputs: recur validate weights.npz "
        + "--architecture declared.json --golden golden.npz",
      example: #"""
        $ recur validate declared/cell_turned.npz --architecture declared/cell_turned.json
        note[pytorch.tensors.declared]: tensors of 'cell' are read as the declaration says
          --> declared/cell_turned.json:layers[0]
          note: 'cell.weight_ih' as 'cell.weight_ih': transposed
          note: 'cell.weight_hh' as 'cell.weight_hh': transposed
        """#),
    Explanation(
      "pytorch.weight-drop",
      meaning: "a recurrent kernel is read from where weight drop keeps it",
      cause:
        "AWD-LSTM and fastai drop recurrent weights while they train: 'weight_hh_l0_raw' holds the "
        + "weights, and 'weight_hh_l0' a copy of which some were dropped, or nothing.",
      fix: "Nothing is wrong: in evaluation the model computes with all weights.",
      example: #"""
        $ recur validate declared/weight_drop_copy.pt
        note[pytorch.weight-drop]: 'rnn.weight_hh_l0_raw' is read as 'rnn.module.weight_hh_l0'
          --> declared/weight_drop_copy.pt:rnn.weight_hh_l0_raw (bytes 2176..<2432)
          why: weight drop keeps the weights there; what the file has under 'rnn.module.weight_hh_l0' is a copy of which some numbers were dropped, and is not used
        """#),
  ]
}
