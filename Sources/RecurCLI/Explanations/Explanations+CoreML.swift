extension Explanation {
  /// Codes of models of Core ML, and of what is written for MLX.
  static let aboutCoreML: [Explanation] = [
    Explanation(
      "coreml.bounds",
      meaning: "a program of Core ML takes less than the model takes",
      cause:
        "Programs have bounds for every axis, and take whole numbers of 32 bits alone.",
      fix: "Nothing, if your sequences are within the bounds.",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.mlpackage
        note[coreml.bounds]: free extents are 1 to 256 for the first axis and 1 to 16384 for others: a program of Core ML has bounds for all
          --> keras3/lstm_last.h5
        """#),
    Explanation(
      "coreml.differs",
      meaning: "Core ML may compute otherwise than is computed here, or the file leaves it open",
      cause:
        "The model takes arrays of several extents and can be read for one of them alone, it has "
        + "several functions, or it has a GRU, whose reset gate Core ML's texts place differently.",
      fix: "Compare with what a Mac computes.",
      example: #"""
        $ recur validate neighbours/coreml/gru.mlpackage
        note[coreml.differs]: a GRU is computed as Core ML's own tests compute it, with the reset gate before the product; its documentation says the other, and its results for a batch above 1 are reported to be wrong
          --> neighbours/coreml/gru.mlpackage/Data/com.apple.CoreML/model.mlmodel
        """#),
    Explanation(
      "coreml.invalid",
      meaning: "a file of Core ML contradicts itself or the format",
      cause:
        "The file was edited, or written by a faulty tool: a value is read that nothing computes, a "
        + "constant has no value, or the package's list names no model.",
      fix: "See what coremltools says, and convert the model again.",
      example: #"""
        $ mkdir x.mlpackage
        $ printf '{"itemInfoEntries": {}, "rootModelIdentifier": "A"}' > x.mlpackage/Manifest.json
        $ recur inspect x.mlpackage
        error[coreml.invalid]: the package's list of files names no model in the package
          --> x.mlpackage/Manifest.json
        """#),
    Explanation(
      "coreml.weights",
      meaning: "the file of weights is not there, or has other arrays than the program says",
      cause: "Only a part of the package was copied, or a file in it was replaced.",
      fix: "Copy the whole folder that ends in .mlpackage.",
      example: #"""
        $ cp neighbours/coreml/rnn_reverse.mlpackage/Data/com.apple.CoreML/model.mlmodel .
        $ recur validate model.mlmodel
        error[coreml.weights]: the numbers of 'rnn_0_weight_ih_0' are in 'weights/weight.bin', which is not there
          --> model.mlmodel:rnn_0_weight_ih_0 (bytes 555..<611)
          help: keep the whole package together
        """#),
    Explanation(
      "mlx.code",
      meaning: "what of a model is code in MLX is not in the file that was written",
      cause: "MLX saves weights alone; its modules are built by programs.",
      fix: "Build the modules in your program and load the weights: model.load_weights('m.npz').",
      example: #"""
        $ recur convert keras3/lstm_last.h5 m.safetensors --to mlx-safetensors
        note[mlx.code]: the file holds weights alone: which modules follow each other, their functions and directions are code in MLX
          --> keras3/lstm_last.h5
        """#),
  ]
}
