/// What `recur explain` says about one diagnostic code.
struct Explanation: Sendable {
  let code: String
  let meaning: String
  let cause: String
  let fix: String

  init(_ code: String, meaning: String, cause: String, fix: String) {
    self.code = code
    self.meaning = meaning
    self.cause = cause
    self.fix = fix
  }
}

extension Explanation {
  /// Every code, sorted.
  ///
  /// `docs/diagnostics.md` is made from this table; a test compares both with the codes that the
  /// sources declare.
  static let all: [Explanation] =
    (aboutFiles + aboutKeras + aboutLayers + aboutModels + aboutNumbers + aboutContainers
    + aboutCheckpoints + aboutDeclarations + aboutReports)
    .sorted { $0.code < $1.code }

  private static let aboutFiles: [Explanation] = [
    Explanation(
      "file.changed",
      meaning: "an input became shorter while it was read",
      cause:
        "Another program cut or rewrote the file in place, such as a training run that saves "
        + "its next checkpoint.",
      fix: "Wait until it is done, or read a copy: cp model.h5 copy.h5"),
    Explanation(
      "file.empty",
      meaning: "the file has no bytes",
      cause: "A download or a save stopped before the first byte, or the disk was full.",
      fix: "Fetch the file again, or save it again: model.save('model.h5')"),
    Explanation(
      "file.exists",
      meaning: "the output would take the place of a file that is needed or already there",
      cause:
        "An earlier run wrote it, or one name is given twice: the output is an input, or the "
        + "weights and the module are one file.",
      fix:
        "An input is never replaced. Choose another name, or allow it: "
        + "recur convert model.h5 model.pt --force"),
    Explanation(
      "file.format-unknown",
      meaning: "no format that can be written has the output's ending",
      cause:
        "The ending chooses the format, and this one is missing, misspelt or of a format that "
        + "is only read.",
      fix:
        "See the endings with 'recur formats', and name the output after one: "
        + "recur convert model.h5 model.pt"),
    Explanation(
      "file.no-model",
      meaning: "the file is known, but holds no model that can be run",
      cause:
        "It is an HDF5 file without 'model_config' and 'layer_names', such as the .weights.h5 "
        + "of Keras 3, or an .npz of arrays.",
      fix:
        "Load the weights into their model in Keras and save all of it: "
        + "model.load_weights('model.weights.h5'); model.save('model.h5')"),
    Explanation(
      "file.unreadable",
      meaning: "the file can't be opened or mapped into memory",
      cause:
        "The path is misspelt, leads to a directory, a pipe or a device, or may not be read by "
        + "this user.",
      fix: "Check the path and its permissions: ls -l model.h5"),
    Explanation(
      "file.unrecognized",
      meaning: "the content is of no format that recur reads",
      cause:
        "The file is a .keras archive, a pickle from before torch 1.6, a Git LFS pointer, a web "
        + "page in place of the download, or compressed with gzip.",
      fix:
        "See the formats with 'recur formats', fetch a Git LFS file with 'git lfs pull', and "
        + "save a .keras file as HDF5: "
        + "keras.models.load_model('model.keras').save('model.h5')"),
    Explanation(
      "file.unwritable",
      meaning: "an output can't be written",
      cause:
        "The folder is missing or read-only, the disk or quota is full, or the output is a "
        + "directory, a device or a link to nothing. Standard output can also be closed or full.",
      fix:
        "Name a regular file in a folder that exists, and check its room and permissions: "
        + "df -h . ; ls -ld ."),
    Explanation(
      "usage.code-unknown",
      meaning: "there is no diagnostic code of this name",
      cause: "The code is misspelt, or belongs to another version of recur.",
      fix: "List all codes: recur explain --list"),
  ]

