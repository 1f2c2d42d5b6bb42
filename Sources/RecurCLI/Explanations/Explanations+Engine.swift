extension Explanation {
  /// Codes about what the fast engine can't run.
  static let aboutEngine: [Explanation] = [
    Explanation(
      "engine.precision",
      meaning: "a layer computes in a precision that the fast engine does not have",
      cause:
        "The engine computes in float32, and a layer computes in float64, or an Embedding has more rows "
        + "than float32 can count. Layers in float16 and bfloat16 run.",
      fix: "Run it with the reference: --engine reference",
      example: #"""
        $ recur bench keras3/float64_lstm.h5 --engine fast
        error[engine.precision]: LSTM(4) 'lstm' computes in float64, and the engine in float32
          --> keras3/float64_lstm.h5:/@model_config: layers[1] (bytes 2136..<3684)
          expected: float32, float16 or bfloat16
          found: float64
          fix in Recur: --engine reference
        """#),
    Explanation(
      "engine.weights",
      meaning: "weights can't be held in the type that was asked for",
      cause:
        "A weight is not finite or beyond the range of the type (65504 for float16), a layer that is to "
        + "keep float32 has another name, or no layer is left: convolutions and layers in 16 bits keep "
        + "their weights.",
      fix: "Leave out --weights, or keep the layer: --weights float16 --keep-float32 dense",
      example: #"""
        $ recur run keras3/lstm_last.h5 --input keras3/lstm_last.golden.npz --weights int8 --keep-float32 lstn
        error[engine.weights]: no layer with weights is called 'lstn'
          --> keras3/lstm_last.h5:/@model_config: layers[0] (bytes 2136..<3684)
          expected: 'lstm'
          found: 'lstn'
        """#),
    Explanation(
      "verify.budget",
      meaning:
        "with weights in a narrow type, outputs are further from the recording than the budget",
      cause:
        "Rounding the weights moves the outputs. Some layers amplify it more than others, often those "
        + "near the output.",
      fix:
        "Keep the layers in float32 that the notes name (--keep-float32), take a wider type, or declare a "
        + "larger budget.",
      example: #"""
        $ recur validate keras3/lstm_stacked_dense.h5 --golden keras3/lstm_stacked_dense.golden.npz --weights int8 --budget 4e-5
        error[verify.budget]: with weights in int8 'out_0' moves by more than the budget
          --> keras3/lstm_stacked_dense.golden.npz
          expected: |diff| ≤ 4.0e-05
          found: |diff| up to 5.0e-05
          note: with 'lstm' in float32 outputs move by 3.0e-05
          fix in Recur: --keep-float32 lstm
        """#),
  ]
}
