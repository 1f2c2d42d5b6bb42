import RecurContainers
import RecurFormats
import RecurTensors

extension ForeignFormat {
  /// What Core ML reads and is neither a neural network nor a program, and weights without their package.
  static let apple: [ForeignFormat] = [
    ForeignFormat(
      "a part of a Core ML package",
      hint: "the model is the folder that ends in .mlpackage",
      recognizes: { probe in
        let (folder, name) = splitPath(probe.path)
        return name == "weight.bin" && splitPath(folder).name == "weights"
      }
    ) { path in coreML(package(of: path)) },
    ForeignFormat(
      "a Core ML model that is no network and no program",
      hint: "networks and programs are read; convert the model that this one was made of",
      recognizes: isModel
    ) { path in
      [
        "import coremltools as ct; print(ct.utils.load_spec(\(pythonString(path))).WhichOneof('Type'))"
      ]
    },
  ]

  /// `Model`: a version, a description, and what the model is, numbered from 200 on
  /// (coremltools, mlmodel/format/Model.proto).
  @Sendable private static func isModel(_ probe: FileProbe) -> Bool {
    guard probe.bytes.holds([0x08]), let outline = ProtobufOutline(probe.bytes), outline.isWhole,
      let version = outline.integer(1), (1...100).contains(version), outline.hasBytes(2)
    else { return false }
    return outline.fields.contains { (200...3_000).contains($0.number) }
  }

  /// The package that a file belongs to, or the file.
  private static func package(of path: String) -> String {
    var folder = path
    for _ in 0..<4 {
      folder = splitPath(folder).folder
      if folder.hasSuffix(".mlpackage") { return folder }
    }
    return path
  }

  private static func coreML(_ package: String) -> [String] {
    [
      "import coremltools as ct, numpy as np; m = ct.models.MLModel(\(pythonString(package)), "
        + "skip_model_load=True); np.savez('model.npz', **{k: v.val for k, v in "
        + "ct.optimize.coreml.get_weights_metadata(m, weight_threshold=1).items()})"
    ]
  }
}