  private static let aboutKeras: [Explanation] = [
    Explanation(
      "keras.architecture.needed",
      meaning: "the file holds weights only, so the layers' options are unknown",
      cause: "The file was written with save_weights, or the file given with --architecture was.",
      fix:
        "Give the full model the weights belong to: "
        + "recur validate weights.h5 --architecture model.h5"),
    Explanation(
      "keras.bfloat16.assumed",
      meaning: "arrays without a type of their own are read as bfloat16",
      cause:
        "HDF5 files of Keras hold bfloat16 as opaque elements of two bytes; the layer's 'dtype' "
        + "says what they are.",
      fix:
        "Nothing needs to be done. To be sure, compare with recorded outputs: "
        + "recur validate model.h5 --golden golden.npz"),
    Explanation(
      "keras.config.invalid",
      meaning: "the model's config lacks something, or contradicts itself",
      cause:
        "A Sequential model was saved before its input shape was known, a layer lacks its name, "
        + "class or size, two layers have one name, or the config was edited.",
      fix:
        "Begin the model with its input, as in keras.Input((None, 3)), and save it again: "
        + "model.save('model.h5')"),
    Explanation(
      "keras.hard-sigmoid.rescaled",
      meaning: "weights were multiplied because hard_sigmoid is another function in the target",
      cause:
        "hard_sigmoid is clip(0.2x + 0.5) up to Keras 2 and clip(x/6 + 0.5) in Keras 3. The "
        + "weights of its gates were multiplied by 1.2 (or its inverse), each rounded once.",
      fix:
        "Nothing needs to be done. With every bit of the weights: "
        + "recur convert model.h5 model2.h5 --to keras2-h5"),
    Explanation(
      "keras.layer.renamed",
      meaning: "layers have other names in the file that was written",
      cause:
        "Keras allows no '/' in names, TensorFlow letters, digits and '_.>-' alone. Models inside "
        + "models are written as one flat model.",
      fix: "See the new names in the notes, and use them: model.get_layer('outer_lstm')"),
    Explanation(
      "keras.layer.unsupported",
      meaning: "the model, or a layer of it, is of a class that isn't read",
      cause:
        "The model is subclassed, a wrapper such as Bidirectional or TimeDistributed holds a layer "
        + "that is not read there, or a model inside the model holds a class of your own.",
      fix:
        "List the layers with 'recur inspect model.h5', and save a part that is read: "
        + "keras.Model(model.input, model.get_layer('lstm').output).save('part.h5')"),
    Explanation(
      "keras.layers.paired-by-position",
      meaning: "weights and layers have different names and were paired in order",
      cause:
        "Keras numbers the names it makes up (lstm, lstm_1), so the same model can have other "
        + "names in the next session.",
      fix:
        "Check the pairs in the notes. Names of your own avoid it: "
        + "keras.layers.LSTM(32, name='encoder')"),
    Explanation(
      "keras.mask.ignored",
      meaning: "the mask of an LSTM called with an initial state has no effect",
      cause:
        "Keras 3 hands a mask on only when the sequence is the call's single tensor, so all "
        + "timesteps count here, and in recur too.",
      fix:
        "If the padding must be skipped, pass the mask in the call in Keras: "
        + "lstm(x, initial_state=[h, c], mask=mask)"),
    Explanation(
      "keras.mask.restated",
      meaning: "a mask is given explicitly, or kept from a layer, where Keras would do otherwise",
      cause:
        "The generations of Keras hand on masks by different rules. An explicit mask is computed "
        + "by NotEqual and Any; a Permute that changes nothing loses one that is not meant.",
      fix: "Nothing needs to be done: the model that was written computes the same."),
    Explanation(
      "keras.optimizer.ignored",
      meaning: "the optimizer's state was not read",
      cause:
        "The model was saved with its optimizer after training, and running it does not need "
        + "that.",
      fix:
        "Nothing needs to be done. To make the file smaller: "
        + "model.save('model.h5', include_optimizer=False)"),
    Explanation(
      "keras.option.unsupported",
      meaning: "a layer's option, or the value of one, is not known or not honoured",
      cause:
        "The option is newer than recur or changes the numbers, such as time_major=True, the "
        + "activation is unknown, or dropout is called with training=True.",
      fix:
        "Build the model without the option, and carry the weights over: "
        + "new.set_weights(old.get_weights()); new.save('model.h5')"),
    Explanation(
      "keras.rate.unknown",
      meaning: "a dropout or noise layer is written with rate 0",
      cause:
        "A model says what layers do at inference, and these do nothing: their rate is not kept.",
      fix: "Before training goes on, set it: model.get_layer('dropout').rate = 0.5"),
    Explanation(
      "keras.version.unsupported",
      meaning: "the file was not written by Keras 2 or 3, or does not say so",
      cause:
        "Keras 1 wrote the file, or a tool left out 'keras_version', which decides what "
        + "'hard_sigmoid' means.",
      fix:
        "Build the model in Keras 2 and save it there: "
        + "model.load_weights('old.h5'); model.save('model.h5'). If only the attribute is "
        + "missing, write the version that made the file: with h5py.File('model.h5', 'r+') as f: "
        + "f.attrs['keras_version'] = '2.15.0'"),
    Explanation(
      "keras.weights.missing",
      meaning: "a group, dataset or list of weights that the file names is not there",
      cause:
        "The file was edited, its saving was stopped, or another tool wrote it without "
        + "'layer_names' and 'weight_names'.",
      fix: "Save the full model again: model.save('model.h5')"),
  ]

