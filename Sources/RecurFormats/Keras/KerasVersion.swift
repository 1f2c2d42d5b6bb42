package import RecurTensors

/// The version of Keras that wrote a file; it decides what some names mean.
package struct KerasVersion: Sendable, CustomStringConvertible {
  /// As the file says: `3.15.1`, `2.2.4-tf`.
  package let description: String
  package let major: Int

  /// - Throws: `keras.version.unsupported` for anything but 2.x and 3.x.
  package init(_ text: String, at location: Diagnostic.Location) throws(CheckpointError) {
    description = text
    major = Int(text.prefix { $0 != "." }) ?? 0
    guard major == 2 || major == 3 else {
      throw CheckpointError(
        .kerasVersionUnsupported, "keras_version is '\(text)'; 2.x and 3.x are read", at: location)
    }
  }

  /// Whether `hard_sigmoid` is relu6(x + 3) / 6 (from 3.0 on) and not clip(0.2x + 0.5, 0, 1).
  package var isKeras3: Bool { major >= 3 }
}

extension Diagnostic.Code {
  package static let kerasVersionUnsupported = Self(rawValue: "keras.version.unsupported")
}
