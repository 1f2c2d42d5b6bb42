extension Explanation {
  /// Codes of what TensorFlow writes.
  static let aboutTensorFlow: [Explanation] = [
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
        error[bundle.checksum]: the checksum of 'layer_with_weights-0/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE' is wrong
          --> tensorflow/hostile/data_flipped/ckpt.data-00000-of-00001:layer_with_weights-0/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE (bytes 40..<232)
          why: the file was damaged after it was written, or belongs to another index
          help: fetch it again
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
        error[bundle.file-missing]: there is no data file 'ckpt.data-00000-of-00001' beside the index
          --> tensorflow/hostile/data_missing/ckpt.index
          expected: ckpt.data-00000-of-00001
          why: the index says what the tensors are, and the data files hold their numbers
          help: put all files of the checkpoint into one folder
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
        error[bundle.invalid]: 'layer_with_weights-0/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE' has 4 bytes, and [3, 16] of float32 needs 192
          --> tensorflow/hostile/entry_size_mismatch/ckpt.index:layer_with_weights-0/cell/kernel/.ATTRIBUTES/VARIABLE_VALUE (bytes 169..<190)
          expected: 192 bytes
          found: 4 bytes
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
        error[folder.file-outside]: '../lstm_dense/group1-shard1of1.bin' is no name of a file in the folder; nothing outside of it is opened
          --> tensorflow/hostile/tfjs_path_traversal
          expected: a file in the folder
          help: put the file itself into the folder
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
        error[keras.objects.ambiguous]: the checkpoint holds several models: 'decoder', 'encoder'
          --> tensorflow/checkpoint/two_models/ckpt.index
          expected: one model
          help: save the one that is meant by itself: model.save_weights(path)
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
        error[tensorflow.checkpoint.pointer]: the file 'checkpoint' leads out of its folder
          --> tensorflow/hostile/checkpoint_path_traversal/checkpoint (bytes 0..<42)
          expected: the name of a checkpoint beside it
          found: ../../other/ckpt
          help: give the index itself: x.index
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
        note[tensorflow.dequantized]: 5 weights were quantized; they are computed with as TensorFlow.js does, as float32
          --> tensorflow/web/gru_uint8/model.json:dense/kernel
        """#),
    Explanation(
      "tensorflow.graph.invalid",
      meaning: "the objects of a TensorFlow checkpoint contradict each other",
      cause: "The file was edited, or written by a faulty tool.",
      fix: "Save the model again: model.save_weights('model.weights.h5')",
      example: #"""
        $ recur inspect tensorflow/hostile/graph_bad_child
        error[tensorflow.graph.invalid]: object 0 keeps object 99999 as 'x', and there are 11
          --> tensorflow/hostile/graph_bad_child/ckpt.index:_CHECKPOINTABLE_OBJECT_GRAPH (bytes 1316..<1415)
          expected: 0 to 10
          found: 99999
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
        error[tensorflow.saved-model.incomplete]: the SavedModel has no variables
          --> model
          expected: variables/variables.index, and its data files
          why: the folder was copied without 'variables', or the model has no weights
          help: keep 'variables' beside saved_model.pb
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
        error[tensorflow.unsupported]: this is a graph model of TensorFlow.js: it holds operators and no layers
          --> model/model.json (bytes 0..<2372)
          expected: a layers model
          help: convert the model that it was made from, or make a layers model of that one with tensorflowjs.converters.save_keras_model(model, 'folder')
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
        error[tensorflow.web.invalid]: the file 'group1-shard4of7.bin' of the weights is not there
          --> tensorflow/hostile/tfjs_shard_missing/model.json (bytes 0..<6868)
          expected: group1-shard4of7.bin
          help: keep all files of the model in one folder
        """#),
  ]
}