  private static let aboutModels: [Explanation] = [
    Explanation(
      "model.bias.merged",
      meaning: "two biases became one",
      cause:
        "PyTorch and CuDNN keep a bias for each product of a recurrent layer, Keras one for both. "
        + "Each sum was computed in binary64 and rounded once.",
      fix: "Nothing needs to be done: the sum is what the layer adds either way."),
    Explanation(
      "model.bias.split",
      meaning: "one bias became two: the second is zeros",
      cause: "An LSTM of PyTorch adds bias_ih and bias_hh, and one of Keras has a single bias.",
      fix: "Nothing needs to be done, the sum is the same. To see both: recur inspect model.pt"),
    Explanation(
      "model.expressed-in-code",
      meaning: "the generated module computes what a state dict can't hold",
      cause:
        "The model has masks, other activations, a reversed LSTM or kept state, and --module "
        + "was given.",
      fix:
        "Load the weights into the generated class, not into a bare nn.LSTM: "
        + "from model import Model; model = Model(); "
        + "model.load_state_dict(torch.load('model.pt', weights_only=True))"),
    Explanation(
      "model.graph.invalid",
      meaning: "the layers are not connected in a way that can be run",
      cause:
        "A layer reads a tensor that no layer puts out, is given more inputs than it takes, or "
        + "is given one initial state in place of h and c. The config was edited, or uses "
        + "connections that recur can't follow.",
      fix:
        "List the layers with 'recur inspect model.h5', and save the model again: "
        + "model.save('model.h5')"),
    Explanation(
      "model.left-to-code",
      meaning: "the model does something that ordinary code does and weights can't",
      cause:
        "A state dict is loaded into nn.LSTM and nn.Linear, which apply no output activation and "
        + "put out every timestep.",
      fix:
        "Apply it in forward(), or have the code written: "
        + "recur convert model.h5 model.pt --module model.py"),
    Explanation(
      "model.precision.differs",
      meaning: "a layer computes in 16 bits in Keras and in float32 in PyTorch",
      cause:
        "The layer's 'dtype' is float16, bfloat16 or a mixed policy of Keras, so the outputs "
        + "differ by about its rounding.",
      fix:
        "If that matters, build the model in float32 in Keras and save it again: "
        + "keras.config.set_dtype_policy('float32')"),
    Explanation(
      "model.shape-mismatch",
      meaning: "a layer can't take the shape it is given",
      cause:
        "An --input-shape lacks the batch axis or has another number of features, or the file's "
        + "layers don't fit each other.",
      fix:
        "See the shapes that are declared, then give one with the batch first: "
        + "recur summary model.h5 --input-shape 1,10,3"),
    Explanation(
      "model.sizes.checked",
      meaning: "the first recurrent layer has the declared sizes",
      cause: "--units or --input-size was given, and the weights agree.",
      fix: "Nothing needs to be done. Other layers are listed by: recur summary model.h5"),
    Explanation(
      "model.unrepresentable",
      meaning: "the format can't hold what the model computes",
      cause:
        "A state dict alone has no masks, no other activations than tanh and sigmoid and no kept "
        + "state. Keras' formats lack some activations and explicit masks; see the message.",
      fix:
        "Write the code along with the weights: "
        + "recur convert model.h5 model.pt --module model.py"),
    Explanation(
      "pytorch.architecture.needed",
      meaning: "a file given for its architecture has none, or no tensor is of a known module",
      cause:
        "A state dict says nothing about activations, masks and the order of layers; neither does "
        + "another one given with --architecture.",
      fix:
        "Give a declaration, which recur inspect model.pt --emit-architecture begins, or the model "
        + "it was converted from: recur validate model.pt --architecture model.h5"),
    Explanation(
      "state.shape",
      meaning: "the state of a stateful layer does not fit the inputs",
      cause:
        "The batch size changed from one call to the next, or a state of another model was "
        + "given.",
      fix: "Keep the batch size, or start again from zeros: var state = RecurrentState()"),
    Explanation(
      "tensor.bytes-mismatch",
      meaning: "a tensor's shape needs another number of bytes than are stored",
      cause: "The file is cut off or damaged, or a tool wrote a wrong shape, offset or stride.",
      fix:
        "Fetch the file again, or save it again with its framework: "
        + "torch.save(model.state_dict(), 'model.pt')"),
    Explanation(
      "tensor.dtype-unsupported",
      meaning: "the weights are of a type that isn't read",
      cause:
        "The weights are quantised to integers, or the state dict holds complex or quantised "
        + "tensors.",
      fix:
        "Save them as float32, before quantisation: "
        + "torch.save({k: v.float() for k, v in model.state_dict().items()}, 'model.pt')"),
    Explanation(
      "tensor.duplicate",
      meaning: "a tensor appears twice",
      cause:
        "A name is in the state dict twice, or 'weight_names' lists one dataset twice, because "
        + "the file was edited or written by a faulty tool.",
      fix: "Save the model again: model.save('model.h5')"),
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
        + "'out.pt')"),
    Explanation(
      "tensor.not-finite",
      meaning: "weights hold NaN or infinities",
      cause: "Training diverged, or the file was damaged.",
      fix:
        "Go back to an earlier checkpoint, and stop training when it happens: "
        + "keras.callbacks.TerminateOnNaN()"),
    Explanation(
      "tensor.shape-mismatch",
      meaning: "a tensor does not have the shape that its layer declares",
      cause:
        "Weights and architecture belong to different models, a matrix is transposed, or "
        + "--units or --input-size say otherwise.",
      fix:
        "See the shapes with 'recur inspect', and take both from one model: "
        + "recur validate weights.h5 --architecture model.h5"),
    Explanation(
      "tensor.unused",
      meaning: "no layer uses a tensor of the file",
      cause:
        "The architecture is smaller than the model the weights come from, lacks a bias "
        + "(use_bias), or something was added to the file. As an error: a layer has more arrays "
        + "than it takes.",
      fix:
        "Give the architecture the weights were saved from: "
        + "recur validate model.pt --architecture model.h5"),
    Explanation(
      "tensor.widened",
      meaning: "tensors are written in a wider type that holds all of their numbers",
      cause:
        "The format has no type for them: NumPy has neither bfloat16 nor floating-point numbers of "
        + "8 bits, and float32 holds them exactly.",
      fix:
        "Nothing needs to be done. To keep the type, write another format: "
        + "recur convert model.pt model.safetensors"),
  ]

  private static let aboutNumbers: [Explanation] = [
    Explanation(
      "convert.verification-failed",
      meaning: "the written weights, read back, do not compute what the model computes",
      cause: "This is a bug in recur. The output file was not written.",
      fix: "Report it with the list of what is in the file: recur inspect model.h5 --format json"),
    Explanation(
      "golden.incomplete",
      meaning: "the recorded arrays don't fit the model's inputs and outputs",
      cause:
        "The .npz names its arrays otherwise (arr_0, x, y), leaves out a number, or has more or "
        + "fewer of them than the model. Only a stateful model takes several calls.",
      fix:
        "Record them again, numbered from 0: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))"),
    Explanation(
      "input.count",
      meaning: "there are more or fewer inputs than the model takes",
      cause:
        "An --input or --input-shape is missing, or the .npz has neither in_0 nor arr_0 nor the "
        + "model's own input names. Only a stateful model takes several calls.",
      fix:
        "Give one array per input, in call order: "
        + "recur run model.h5 --input encoder.npy --input decoder.npy"),
    Explanation(
      "input.format",
      meaning: "an input file is neither an .npy array nor an .npz archive",
      cause: "It is a CSV or text file, a model, or an array saved in another format.",
      fix: "Save the array with numpy: np.save('x.npy', x)"),
    Explanation(
      "input.shape",
      meaning: "an input does not have the shape that the model takes",
      cause:
        "The batch axis is missing, two axes are swapped, the number of features differs, or "
        + "the inputs differ in batch size.",
      fix:
        "See the shapes with 'recur summary model.h5'. A single sequence needs a batch axis: "
        + "np.save('x.npy', x[None])"),
    Explanation(
      "input.token",
      meaning: "a token is outside the vocabulary of an Embedding",
      cause:
        "The text was encoded with another vocabulary, tokens count from 1 in place of 0, or -1 "
        + "stands for padding.",
      fix:
        "Encode with the vocabulary of training; its size is 'input_dim' of the Embedding: "
        + "recur inspect model.h5"),
    Explanation(
      "verify.mismatch",
      meaning: "the model does not compute what was recorded",
      cause:
        "The weights changed after the recording, it was made in training mode or in 16 bits, "
        + "or gates or activations are taken for others, such as the hard_sigmoid of Keras 2 and "
        + "3. The last note says what a difference of this size is typical of.",
      fix:
        "Record it again from this file. If the difference is rounding, give the tolerance "
        + "that the note names: "
        + "recur validate model.h5 --golden golden.npz --atol 1e-5"),
    Explanation(
      "verify.shape",
      meaning: "a recorded output has another shape than the model's",
      cause:
        "The recording is of another model, or one side returns every timestep "
        + "(return_sequences) and the other only the last.",
      fix:
        "Record it again from this model: "
        + "np.savez('golden.npz', in_0=x, out_0=model.predict(x))"),
  ]
}
