package import RecurTensors

/// Every format, in the order they are asked.
///
/// Adding a format is adding a line here.
package let modelFormats: [any ModelFormat] = [
  KerasArchiveFormat(),
  KerasH5Format(),
  KerasWeightsFormat(),
  KerasShardsFormat(),
  KerasJSONFormat(),
  HDF5Format(),
  PyTorchFormat(),
  NPZFormat(),
  SafetensorsFormat(),
]

/// The format that recognises `probe`.
///
/// - Throws: `file.unrecognized`, saying what the file looks like instead.
package func format(of probe: FileProbe) throws(CheckpointError) -> any ModelInspecting {
  for format in modelFormats.compactMap({ $0 as? any ModelInspecting })
  where format.recognizes(probe) {
    return format
  }
  let (what, hint) = probe.appearance
  throw CheckpointError(
    .fileUnrecognized, "the file is \(what), and no model format this program reads",
    at: .init(file: probe.path), hint: hint)
}

/// The format whose files end like `path`, for writing.
///
/// - Throws: `file.format-unknown`, listing the endings that are known.
package func encoding(forPath path: String) throws(CheckpointError) -> any ModelEncoding {
  let encodings = modelFormats.compactMap { $0 as? any ModelEncoding }
  if let encoding = encodings.first(where: { $0.extensions.contains { path.hasSuffix($0) } }) {
    return encoding
  }
  let known = encodings.flatMap(\.extensions).joined(separator: ", ")
  throw CheckpointError(
    .fileFormatUnknown, "no format that can be written has the ending of '\(path)'",
    at: .init(file: path), expected: "one of \(known)", hint: "name the output model.pt")
}

extension Diagnostic.Code {
  package static let fileUnrecognized = Self(rawValue: "file.unrecognized")
  package static let fileFormatUnknown = Self(rawValue: "file.format-unknown")
}
