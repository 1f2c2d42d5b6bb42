import RecurContainers
import RecurModel
import RecurTensors

extension Input: KerasLayer {
  /// The class of inputs.
  static let className = "InputLayer"

  /// The type of text.
  static let textType = "string"

  static let classes =
    [KerasClass(className, role: .input, standsInside: false, read: read)] + textClasses

  private static func read(_ reader: inout KerasLayerReader) -> Layer? {
    let config = reader.config
    let declared = config.options["batch_shape"] ?? config.options["batch_input_shape"]
    reader.options.only("sparse", false)
    reader.options.only("ragged", false)
    reader.options.only("optional", false)
    guard let extents = declared?.array else {
      return reader.fail("the input '\(config.name)' declares no shape")
    }
    var shape: [Int?] = []
    for extent in extents {
      guard extent.isNull || (0..<(1 << 31)).contains(extent.integer ?? -1) else {
        return reader.fail("the input '\(config.name)' has the shape \(declared?.text ?? "")")
      }
      shape.append(extent.integer)
    }
    let name = (config.options["dtype"] ?? config.options["input_dtype"])?.string ?? "float32"
    guard name != textType else {
      return .input(
        Input(shape: shape, elementType: .uint8, acceptsOtherTypes: false, isText: true))
    }
    // a policy of a first layer that has the shape: its variables, and so the input, are float32
    let isMixed = name == "mixed_float16" || name == "mixed_bfloat16"
    guard let type = isMixed ? .float32 : ElementType(rawValue: name) else {
      return reader.fail("the input '\(config.name)' has \"dtype\": \"\(name)\"")
    }
    reader.precision = type
    return .input(Input(shape: shape, elementType: type, acceptsOtherTypes: true))
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let isKeras3 = writer.target.isKeras3
    let keepsShape = text.map { $0.splitting == .none && $0.form == .positions } ?? true
    let extents = JSONValue.array(
      (keepsShape ? shape : [nil, 1]).map { $0.map { .integer($0) } ?? .null })
    var options: [(name: String, value: JSONValue)] = [
      (isKeras3 ? "batch_shape" : "batch_input_shape", extents),
      ("dtype", .string(isText || text != nil ? Self.textType : elementType.rawValue)),
      ("sparse", false),
    ]
    if !isKeras3 { options.append(("ragged", false)) }
    return KerasLayerForm(
      className: Self.className, name: name, options: options, isBare: true)
  }

  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks { .lost }
}
