import RecurContainers
import RecurModel

extension Pooling: KerasLayer {
  static let classes = [
    windowed("MaxPooling1D", .maximum), windowed("AveragePooling1D", .average),
    global("GlobalMaxPooling1D", .maximum), global("GlobalAveragePooling1D", .average),
  ]

  private static func windowed(_ name: String, _ operation: Operation) -> KerasClass {
    KerasClass(
      name, generation1: .init(options: ["pool_length": "pool_size", "stride": "strides"])
    ) { reader in
      reader.options.only("data_format", "channels_last", nil)
      let size = reader.options.sizes("pool_size", default: 2)?[0]
      let stride = size.flatMap { reader.options.sizes("strides", default: $0)?[0] }
      let padding = Padding(rawValue: reader.options.choice("padding", "valid", "same"))
      guard let size, let stride, let padding else { return nil }
      return .pooling(
        Pooling(operation: operation, window: (size, stride), padding: padding, keepsAxis: false))
    }
  }

  private static func global(_ name: String, _ operation: Operation) -> KerasClass {
    KerasClass(name) { reader in
      reader.options.only("data_format", "channels_last", nil)
      let keeps = reader.options.bool("keepdims", default: false)
      return .pooling(
        Pooling(operation: operation, window: nil, padding: .valid, keepsAxis: keeps))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let kind = operation == .maximum ? "MaxPooling1D" : "AveragePooling1D"
    guard let window else {
      // tf.keras has keepdims from 2.6 on.
      let keeps: [(name: String, value: JSONValue)] =
        keepsAxis || writer.target.isKeras3 ? [("keepdims", .bool(keepsAxis))] : []
      return KerasLayerForm(
        className: "Global\(kind)", name: name,
        options: [("data_format", "channels_last")] + keeps)
    }
    return KerasLayerForm(
      className: kind, name: name,
      options: [
        ("pool_size", [.integer(window.size)]), ("strides", [.integer(window.stride)]),
        ("padding", .string(padding.rawValue)), ("data_format", "channels_last"),
      ])
  }

  /// The mean over a sequence takes the timesteps that count.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    let isMean = window == nil && operation == .average
    return KerasMasks(use: isMean ? .needed : .ignored, outcome: .none)
  }
}
