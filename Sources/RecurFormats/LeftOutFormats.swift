package import RecurTensors

/// Formats that a build is made without, because a package trait is off.
///
/// Their files are told from others, so that an error names the trait instead of an unknown file.
package struct LeftOutFormats: Sendable {
  /// The trait that brings them.
  package let trait: String
  /// Their stable names.
  package let ids: [String]
  /// The file name endings that are written with the trait alone.
  package let extensions: [String]
  /// Whether the contents are those of such a file.
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

  /// What to say of a file that would be read or written.
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
