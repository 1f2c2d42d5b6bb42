package import RecurContainers
package import RecurFormats
package import RecurModel
package import RecurTensors

/// A format of models that audio plug-ins load: JSON text with weights as numbers.
package protocol AudioFormat: ModelDecoding, ArchitectureLending, TensorListing {
  /// Reads the model in the JSON of a file.
  ///
  /// - Throws: everything that is wrong.
  func read(_ json: JSONValue, named name: String) throws(CheckpointError) -> AudioModel
  /// The weights by name.
  ///
  /// - Throws: `audio.weights-invalid`, `audio.file-invalid`.
  func weights(_ json: JSONValue) throws(CheckpointError) -> TensorTable
}

/// A model of an audio plug-in.
package struct AudioModel: Sendable {
  package var model: Model
  package var metadata: [(name: String, value: String)] = []
  package var diagnostics: [Diagnostic] = []

  package init(
    _ model: Model, metadata: [(name: String, value: String)] = [], diagnostics: [Diagnostic] = []
  ) {
    self.model = model
    self.metadata = metadata
    self.diagnostics = diagnostics
  }
}

extension AudioFormat {
  package var extensions: [String] { [".json"] }
  package var convention: any Convention { AudioConvention() }

  /// The JSON of a file, strictly.
  fileprivate func parse(
    _ probe: FileProbe, _ limits: DecodeLimits
  ) throws(CheckpointError) -> JSONValue {
    try JSONParser.parse(probe.bytes, limits: limits)
  }

  package func decode(
    _ probe: FileProbe, options: DecodeOptions
  ) throws(CheckpointError) -> DecodedModel {
    try locating(file: probe.path) { () throws(CheckpointError) in
      guard options.architecture == nil else {
        throw .unusedOption(.architecture, self, file: probe.path)
      }
      let json = try parse(probe, options.limits)
      let read = try read(json, named: splitPath(probe.path).name)
      var decoded = DecodedModel(
        model: read.model, diagnostics: read.diagnostics.map { $0.located(file: probe.path) },
        convention: convention)
      decoded.metadata = read.metadata
      decoded.coverage.tensorCount = try weights(json).names.count
      return decoded
    }
  }

  package func inspect(_ probe: FileProbe) throws(CheckpointError) -> Inspection {
    try locating(file: probe.path) { () throws(CheckpointError) in
      let json = try parse(probe, .listing)
      let table = try weights(json)
      let tensors = table.entries.map { name, tensor in
        Inspection.StoredTensor(
          name: name, shape: tensor.shape, type: "\(tensor.elementType)",
          byteCount: tensor.byteCount, remark: nil)
      }
      // What a plug-in would not run can be listed all the same.
      let metadata: [(name: String, value: String)]
      var findings: [Diagnostic] = []
      do throws(CheckpointError) {
        metadata = try read(json, named: splitPath(probe.path).name).metadata
      } catch {
        metadata = []
        findings = error.diagnostics.map { finding in
          var warning = finding
          warning.severity = .warning
          return warning
        }
      }
      return Inspection(
        format: id, title: title, facts: metadata, layers: [], tensors: tensors,
        diagnostics: findings)
    }
  }

  package func tensors(
    _ probe: FileProbe, key: String?, _ limits: DecodeLimits
  ) throws(CheckpointError) -> StoredTensors {
    try locating(file: probe.path) { () throws(CheckpointError) in
      guard key == nil else { throw .unusedOption(.key(), self, file: probe.path) }
      return StoredTensors(table: try weights(parse(probe, limits)))
    }
  }
}

/// An object of JSON and the names in it that were read.
struct AudioObject {
  private let value: JSONValue
  private let title: String
  private var known: Set<Name> = []

  init(_ value: JSONValue, _ title: String) {
    self.value = value
    self.title = title
  }

  /// The value of a member; null counts as absent.
  mutating func value(_ name: String) -> JSONValue? {
    known.insert(Name(name))
    return value[name].flatMap { $0.isNull ? nil : $0 }
  }

  /// A whole number of a member, `otherwise` when the member is absent.
  ///
  /// - Throws: `audio.file-invalid`.
  mutating func integer(
    _ name: String, _ otherwise: Int? = nil, in range: ClosedRange<Int> = 1...1 << 20
  ) throws(CheckpointError) -> Int {
    guard let found = value(name) else {
      if let otherwise { return otherwise }
      throw invalid("needs '\(name)'", name, expected: "a whole number", found: nil)
    }
    // Lists of one number are in use; the engine reads the last number.
    let single = found.array.map { $0.count == 1 ? $0[0] : .null } ?? found
    let whole = single.double.flatMap { $0 == $0.rounded() && abs($0) < 1e9 ? Int($0) : nil }
    guard let whole, range.contains(whole) else {
      throw invalid(
        "has '\(name)' that can't be", name,
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        found: found.text)
    }
    return whole
  }

  /// A number of a member, `otherwise` when the member is absent.
  ///
  /// - Throws: `audio.file-invalid`.
  mutating func number(_ name: String, _ otherwise: Double) throws(CheckpointError) -> Double {
    guard let found = value(name) else { return otherwise }
    guard let number = found.double, number.isFinite else {
      throw invalid(
        "has '\(name)' that is no number", name, expected: "a number", found: found.text)
    }
    return number
  }

  /// The members that nobody asked for.
  var unknown: [String] {
    (value.object?.names ?? []).filter { !known.contains(Name($0)) }
  }

  /// Refuses members that nobody asked for.
  ///
  /// - Throws: `audio.unsupported`.
  func checkKnown() throws(CheckpointError) {
    guard let name = unknown.first else { return }
    throw CheckpointError(
      .audioUnsupported, "\(title) has '\(name)', which is not known: it may change the numbers",
      at: .init(object: title), found: value[name].map { String($0.text.prefix(60)) })
  }

  func invalid(
    _ message: String, _ name: String, expected: String, found: String?
  ) -> CheckpointError {
    CheckpointError(
      .audioFileInvalid, "\(title) \(message)", at: .init(object: title), expected: expected,
      found: found)
  }
}
