extension Explanation {
  /// Codes of TensorFlow Lite, and of checkpoints that name their variables.
  static let aboutTensorFlowGraphs: [Explanation] = [
    Explanation(
      "flatbuffer.invalid",
      meaning: "the bytes of a TensorFlow Lite model are no FlatBuffer",
      cause: "A download or copy of the file stopped early, or bytes of it were changed.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.tflite",
      example: #"""
        $ recur inspect tensorflow/hostile/tflite_truncated.tflite
        error[flatbuffer.invalid]: these bytes are no FlatBuffer: a field points 3432 bytes on, and there are 1774 bytes
          --> tensorflow/hostile/tflite_truncated.tflite (bytes 52..<56)
          why: the file was cut off or damaged
        """#),
    Explanation(
      "tensorflow.declaration.invalid",
      meaning: "a declaration of TensorFlow 1 cells does not fit the checkpoint",
      cause:
        "The declaration names a scope or a variable that is not there, an option that the "
        + "layer does not have, or it is an architecture of Keras or of torch.",
      fix:
        "Name the scopes that 'recur inspect' lists: {\"layers\": [{\"type\": \"LSTM\", "
        + "\"scope\": \"rnn/lstm_cell\", \"forget_bias\": 1.0, \"select\": \"last\"}, "
        + "{\"type\": \"Dense\", \"kernel\": \"softmax_w\", \"bias\": \"softmax_b\"}]}",
      example: #"""
        $ echo '{"layers": [{"type": "LSTM", "scope": "rnn/lstm"}]}' > layers.json
        $ recur validate tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100 --architecture layers.json
        error[tensorflow.declaration.invalid]: the declaration is none: there is no cell 'rnn/lstm'
          --> layers.json:layers[0]
          expected: 'rnn/basic_lstm_cell'
        """#),
    Explanation(
      "tensorflow.forget-bias.assumed",
      meaning: "what TensorFlow 1 adds to the forget gates of a cell is not known",
      cause:
        "BasicLSTMCell and its like add a number to the forget gate, 1 unless told otherwise. "
        + "It is a constant of the graph and in no variable, so a checkpoint without its "
        + "graph does not have it.",
      fix:
        "Put the graph beside the checkpoint under its name, model.ckpt-100.meta, or declare "
        + "the layers and the number: {\"type\": \"LSTM\", \"scope\": \"rnn/lstm_cell\", "
        + "\"forget_bias\": 0.0}. If the program that trained the model sets none, 1 is right.",
      example: #"""
        $ recur validate tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100
        warning[tensorflow.forget-bias.assumed]: what TensorFlow adds to the forget gates of 'rnn/basic_lstm_cell' is no variable and in no graph beside the checkpoint: 1 is assumed
          --> tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100.index
          help: keep the graph, x.meta, beside the checkpoint, or declare it: "forget_bias": 0.0
        """#),
    Explanation(
      "tensorflow.lite.differs",
      meaning: "TensorFlow Lite computes a layer otherwise than the model it was converted from",
      cause:
        "Its recurrent operators keep the cell within a limit that the converter writes, and "
        + "keep their states from one call to the next. Models of Keras do neither.",
      fix:
        "Nothing. A recording of the interpreter has to be of the first call, or of a call "
        + "behind reset_all_variables().",
      example: #"""
        $ recur validate tensorflow/lite/tf215_lstm_f32.tflite
        note[tensorflow.lite.differs]: TensorFlow Lite keeps the states of its recurrent operators from one call to the next until it is told to reset them; here every call begins with zeros
          --> tensorflow/lite/tf215_lstm_f32.tflite
        """#),
    Explanation(
      "tensorflow.lite.invalid",
      meaning: "a TensorFlow Lite model contradicts itself",
      cause: "The file was edited or damaged: a tensor has more or fewer bytes than its shape.",
      fix: "Convert the model again.",
      example: #"""
        $ recur inspect tensorflow/hostile/tflite_shape_mismatch.tflite
        error[tensorflow.lite.invalid]: the tensor 'arith.constant8' of float32 and the shape [4, 1000] has 48 bytes
          --> tensorflow/hostile/tflite_shape_mismatch.tflite:arith.constant8 (bytes 2688..<2692)
          expected: 16000 bytes
          found: 48 bytes
        """#),
    Explanation(
      "tensorflow.names.inferred",
      meaning: "cells of TensorFlow 1 were told by the names and shapes of their variables",
      cause:
        "tf.train.Saver writes variables and no layers. Scopes such as rnn/lstm_cell say which "
        + "cell a kernel is of, and nothing says which cell reads which.",
      fix:
        "Nothing, to list and to convert the weights: recur convert model.ckpt-100.index "
        + "cells.safetensors",
      example: #"""
        $ recur validate tensorflow/names/tf115_lstm_block_fused/model.ckpt-100
        note[tensorflow.names.inferred]: the file names its variables and holds no layers; cells are told by scopes and shapes
          --> tensorflow/names/tf115_lstm_block_fused/model.ckpt-100.index
          note: 'lstm_fused_cell': LSTM, 4 units, input size 3, forget bias 1
          note: 'rnn/lstm_cell': LSTM, 3 units, input size 3, with peepholes, forget bias 1
          note: which cell reads which, and functions other than tanh and the sigmoid, are in no name
        """#),
    Explanation(
      "tensorflow.training-state",
      meaning: "variables of the optimizer and counters were left out",
      cause:
        "tf.train.Saver writes all variables: those of Adam beside each weight, and global_step.",
      fix: "Nothing.",
      example: #"""
        $ recur validate tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100
        note[tensorflow.training-state]: the state of the training (11 variables) is not needed to run the model and was not loaded
          --> tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100.index:beta1_power
        """#),
  ]
}
