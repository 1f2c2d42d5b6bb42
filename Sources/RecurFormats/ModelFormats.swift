package import RecurTensors

/// Every format, in the order they are asked.
///
/// Adding a format is adding a line here.
package let modelFormats: [any ModelFormat] = [
  KerasArchiveFormat(),
  KerasH5Format(),
  KerasWeightsFormat(),
  SafetensorsShardsFormat(),
  KerasShardsFormat(),
  KerasJSONFormat(),
  KerasTwoFormat(),
  HDF5Format(),
  PyTorchFormat(),
  NPZFormat(),
  SafetensorsFormat(),
]

/// The conventions of all formats.
package let conventions: [any Convention] = [KerasConvention(), PyTorchConvention()]

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
    at: .init(file: probe.path)
  ).advising(hint)
}

/// The format to write: the one called `id`, or else the one whose files end like `path`.
///
/// - Throws: `file.format-unknown`, listing the names or endings that are known.
package func encoding(
  forPath path: String, id: String? = nil
) throws(CheckpointError) -> any ModelEncoding {
  let encodings = modelFormats.compactMap { $0 as? any ModelEncoding }
  if let id {
    if let encoding = encodings.first(where: { $0.id == id }) { return encoding }
    let known = encodings.map(\.id)
    throw CheckpointError(
      .fileFormatUnknown, "no format that can be written is called '\(id)'",
      expected: "one of \(known.joined(separator: ", "))", found: "'\(id)'",
      hint: suggestion(for: id, among: known).map { "did you mean '\($0)'?" })
  }
  // The longest ending that fits: `.weights.h5` is one of its own among those that end in `.h5`.
  let fitting = encodings.flatMap { encoding in
    encoding.extensions.filter { path.hasSuffix($0) }.map { (ending: $0, encoding: encoding) }
  }
  if let longest = fitting.max(by: { $0.ending.utf8.count < $1.ending.utf8.count }) {
    return longest.encoding
  }
  let known = encodings.flatMap(\.extensions).joined(separator: ", ")
  throw CheckpointError(
    .fileFormatUnknown, "no format that can be written has the ending of '\(path)'",
    at: .init(file: path), expected: "one of \(known)"
  ).advising("name the output model.pt or model.keras, or say what it is with \(.format())")
}

extension Diagnostic.Code {
  package static let fileUnrecognized = Self(rawValue: "file.unrecognized")
  package static let fileFormatUnknown = Self(rawValue: "file.format-unknown")
}
