package import RecurContainers
package import RecurTensors

/// Reads the architectures that a program builds out of its Python sources.
package protocol ProgramReading: Sendable {
  /// The models that the sources make, those that the program itself makes first.
  ///
  /// - Throws: `source.model` when the sources make none; what reading them throws.
  func architectures(
    in source: ArchitectureSource, _ limits: DecodeLimits
  ) throws(CheckpointError) -> [ProgramArchitecture]
}

/// A model that a program builds: its layers and their options as a config, without weights.
package struct ProgramArchitecture: Sendable {
  /// A size that the sources do not say.
  package struct OpenValue: Sendable {
    /// The layer, and the option in it with the options around: `["layer", "units"]`.
    package let layer: String
    package let option: [String]
    /// The name under which a setting gives it; nil when it has none.
    package let name: String?
    /// Why it is not known.
    package let reason: String
    package let place: Diagnostic.Location

    package init(
      layer: String, option: [String], name: String?, reason: String, place: Diagnostic.Location
    ) {
      self.layer = layer
      self.option = option
      self.name = name
      self.reason = reason
      self.place = place
    }
  }

  /// What a user calls it: the name of a function or a class, or the line that makes it.
  package let name: String
  package let place: Diagnostic.Location
  package let config: JSONValue
  package let open: [OpenValue]
  /// The places of the layers, by name.
  package let places: [Name: Diagnostic.Location]
  /// Whether the program itself makes the model, and not only a function that nothing calls.
  package let isMade: Bool

  package init(
    name: String, place: Diagnostic.Location, config: JSONValue, open: [OpenValue],
    places: [Name: Diagnostic.Location], isMade: Bool
  ) {
    self.name = name
    self.place = place
    self.config = config
    self.open = open
    self.places = places
    self.isMade = isMade
  }
}

extension Diagnostic.Code {
  package static let sourceModel = Self(rawValue: "source.model")
}
