import RecurContainers
import RecurModel
import RecurTensors

extension KerasCarriedLayer {
  /// Classes that one version of TensorFlow makes of operations.
  private static let operations: Set<String> = [
    "TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod",
    "InstanceProperty",
  ]

  /// Classes of Keras whose configs of Keras 2 are none of Keras 3.
  private static let changed: Set<String> = ["MultiHeadAttention"]

  /// Why such a file can't hold the layer; nil when it can.
  func reason(against target: KerasTarget) -> String? {
    if target.isKeras3, Self.operations.contains(className) {
      return "operations of TensorFlow are no layers in Keras 3"
    }
    if target.isKeras3, generation < 3, Self.changed.contains(className) {
      return "\(target.reader) reads another config of that name"
    }
    guard target.holdsArchitecture, !target.isKeras3, generation > 2 else { return nil }
    return "\(target.reader) can't read configs of Keras 3"
  }

  /// The members of the layer's element besides its name and calls, with its config as it stands.
  func members(named name: String, _ target: KerasTarget) -> JSONObject {
    var object = JSONObject()
    var config = source["config"] ?? .object(JSONObject())
    if var options = config.object, options["name"] != nil {
      options.set("name", .string(name))
      config = .object(options)
    }
    let isOwn = className.contains(">") || !KerasBuiltInClasses.names.contains(className)
    if target == .archive {
      object.add("module", source["module"] ?? (isOwn ? .null : "keras.layers"))
      object.add("class_name", .string(className.withoutPackage))
      object.add("config", config)
      object.add(
        "registered_name", source["registered_name"] ?? (isOwn ? .string(className) : .null))
      if let shapes = source["build_config"] { object.add("build_config", shapes) }
    } else {
      object.add("class_name", .string(className))
      object.add("config", config)
    }
    return object
  }

  /// The call with the tensors as they are called now.
  func call(_ inputs: [KerasTensorForm], _ target: KerasTarget) -> JSONValue {
    let references = inputs.map { tensor in
      KerasArchitecture.TensorReference(
        layer: Name(tensor.layer), call: tensor.call, output: tensor.output)
    }
    let own: JSONValue =
      call
      ?? .array(inputs.map { [.string($0.layer), .integer($0.call), .integer($0.output), [:]] })
    let renamed = KerasCarriedCall.replacing(own, by: references)
    guard target.isKeras3, own.object == nil else { return renamed }
    let tensors = (renamed.array ?? []).map { KerasConfigWriter.tensor($0, inputs) }
    var keywords = JSONObject()
    for member in KerasCarriedCall.keywords(in: renamed).members {
      keywords.add(member.name, KerasConfigWriter.tensors(in: member.value, inputs))
    }
    return [
      "args": .array(tensors.count == 1 ? tensors : [.array(tensors)]), "kwargs": .object(keywords),
    ]
  }
}

/// Classes of Keras 3 itself: a layer of one of them is not of a class of the user's own.
enum KerasBuiltInClasses {
  /// Their names (keras/api/layers, 3.15).
  static let names = Set(
    """
    AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D AugMix AutoContrast
    AveragePooling2D AveragePooling3D CategoryEncoding CenterCrop Conv1DTranspose Conv2D
    Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping2D Cropping3D
    CutMix DepthwiseConv1D DepthwiseConv2D Discretization EinsumDense Equalization FlaxLayer
    GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling2D GlobalMaxPooling3D
    GroupQueryAttention HashedCrossing Hashing IntegerLookup JaxLayer Lambda MaxNumBoundingBoxes
    MaxPooling2D MaxPooling3D MelSpectrogram MixUp MultiHeadAttention Pipeline RMSNormalization
    RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop
    RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale RandomHue
    RandomInvert RandomPerspective RandomPosterization RandomRotation RandomSaturation
    RandomSharpness RandomShear RandomTranslation RandomZoom Resizing ReversibleEmbedding
    STFTSpectrogram SeparableConv1D SeparableConv2D Solarization SpatialDropout2D SpatialDropout3D
    SpectralNormalization StringLookup TFSMLayer TextVectorization TorchModuleWrapper UpSampling2D
    UpSampling3D ZeroPadding2D ZeroPadding3D
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}
