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
        """#)
  ]
}
