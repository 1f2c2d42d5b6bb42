package import RecurTensors

/// The version of Keras that wrote a file, which decides the meaning of some names.
package struct KerasVersion: Sendable, CustomStringConvertible {
  /// As the file says: `3.15.1`, `2.2.4-tf`.
  package let description: String
  package let major: Int
  private let minor: Int

  /// - Throws: `keras.version.unsupported` for anything but 1.x, 2.x and 3.x.
  package init(_ text: String, at location: Diagnostic.Location) throws(CheckpointError) {
    description = text
    let numbers = text.split(separator: ".").map { Int($0.prefix { $0.isNumber }) ?? 0 }
    major = numbers.first ?? 0
    minor = numbers.count > 1 ? numbers[1] : 0
    guard (1...3).contains(major) else {
      throw CheckpointError(
        .kerasVersionUnsupported, "keras_version is '\(text)'; 1.x, 2.x and 3.x are read",
        at: location, expected: "1.x, 2.x or 3.x", found: text,
        fixes: [.init(.keras, "model.save('model.keras')  # in Keras 3")])
    }
  }

  /// The version for files without one: every name has its meaning of today.
  static let newest = KerasVersion()

  private init() { (description, major, minor) = ("3", 3, .max) }

  /// Whether options have their names of Keras 1: `output_dim`, `inner_activation`, `border_mode`.
  package var isKeras1: Bool { major == 1 }

  /// Whether `hard_sigmoid` is relu6(x + 3) / 6 (from 3.0 on) and not clip(0.2x + 0.5, 0, 1).
  package var isKeras3: Bool { major >= 3 }

  /// Whether this is stand-alone Keras, up to 2.3.1, whose version has no `-tf`.
  package var isStandalone: Bool {
    isKeras1 || major == 2 && minor <= 3 && !description.contains("-tf")
  }

  /// Whether the output at a masked timestep is the state (`K.rnn` of the TensorFlow backend:
  /// `tf.where(mask, output, states[0])`) and not the output before it: in Keras before 2.3.
  package var repeatsState: Bool { isKeras1 || isStandalone && minor < 3 }

  /// Whether stacked cells keep their states in reverse order: before 2.2.
  package var reversesStackedStates: Bool { isStandalone && minor < 2 }

  /// Whether a merging layer joins the masks of its inputs by *or*: from 3.4 on.
  package var joinsMasksByAny: Bool { major > 3 || isKeras3 && minor >= 4 }

  /// Whether a GRU without `reset_after` in its config has its reset gate after the product.
  package var resetsAfterByDefault: Bool { isKeras3 }
}

extension Diagnostic.Code {
  package static let kerasVersionUnsupported = Self(rawValue: "keras.version.unsupported")
}
