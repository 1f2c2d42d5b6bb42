import RecurContainers
import RecurModel

extension Pooling: KerasLayer {
  static let classes = (1...3).flatMap { axes in
    [
      windowed("MaxPooling", .maximum, axes), windowed("AveragePooling", .average, axes),
      global("GlobalMaxPooling", .maximum, axes),
      global("GlobalAveragePooling", .average, axes),
      adaptive("AdaptiveMaxPooling", .maximum, axes),
      adaptive("AdaptiveAveragePooling", .average, axes),
    ]
  }

  private static func windowed(_ name: String, _ operation: Operation, _ axes: Int) -> KerasClass {
    KerasClass(
      "\(name)\(axes)D",
      generation1: .init(
        options: [
          "pool_length": "pool_size", "stride": "strides", "dim_ordering": "data_format",
        ])
    ) { reader in
      reader.readDataFormat()
      guard let windows = reader.readWindows(axes, sizes: "pool_size", default: 2) else {
        return nil
      }
      return .pooling(Pooling(operation: operation, region: .windows(windows.windows)))
    }
  }

  private static func global(_ name: String, _ operation: Operation, _ axes: Int) -> KerasClass {
    KerasClass(
      "\(name)\(axes)D", generation1: .init(options: ["dim_ordering": "data_format"])
    ) { reader in
      let keeps = reader.options.bool("keepdims", default: false)
      reader.readDataFormat(outputs: [keeps ? 1 : nil])
      return .pooling(
        Pooling(operation: operation, region: .whole(axes: axes, keepsAxes: keeps)))
    }
  }

  /// Windows of one size that lie side by side, where the number of results divides the extent.
  private static func adaptive(_ name: String, _ operation: Operation, _ axes: Int) -> KerasClass {
    KerasClass("\(name)\(axes)D") { reader in
      reader.readDataFormat()
      guard let counts = reader.options.sizes("output_size", count: axes) else { return nil }
      guard let extents = reader.windowedExtents(axes) else { return nil }
      var windows: [Window] = []
      for (count, extent) in zip(counts, extents) {
        guard let known = extent.value, known % count == 0, known > 0 else {
          reader.options.refuse(
            "output_size",
            because:
              "\(extent) positions are no multiple of \(count), so that the windows have several sizes"
          )
          return nil
        }
        windows.append(
          Window(size: known / count, stride: known / count, padding: .valid))
      }
      return .pooling(Pooling(operation: operation, region: .windows(windows)))
    }
  }

  func form(named name: String, _ writer: inout KerasLayerWriter) -> KerasLayerForm? {
    let kind = (operation == .maximum ? "MaxPooling" : "AveragePooling") + "\(axisCount)D"
    switch region {
    case .whole(_, let keepsAxes):
      // tf.keras has keepdims from 2.6 on.
      let keeps: [(name: String, value: JSONValue)] =
        keepsAxes || writer.target.isKeras3 ? [("keepdims", .bool(keepsAxes))] : []
      return KerasLayerForm(
        className: "Global\(kind)", name: name,
        options: [("data_format", "channels_last")] + keeps)
    case .windows(let windows):
      return writer.windowOptions(windows, size: "pool_size", hasDilation: false).map {
        KerasLayerForm(className: kind, name: name, options: $0)
      }
    }
  }

  /// The mean over a sequence takes the timesteps that count.
  func masks(_ rules: KerasMaskRules, present: [Bool]) -> KerasMasks {
    KerasMasks(use: isMeanOfTimesteps ? .needed : .ignored, outcome: .none)
  }
}
