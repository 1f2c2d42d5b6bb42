import RecurContainers
import RecurModel
import RecurTensors

extension Identity: KerasLayer, KerasMaskComputing {
  static let classes =
    ([rate] + spatialDropouts + ["GaussianDropout", noise, "AlphaDropout", penalty, plain]).map {
      name in
      KerasClass(
        name, generation1: .init(options: generation1[name] ?? [:]), input: .init(axes: .any)
      ) { reader in
        reader.options.ignore(
          "rate", "noise_shape", "stddev", "l1", "l2", "data_format", "dim_ordering")
        return .identity(Identity(className: name))
      }
    }
    + augmentations.map { name in
      KerasClass(name, input: .init(axes: .any)) { reader in
        reader.options.ignoreAll()
        return .identity(Identity(className: name))
      }
    }
    + [KerasClass.operation("ConvertToTensor", read: conversion)]

  private static let rate = "Dropout"
  private static let spatialDropouts = (1...3).map { "SpatialDropout\($0)D" }
  private static let noise = "GaussianNoise"
  private static let penalty = "ActivityRegularization"
  private static let plain = "Identity"

  /// Changes of pictures in training, which `predict` hands on.
  ///
  /// RandomCrop is none: it resizes then.
  private static let augmentations =
    [
      "Brightness", "ColorDegeneration", "ColorJitter", "Contrast", "ElasticTransform", "Erasing",
      "Flip", "GaussianBlur", "Grayscale", "Height", "Hue", "Invert", "Perspective",
      "Posterization", "Rotation", "Saturation", "Sharpness", "Shear", "Translation", "Width",
      "Zoom",
    ].map { "Random\($0)" }

  private static let generation1 = [
    rate: ["p": "rate"], spatialDropouts[0]: ["p": "rate"],
    spatialDropouts[1]: ["p": "rate"], spatialDropouts[2]: ["p": "rate"],
    "GaussianDropout": ["p": "rate"],
    noise: ["sigma": "stddev"],
  ]

  private static func conversion(_ reader: inout KerasLayerReader) -> Layer? {
    reader.options.only("sparse", nil, false)
    reader.options.only("ragged", nil, false)
    reader.options.only("dtype", nil)
    return .identity(Identity(className: "ConvertToTensor"))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let zero: [(name: String, value: JSONValue)]
    var written = className
    switch className {
    case Self.rate, "GaussianDropout", "AlphaDropout": zero = [("rate", 0.0)]
    case _ where Self.spatialDropouts.contains(className): zero = [("rate", 0.0)]
    case Self.noise: zero = [("stddev", 0.0)]
    case Self.penalty: zero = [("l1", 0.0), ("l2", 0.0)]
    default:
      // TensorFlow 2 got Identity late, and its Identity loses masks.
      written = writer.target.isKeras3 ? Self.plain : Self.rate
      zero = writer.target.isKeras3 ? [] : [("rate", 0.0)]
    }
    let isAugmentation = Self.augmentations.contains(className)
    if !zero.isEmpty || isAugmentation, writer.target.holdsArchitecture {
      let how = isAugmentation ? "as \(written)" : "with \(zero[0].name) 0"
      writer.findings.append(
        Diagnostic(
          .kerasRateUnknown, .note,
          "\(className) '\(writer.node.layerName)' is written \(how): the model says what layers do "
            + "at inference, and this one does nothing", at: writer.node.location,
          hint: isAugmentation
            ? "put it back before training goes on" : "set it before training goes on"))
    }
    // Keras 3 reads `trainable` in the config of every layer but these.
    return KerasLayerForm(
      className: written, name: name, options: zero, layer: .identity(Identity(className: written)),
      saysTrainable: !Self.spatialDropouts.contains(written))
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    className == Self.plain && !rules.isKeras3 || Self.augmentations.contains(className)
      ? .lost : .passed
  }

  var maskSource: KerasMaskSource { .inputs }
  // A converted mask is the same mask.
  var maskWriting: KerasMaskWriting { .nothing }

  // Keras 3 puts its conversions of masks into the graph.
  func mask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? {
    inputs.first.map(masks.mask)
  }

  func featureMask(of inputs: [Model.Value], _ masks: KerasMaskReader) -> KerasMask? { nil }
}

extension Diagnostic.Code {
  static let kerasRateUnknown = Self(rawValue: "keras.rate.unknown")
}
