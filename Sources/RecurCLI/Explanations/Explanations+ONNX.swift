extension Explanation {
  /// Codes of ONNX models.
  static let aboutONNX: [Explanation] = [
    Explanation(
      "onnx.dequantized",
      meaning: "a quantized layer of an ONNX model is computed in floating point",
      cause:
        "The file was made by onnxruntime.quantization. ONNX Runtime also rounds what "
        + "goes in and out of such a layer to 8 bits, so its results differ by what that "
        + "rounding costs.",
      fix:
        "Nothing, or validate the model against a recording with a tolerance that "
        + "allows for 8 bits: recur validate model.onnx --golden golden.npz --atol 5e-3",
      example: #"""
        $ recur validate onnx/quantized.onnx
        note[onnx.dequantized]: a quantized layer is computed in floating point, with its weights dequantized: its inputs and states are not rounded to 8 bits
          --> onnx/quantized.onnx:/lstm/LSTM_quant, DynamicQuantizeLSTM (bytes 17..<130)
        """#),
    Explanation(
      "onnx.external-data",
      meaning:
        "the numbers of an ONNX tensor are in another file, which is not there or not allowed",
      cause:
        "The file with the numbers was not copied along with the model, or it is "
        + "shorter than the model says, or the model names a file outside of its own "
        + "folder, which no exporter does.",
      fix:
        "Put the file that is named beside the model, or write the model into one file: "
        + "python -c \"import onnx; onnx.save(onnx.load('model.onnx'), 'one.onnx')\"",
      example: #"""
        $ recur validate onnx/refused/outside_folder.onnx
        error[onnx.external-data]: the numbers of 'w' would be read from '../external.onnx.data', outside of the model's folder
          --> onnx/refused/outside_folder.onnx:w (bytes 35..<79)
        """#),
    Explanation(
      "onnx.fixed-extent",
      meaning: "an ONNX file calls an extent free for which its operators have a number",
      cause:
        "The exporter traced the model with an example and wrote the number of its "
        + "timesteps into a Reshape, although the input was declared with any number.",
      fix:
        "Export the model again with an example of the length that is needed, or with "
        + "the other exporter of torch: torch.onnx.export(model, x, 'model.onnx', dynamo=False, "
        + "dynamic_axes={'x': {0: 'batch', 1: 'time'}})",
      example: #"""
        $ recur validate onnx/fixed_timesteps.onnx
        warning[onnx.fixed-extent]: the file says that 'time' may be any number, and its operators work for 5 alone
          --> onnx/fixed_timesteps.onnx:g
          expected: 5
          found: 'time'
        """#),
    Explanation(
      "onnx.invalid",
      meaning: "an ONNX file contradicts itself or ONNX",
      cause:
        "The file was edited, or written by a faulty tool: a value is read that nothing "
        + "computes, a function calls itself, or there is no graph.",
      fix:
        "See what ONNX' own checker says, and export the model again: python -m "
        + "onnx.checker model.onnx",
      example: #"""
        $ recur validate onnx/refused/undefined_value.onnx
        error[onnx.invalid]: Add reads 'nothing', which nothing computes before it
          --> onnx/refused/undefined_value.onnx:y, Add (bytes 16..<36)
        """#),
    Explanation(
      "onnx.operator-set",
      meaning: "the operators of an ONNX file were asked for in a version that is not written",
      cause:
        "Versions before 13 say axes in attributes, and versions after 25 change operators that are "
        + "written. Every runtime of the last years reads version 17, which is written unless another "
        + "one is asked for.",
      fix: "Ask for a version between: recur convert model.keras model.onnx --opset 17",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.onnx --opset 12
        error[onnx.operator-set]: operators of version 12 are not written
          --> keras3/lstm_last.h5
          expected: 13 to 25
          found: 12
        """#),
    Explanation(
      "onnx.text-input",
      meaning: "an input of text takes the text's numbers in the ONNX file that is written",
      cause:
        "The model begins with a vocabulary. A graph of ONNX computes with numbers: the program that "
        + "calls it looks the words up.",
      fix: "Look the words up as the model does: recur summary model.keras shows the layer",
      example: #"""
        $ recur convert keras3/text_count.keras model.onnx
        note[onnx.text-input]: the input 'input_layer_1' takes the numbers of the text: a graph of ONNX reads no text
          --> keras3/text_count.keras:config.json: layers[0] (bytes 148..<2552)
        """#),
    Explanation(
      "onnx.widened",
      meaning: "a layer computes in bfloat16, and its operators in the ONNX file in float32",
      cause:
        "ONNX Runtime has no recurrent layers in bfloat16. The weights are stored as they are; what is "
        + "computed from them is more exact than in the original.",
      fix:
        "Nothing, or store the weights in a type that the operators have: recur convert model.keras "
        + "model.onnx --dtype float32",
      example: #"""
        $ recur convert keras3/lstm_last.h5 model.onnx --dtype bfloat16
        note[onnx.widened]: 'lstm' computes in bfloat16, and its operators in float32: ONNX Runtime has none of them in bfloat16
          --> keras3/lstm_last.h5:/@model_config: layers[1] (bytes 2136..<3684)
        """#),
    Explanation(
      "protobuf.invalid",
      meaning: "bytes that should be a message of Protocol Buffers are none",
      cause:
        "A download or copy of an ONNX model stopped early, or bytes of it were "
        + "changed.",
      fix:
        "Fetch the file again, and compare it with its source: sha256sum model.onnx",
      example: #"""
        $ head -c 200 onnx/front.onnx > cut.onnx
        $ recur inspect cut.onnx
        error[protobuf.invalid]: these bytes are no message of Protocol Buffers: a field needs 1171 bytes, but only 185 are left
          --> cut.onnx (bytes 12..<13)
        """#),
  ]
}
