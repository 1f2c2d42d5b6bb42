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

  /// The config of a model without weights that computes an expression.
  ///
  /// - Parameters:
  ///   - text: the expression of `x`, or a function of one argument.
  ///   - name: the name of the layer whose function it is.
  ///   - inputs: the number of tensors in `x`.
  /// - Returns: the config of a functional model.
  /// - Throws: `source.model`, `source.unsupported`, with the place in the expression.
  func expression(
    _ text: String, named name: String, inputs: Int
  ) throws(CheckpointError) -> JSONValue
}

/// A format whose models may have layers with functions of their authors.
package protocol LambdaTaking: ModelDecoding {}

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
  /// Why the model can't be read; nil where it can.
  package var problem: CheckpointError?
  package let open: [OpenValue]
  /// The places of the layers, by name.
  package let places: [Name: Diagnostic.Location]
  /// How sure it is that the program means this model.
  package enum Standing: CaseIterable, Comparable, Sendable {
    /// A name of the program is the model at its end.
    case named
    /// The program makes it, and no name is left for it.
    case made
    /// A function or a class makes it that the program does not call.
    case uncalled
  }
  package let standing: Standing
  /// Whether the layers stand in the order in which the weights have them.
  package let isOrdered: Bool
  /// The groups in which the weights may hold each layer, by name; empty where the order tells them.
  package let groups: [Name: [String]]

  package init(
    name: String, place: Diagnostic.Location, config: JSONValue, open: [OpenValue],
    places: [Name: Diagnostic.Location], standing: Standing, isOrdered: Bool,
    groups: [Name: [String]]
  ) {
    self.name = name
    self.place = place
    self.config = config
    self.open = open
    self.places = places
    self.standing = standing
    self.isOrdered = isOrdered
    self.groups = groups
  }
}

extension Diagnostic.Code {
  package static let sourceModel = Self(rawValue: "source.model")
}
