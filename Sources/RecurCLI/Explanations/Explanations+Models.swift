extension Explanation {
  /// Codes of models: layers that don't fit each other, or don't fit the target format.
  static let aboutModels: [Explanation] = [
    Explanation(
      "model.without-code",
      meaning:
        "code that is not in the file computes a part of the model, so nothing says what it computes",
      cause:
        "A layer or the whole model is of a class of its author's own. Keras saves such a class by its name, "
        + "with its options and its weights, and its Python code nowhere.",
      fix:
        "Judge a model that is built from Keras' own layers, or give the layers of a subclassed model with "
        + "--architecture. The file's tensors can be had all the same: recur convert --tensors model.keras "
        + "model.npz. A check that is not to fail on such files takes --ignore model.without-code.",
      example: #"""
        $ recur validate keras3/opaque_layer.h5
        error[model.without-code]: 'average' is of class 'mine>WeightedAverage', whose code is not in the file: nothing can be said about the outputs
          --> keras3/opaque_layer.h5
          help: 'recur inspect' lists what the file holds, and its tensors can be converted
        """#),
    Explanation(
      "model.states-hidden",
      meaning: "the states of a model can't become inputs and outputs",
      cause:
        "No recurrent layer of the model begins with zeros, or the state that is kept between calls is "
        + "that of a layer inside another one, or of one that is called several times.",
      fix: "Leave --states out: recur convert model.keras model.onnx",
      example: #"""
        $ recur convert keras3/initial_state_inputs.h5 model.onnx --states
        error[model.states-hidden]: no layer of the model has a state that is not given already
          --> keras3/initial_state_inputs.h5:/@model_config: layers[0] (bytes 2136..<4627)
        """#),
    Explanation(
      "model.nothing-recognized",
      meaning: "the file holds no recurrent module that was recognized, and nothing was computed",
      cause:
        "The file has no architecture, and none of its tensors are named as an LSTM, a "
        + "GRU or an RNN names them. Shapes and numbers were checked; that says nothing "
        + "about a recurrent model.",
      fix:
        "Give the architecture: recur inspect model.pt --emit-architecture > "
        + "architecture.json, edit it, and add --architecture architecture.json",
      example: #"""
        $ recur validate pytorch/perceptron.pt
        warning[model.nothing-recognized]: no recurrent module was recognized in the file, and nothing of it was computed
          --> pytorch/perceptron.pt
          expected: tensors named as an LSTM, a GRU or an RNN names them
          found: 4 tensors: '0.weight', '0.bias', '2.weight', '2.bias'
          note: 4 of 4 belong to layers that are known by their names and shapes
          help: if the file is to hold a recurrent model, declare it: recur inspect --emit-architecture writes what was recognized, to edit and to give back with --architecture
        """#),
    Explanation(
      "model.bias.merged",
      meaning: "two biases became one",
      cause:
        "PyTorch and CuDNN keep a bias for each product of a recurrent layer, Keras one for both. "
        + "Each sum was computed in binary64 and rounded once.",
      fix: "Nothing needs to be done: the sum is what the layer adds either way.",
      example: #"""
        $ recur convert torch_modules/lstm_time_first.pt model.keras --architecture torch_modules/lstm_time_first.json --inputs x
        warning[model.bias.merged]: the two biases of 'lstm' became one, as Keras has it: each sum was computed in binary64 and rounded once
          --> torch_modules/lstm_time_first.json:layers[0]
        """#),
    Explanation(
      "model.bias.split",
      meaning: "one bias became two: the second is zeros",
      cause: "An LSTM of PyTorch adds bias_ih and bias_hh, and one of Keras has a single bias.",
      fix: "Nothing needs to be done, the sum is the same. To see both: recur inspect model.pt",
      example: #"""
        $ recur convert keras3/lstm_stacked_dense.h5 model.pt
        note[model.bias.split]: 'lstm.bias_hh_l0' is new: zeros, because torch adds two biases and this layer has one
          --> keras3/lstm_stacked_dense.h5
        """#),
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
      example: #"""
        $ recur convert keras3/masking_lstm_dense.h5 model.pt --module model.py
        note[model.expressed-in-code]: 'masking' masks timesteps equal to -1.0; the generated module computes it
          --> keras3/masking_lstm_dense.h5:/@model_config: layers[1] (bytes 2136..<4569)
        """#),
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
      example: #"""
        $ recur validate broken/output_does_not_exist.h5
        error[model.graph.invalid]: the model's inputs or outputs name output 7 of call 0 of 'head', which does not exist
          --> broken/output_does_not_exist.h5
        """#),
    Explanation(
      "model.layer.opaque",
      meaning: "the model can't be run because one of its layers is of an unknown class",
      cause:
        "It was opened with a warning, keras.layer.opaque, and then run or compared with "
        + "recorded outputs.",
      fix:
        "Run the part before that layer: save it in Keras with "
        + "keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')",
      example: #"""
        $ recur run keras3/opaque_layer.h5 --input keras3/lstm_last.golden.npz
        error[model.layer.opaque]: 'average' is of class 'mine>WeightedAverage', which is unknown: what it computes is not in the file, so the model can't be run
          --> keras3/opaque_layer.h5:/@model_config: layers[2] (bytes 2136..<5172)
          help: its tensors can be listed with 'recur inspect' and carried by 'recur convert'
        """#),
    Explanation(
      "model.left-to-code",
      meaning: "the model does something that ordinary code does and weights can't",
      cause:
        "A state dict is loaded into nn.LSTM and nn.Linear, which apply no output activation and "
        + "put out every timestep.",
      fix:
        "Apply it in forward(), or have the code written: "
        + "recur convert model.h5 model.pt --module model.py",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.pt
        note[model.left-to-code]: LSTM 'lstm' puts out the last timestep only: your forward() has to, the weights can't
          --> keras3/lstm_last.h5:/@model_config: layers[1] (bytes 2136..<3684)
        """#),
    Explanation(
      "model.not-connected",
      meaning: "the model can't be run because how its layers follow each other is unknown",
      cause: "The file has weights only, and its layers were told by their shapes.",
      fix:
        "Give the model they belong to: "
        + "recur validate weights.h5 --architecture model.json --golden golden.npz",
      example: #"""
        $ recur validate keras3/lstm_last.weights.h5 --golden keras3/lstm_last.golden.npz
        error[model.not-connected]: the file has weights and no architecture: how its layers follow each other is unknown
          --> keras3/lstm_last.weights.h5:/layers/lstm/cell/vars/0 (bytes 10992..<11184)
          help: give the model they belong to with --architecture
        """#),
    Explanation(
      "model.precision.differs",
      meaning: "a layer computes in 16 bits in Keras and in float32 in PyTorch",
      cause:
        "The layer's 'dtype' is float16, bfloat16 or a mixed policy of Keras, so the outputs "
        + "differ by about its rounding.",
      fix:
        "If that matters, build the model in float32 in Keras and save it again: "
        + "keras.config.set_dtype_policy('float32')",
      example: #"""
        $ recur convert keras3/mixed_float16.h5 model.pt --module model.py
        warning[model.precision.differs]: 'lstm' computes in float16 in Keras and in float32 in torch
          --> keras3/mixed_float16.h5:/@model_config: layers[1] (bytes 2136..<4362)
        """#),
    Explanation(
      "model.reading-open",
      meaning:
        "the file leaves open what is computed, and a model that says it was to be written",
      cause:
        "Weights alone do not say which timestep or state of a recurrent module the modules behind it "
        + "read, in which order modules are called, or whether an nn.RNN applies tanh or relu. The "
        + "tensors are the same for every answer, and the outputs are not.",
      fix:
        "Choose an answer, or let a recording choose: "
        + "recur convert model.pt model.keras --golden golden.npz",
      example: #"""
        $ recur convert readings/last_timestep.safetensors model.keras
        error[model.reading-open]: the file does not say which timestep or state 'fc' reads of 'rnn'
          --> readings/last_timestep.safetensors
          why: its tensors are the same for every answer
          help: choose one; a recording can choose: --golden FILE.npz
          fix in Recur: recur convert readings/last_timestep.safetensors model.keras --timesteps last
          fix in Recur: recur convert readings/last_timestep.safetensors model.keras --timesteps all
          fix in Recur: recur inspect readings/last_timestep.safetensors --emit-architecture > architecture.json   # then say in it what is null
          fix in Recur: recur convert readings/last_timestep.safetensors model.keras --architecture architecture.json   # with what was said
        """#),
    Explanation(
      "model.reading-undecided",
      meaning: "a recording does not decide what the file leaves open",
      cause:
        "No answer computes what was recorded, so the recording is of another model or call; or "
        + "several do, as when a sequence of one timestep was recorded.",
      fix:
        "Record a call of several timesteps, or choose an answer: "
        + "recur convert model.pt model.keras --timesteps last",
      example: #"""
        $ recur convert readings/one_timestep.safetensors model.keras --golden readings/one_timestep.golden.npz
        error[model.reading-undecided]: the recording does not decide which timestep or state 'fc' reads of 'rnn': 3 answers compute it
          --> readings/one_timestep.golden.npz
          note: every timestep is read, the batch is the first axis: 'out_0' has another shape than the model's output
          note: the last timestep is read, the batch is the first axis: as recorded
          note: the first timestep is read, the batch is the first axis: as recorded
          note: the mean of all timesteps is read, the batch is the first axis: as recorded
          note: the final cell state is read, the batch is the first axis: other numbers
          note: every timestep is read, the timesteps are the first axis: 'out_0' has another shape than the model's output
          note: the last timestep is read, the timesteps are the first axis: 'out_0' has another shape than the model's output
          note: the first timestep is read, the timesteps are the first axis: 'out_0' has another shape than the model's output
          note: 2 other readings: 2 × 'out_0' has another shape than the model's output
          fix in Recur: recur convert readings/one_timestep.safetensors model.keras --timesteps last
          fix in Recur: recur convert readings/one_timestep.safetensors model.keras --timesteps first
          fix in Recur: recur convert readings/one_timestep.safetensors model.keras --timesteps mean
        """#),
    Explanation(
      "model.returns-fixed",
      meaning: "--return-sequences or --return-state can't change what the model puts out",
      cause:
        "A layer behind the last recurrent one takes its last timestep and no sequence, or the outputs "
        + "of torch modules are chosen by a declaration.",
      fix:
        "End the model at the recurrent layer in Keras; for torch modules write \"select\" and "
        + "\"outputs\" in an --architecture FILE.json",
      example: #"""
        $ recur summary questions/lstm.pt --architecture questions/lstm.json --return-sequences
        error[model.returns-fixed]: the modules put out every timestep and the states either way: the declaration selects
          --> questions/lstm.json:layers[0]
          fix in PyTorch: y, (h_n, c_n) = lstm(x)
          fix in Recur: "select": "output" of the layer, and "outputs", in an --architecture FILE.json
        """#),
    Explanation(
      "model.shape-mismatch",
      meaning: "a layer can't take the shape it is given",
      cause:
        "An --input-shape lacks the batch axis or has another number of features, or the file's "
        + "layers don't fit each other.",
      fix:
        "See the shapes that are declared, then give one with the batch first: "
        + "recur summary model.h5 --input-shape 1,10,3",
      example: #"""
        $ recur summary keras3/variable_length.h5 --input-shape 1,10,128
        error[model.shape-mismatch]: input 'input_layer' can't take [1, 10, 128]
          --> keras3/variable_length.h5:/@model_config: layers[0] (bytes 2136..<3689)
          expected: [batch, timesteps, 3]
          found: [1, 10, 128]
        """#),
    Explanation(
      "model.timesteps-fixed",
      meaning: "--free-timesteps can't free the number of timesteps",
      cause:
        "A layer, such as Flatten before Dense, has weights for as many timesteps as were trained.",
      fix:
        "Give sequences of that many timesteps, or pad them: "
        + "recur run model.h5 --input x.npy --pad post",
      example: #"""
        $ recur run questions/flat.h5 --input questions/x_12.npy --free-timesteps
        error[model.timesteps-fixed]: the model is made for 10 timesteps: a layer needs exactly as many
          --> questions/flat.h5:/@model_config: layers[3] (bytes 2136..<5113)
          expected: [batch, …, 20]
          found: [batch, 22]
          help: give sequences of 10 timesteps
        """#),
    Explanation(
      "model.sizes.checked",
      meaning: "the first recurrent layer has the declared sizes",
      cause: "--units or --input-size was given, and the weights agree.",
      fix: "Nothing needs to be done. Other layers are listed by: recur summary model.h5",
      example: #"""
        $ recur validate keras3/lstm_last.h5 --units 4
        note[model.sizes.checked]: 'lstm' has the declared sizes: 4 units, input size 3
          --> keras3/lstm_last.h5:/@model_config: layers[1] (bytes 2136..<3684)
        """#),
    Explanation(
      "model.unrepresentable",
      meaning: "the format can't hold what the model computes",
      cause:
        "A state dict alone has no masks, no other activations than tanh and sigmoid and no kept "
        + "state. Keras' formats lack some activations and explicit masks; see the message.",
      fix:
        "Write the code along with the weights: "
        + "recur convert model.h5 model.pt --module model.py",
      example: #"""
        $ recur convert keras3/masking_lstm_dense.h5 model.pt
        error[model.unrepresentable]: 'masking' masks timesteps equal to -1.0, which a state dict for torch.nn modules can't hold
          --> keras3/masking_lstm_dense.h5:/@model_config: layers[1] (bytes 2136..<4569)
          expected: every timestep counts
          found: Masking(-1.0)
          why: modules of torch.nn have no masks: padded timesteps would change h and every output after them
          note: the generated module computes it
          fix in Recur: recur convert keras3/masking_lstm_dense.h5 model.pt --module model.py
        """#),
    Explanation(
      "shape.output",
      meaning: "a recurrent layer puts out its last timestep only",
      cause:
        "return_sequences is false, Keras' default: the output is [batch, units] and not [batch, "
        + "timesteps, units]. return_state adds the last states: LSTM then has 3 outputs, GRU 2, a "
        + "Bidirectional LSTM 5.",
      fix: "If every timestep is wanted: keras.layers.LSTM(4, return_sequences=True)",
      example: #"""
        $ recur summary questions/last.h5 --input-shape 2,5,3
        note[shape.output]: LSTM(4) 'lstm' puts out its last timestep only: return_sequences is false
          --> questions/last.h5:/@model_config: layers[1] (bytes 2136..<4362)
          expected: [2, 5, 4], if every timestep is wanted
          found: [2, 4]
          note: return_state=True gives 3 arrays: [2, 4] [2, 4] [2, 4]
          fix in Keras: keras.layers.LSTM(4, return_sequences=True)
          fix in Recur: recur run questions/last.h5 --input x.npy --return-sequences
        """#),
  ]
}
