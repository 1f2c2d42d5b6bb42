import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// The text of `recur inspect` about Keras files.
enum KerasInspection {
  /// The layers of an architecture.
  static func inspection(
    _ architecture: KerasArchitecture?, _ id: String, _ title: String
  ) -> Inspection {
    var inspection = Inspection(
      format: id, title: title, facts: [], layers: [], tensors: [], diagnostics: [])
    if let architecture {
      inspection.facts = [
        ("producer", "Keras \(architecture.version)"),
        ("model", "\(architecture.className) '\(architecture.name)'"),
      ]
      inspection.layers = layers(architecture, path: "")
    }
    return inspection
  }

  /// The architecture of a file, and as warnings what is wrong with one that can't be read: the file's
  /// tensors are listed all the same.
  static func architecture(
    _ probe: FileProbe, read: () throws(CheckpointError) -> KerasArchitecture?
  ) -> (architecture: KerasArchitecture?, problems: [Diagnostic]) {
    do throws(CheckpointError) {
      return (try read(), [])
    } catch {
      return (nil, warnings(error, probe))
    }
  }

  /// What keeps a model from being read, where its tensors can be.
  static func warnings(_ error: CheckpointError, _ probe: FileProbe) -> [Diagnostic] {
    error.diagnostics.map { finding in
      var warning = finding.located(file: probe.path)
      if warning.severity == .error { warning.severity = .warning }
      return warning
    }
  }

  /// The layers that shapes tell; a file whose layers can't be read is listed with a warning.
  static func inferred(
    _ id: String, _ title: String, _ probe: FileProbe,
    layers: () throws(CheckpointError) -> [KerasH5Weights.LayerArrays]
  ) -> Inspection {
    var inference = KerasShapeInference()
    var inspection = Inspection(
      format: id, title: title, facts: [], layers: [], tensors: [], diagnostics: [])
    do throws(CheckpointError) {
      let model = try inference.model(of: layers(), producer: "Keras")
      inspection.layers = model.nodes.map { node in
        let isKnown = if case .opaque = node.layer { false } else { true }
        return Inspection.DeclaredLayer(
          name: node.layerName, className: node.layer.title, detail: "told by shapes",
          isSupported: isKnown)
      }
    } catch {
      inspection.diagnostics = warnings(error, probe)
    }
    return inspection
  }

  private static func layers(
    _ architecture: KerasArchitecture, path: String
  ) -> [Inspection.DeclaredLayer] {
    architecture.layers.flatMap { config in
      [layer(config, path: path)]
        + (config.nested.map { layers($0, path: "\(path)\(config.name)/") } ?? [])
    }
  }

  /// The options of one layer in a few words, without those at their usual values.
  private static func layer(
    _ config: KerasArchitecture.LayerConfig, path: String
  ) -> Inspection.DeclaredLayer {
    let told = [
      "units", "filters", "kernel_size", "pool_size", "strides", "dilation_rate", "padding",
      "input_dim", "output_dim", "activation", "recurrent_activation", "mask_value", "mask_zero",
      "use_bias", "return_sequences", "return_state", "go_backwards", "stateful",
      "zero_output_for_mask", "reset_after", "merge_mode", "axis", "axes", "target_shape", "dims",
      "n", "rate", "batch_shape", "batch_input_shape",
    ]
    let details = told.compactMap { name -> String? in
      guard let value = config.options[name], !value.isNull else { return nil }
      switch value {
      case .bool(let value):
        // `use_bias` is the only option whose usual value is true.
        return value == (name == "use_bias") ? nil : "\(name)=\(value)"
      case .string(let text): return "\(name)=\(text)"
      default: return "\(name)=\(value.text)"
      }
    }
    let parts = config.inside.map { inner in
      let layer = layer(inner, path: "")
      return "\(layer.className)(\(layer.detail))"
    }
    return Inspection.DeclaredLayer(
      name: path + config.name, className: config.className,
      detail: (parts + details).joined(separator: " "),
      isSupported: config.nested != nil || !config.isOpaque)
  }
}
