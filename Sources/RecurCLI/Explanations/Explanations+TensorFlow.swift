extension Explanation {
  /// Codes of what TensorFlow writes.
  static let aboutTensorFlow: [Explanation] =
    [
      Explanation(
        "bundle.checksum",
        meaning: "bytes of a TensorFlow checkpoint are not those that were written",
        cause:
          "TensorFlow keeps a checksum of every tensor and of every part of the index. A disk, "
          + "a download or an editor changed a byte, or the data file belongs to another "
          + "index: files of two trainings were put into one folder.",
        fix:
          "Fetch the files of the checkpoint again, index and data together, and compare them "
          + "with their source: sha256sum ckpt.*",
        example: #"""
          $ recur inspect tensorflow/hostile/data_flipped
          """#),
      Explanation(
        "bundle.file-missing",
        meaning: "a TensorFlow checkpoint is several files, and one of them is not there",
        cause:
          "The names, shapes and types of the tensors are in x.index and the numbers in "
          + "x.data-00000-of-00001. One of the two was not copied, or is a pointer of Git LFS.",
        fix: "Put all files whose names begin alike into one folder, or run 'git lfs pull'.",
        example: #"""
          $ recur inspect tensorflow/hostile/data_missing
          """#),
      Explanation(
        "bundle.invalid",
        meaning: "the index of a TensorFlow checkpoint contradicts itself or its data file",
        cause:
          "The file was cut off, edited or made by a faulty tool: a tensor has other bytes "
          + "than its shape needs, or lies outside of the data file.",
        fix:
          "Fetch the files again. If TensorFlow loads them, save them again: "
          + "python -c \"import tensorflow as tf; print(tf.train.list_variables('ckpt'))\"",
        example: #"""
          $ recur inspect tensorflow/hostile/entry_size_mismatch
          """#),
      Explanation(
        "folder.file-outside",
        meaning: "a model that is a folder names a file outside of it",
        cause:
          "No tool that saves models does this: a path in the model leads out of its folder, or "
          + "a file in the folder is a link to one elsewhere, as the caches of some downloaders "
          + "make them.",
        fix: "Copy the files themselves into the folder: cp -rL folder copy",
        example: #"""
          $ recur inspect tensorflow/hostile/tfjs_path_traversal
          """#),
      Explanation(
        "keras.objects.ambiguous",
        meaning: "a checkpoint holds several models, and the architecture is that of one",
        cause:
          "tf.train.Checkpoint was given several: Checkpoint(encoder=encoder, decoder=decoder).",
        fix:
          "Without an architecture, the layers of all of them are read; to run one, save its "
          + "weights by themselves: encoder.save_weights('encoder.weights.h5')",
        example: #"""
          $ recur validate tensorflow/checkpoint/two_models/ckpt --architecture tensorflow/checkpoint/tf221_weights_adam.architecture.json
          """#),
      Explanation(
        "tensorflow.checkpoint.pointer",
        meaning: "the file 'checkpoint' does not lead to a checkpoint beside it",
        cause:
          "TensorFlow writes the path of the last checkpoint into this file. The checkpoint was "
          + "renamed or not copied, or the path leads out of the folder.",
        fix: "Give the checkpoint itself: recur validate folder/model.ckpt-100.index",
        example: #"""
          $ recur inspect tensorflow/hostile/checkpoint_path_traversal
          """#),
      Explanation(
        "tensorflow.dequantized",
        meaning: "weights that were quantized are computed with as floating-point numbers",
        cause:
          "The model was converted with fewer bits for its weights. The numbers that are "
          + "computed with are those that TensorFlow's own programs make of them.",
        fix:
          "Nothing. Recordings of the model before it was quantized differ by what that costs: "
          + "recur validate folder --golden golden.npz --atol 1e-2",
        example: #"""
          $ recur validate tensorflow/web/gru_uint8
          """#),
      Explanation(
        "tensorflow.graph.invalid",
        meaning: "the objects of a TensorFlow checkpoint contradict each other",
        cause: "The file was edited, or written by a faulty tool.",
        fix: "Save the model again: model.save_weights('model.weights.h5')",
        example: #"""
          $ recur inspect tensorflow/hostile/graph_bad_child
          """#),
      Explanation(
        "tensorflow.saved-model.incomplete",
        meaning: "the folder of a SavedModel lacks a part",
        cause:
          "A SavedModel is a folder: saved_model.pb, and the weights in 'variables'. One of "
          + "them was not copied.",
        fix: "Copy the whole folder, with the folders in it: cp -r",
        example: #"""
          $ cp -r tensorflow/saved_model/tf212_lstm_unsaved_traces model
          $ rm -r model/variables
          $ recur validate model
          """#),
      Explanation(
        "tensorflow.unsupported",
        meaning: "what a file of TensorFlow holds is known and not read as a model",
        cause:
          "It holds operators without the layers they came from, or operators that have no "
          + "name here.",
        fix:
          "Convert the model that it was made from. Its tensors can be had all the same: "
          + "recur convert folder --tensors tensors.npz",
        example: #"""
          $ cp -r tensorflow/web/lstm_dense model
          $ sed -i 's/layers-model/graph-model/' model/model.json
          $ recur validate model
          """#),
      Explanation(
        "tensorflow.web.invalid",
        meaning: "a model of TensorFlow.js and its files of weights do not fit each other",
        cause:
          "A file group1-shard1of1.bin was not copied along with model.json, was cut off, or is "
          + "that of another model.",
        fix: "Fetch model.json and all files that it names again, into one folder.",
        example: #"""
          $ recur inspect tensorflow/hostile/tfjs_shard_missing
          """#),
    ] + aboutTensorFlowGraphs

  /// Codes of TensorFlow Lite, and of checkpoints that name their variables.
  private static let aboutTensorFlowGraphs: [Explanation] = [
    Explanation(
      "flatbuffer.invalid",
      meaning: "the bytes of a TensorFlow Lite model are no FlatBuffer",
      cause: "A download or copy of the file stopped early, or bytes of it were changed.",
      fix: "Fetch the file again, and compare it with its source: sha256sum model.tflite",
      example: #"""
        $ recur inspect tensorflow/hostile/tflite_truncated.tflite
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
        """#),
    Explanation(
      "tensorflow.lite.invalid",
      meaning: "a TensorFlow Lite model contradicts itself",
      cause: "The file was edited or damaged: a tensor has more or fewer bytes than its shape.",
      fix: "Convert the model again.",
      example: #"""
        $ recur inspect tensorflow/hostile/tflite_shape_mismatch.tflite
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
        """#),
    Explanation(
      "tensorflow.training-state",
      meaning: "variables of the optimizer and counters were left out",
      cause:
        "tf.train.Saver writes all variables: those of Adam beside each weight, and global_step.",
      fix: "Nothing.",
      example: #"""
        $ recur validate tensorflow/names/tf115_basic_lstm_forget0/model.ckpt-100
        """#),
  ]
}
