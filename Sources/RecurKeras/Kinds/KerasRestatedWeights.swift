import RecurContainers
import RecurFormats
import RecurTensors

// Weights that Keras keeps in another form than the one a layer computes with.
extension KerasArchitecture.LayerConfig {
  /// The refusal of a layer that is quantized or has low-rank updates, or that holds such a layer; nil for
  /// all others.
  var refusedRestating: Diagnostic? {
    for layer in [self] + inside {
      if let mode = layer.quantizationMode {
        return layer.refused(
          "is quantized (\(mode)): its weights are whole numbers with scales, and what it takes in is "
            + "rounded while it runs",
          hint: "convert the model as it was before quantize(), or take the tensors as they are")
      }
      if let rank = layer.options["lora_rank"], !rank.isNull {
        return layer.refused(
          "has low-rank updates beside its weights (LoRA, rank \(rank.text))",
          hint:
            "copy the weights, with the updates added, to a layer without them, or take the tensors "
            + "as they are")
      }
    }
    return nil
  }

  /// `int8` and the like; nil for a layer of plain weights (keras/src/dtype_policies/dtype_policy.py,
  /// `QuantizedDTypePolicy`).
  private var quantizationMode: String? {
    let policy = options["dtype"]
    if policy?["class_name"]?.string?.hasPrefix("Quantized") == true {
      return policy?["config"]?["mode"]?.string ?? "quantized"
    }
    // `int8_from_float32` is the name of such a policy.
    if let name = policy?.string, let end = name.firstRange(of: "_from_") {
      return String(name[..<end.lowerBound])
    }
    guard let config = options["quantization_config"], !config.isNull else { return nil }
    return config["class_name"]?.string ?? "quantized"
  }

  private func refused(_ message: String, hint: String) -> Diagnostic {
    Diagnostic(
      .kerasOptionUnsupported, .error, "\(className) '\(name)' \(message)", at: location,
      hint: hint, remedies: [.exportTensors])
  }
}
