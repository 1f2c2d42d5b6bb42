package import RecurTensors

/// Formats that a build is made without, because a package trait is off.
///
/// Their files are recognised, so that an error can name the trait.
package struct LeftOutFormats: Sendable {
  /// The package trait that adds the formats.
  package let trait: String
  /// The stable names of the formats.
  package let ids: [String]
  /// The file name endings of the formats.
  package let extensions: [String]
  /// Whether a file has one of the formats, by its content.
  package let recognizes: @Sendable (FileProbe) -> Bool

  package init(
    trait: String, ids: [String], extensions: [String],
    recognizes: @escaping @Sendable (FileProbe) -> Bool
  ) {
    self.trait = trait
    self.ids = ids
    self.extensions = extensions
    self.recognizes = recognizes
  }

  /// The error for a file of such a format.
  func error(at path: String) -> CheckpointError {
    CheckpointError(
      .fileFormatLeftOut, "this build of Recur was made without the trait '\(trait)'",
      at: .init(file: path), expected: "the trait '\(trait)', for such a file",
      hint: "build it with the trait; all are on by default (Package.swift, 'traits')")
  }
}

extension Diagnostic.Code {
  package static let fileFormatLeftOut = Self(rawValue: "file.format-left-out")
}
