import RecurContainers
import RecurModel
import RecurTensors

/// A class of Keras for layers of one kind.
struct KerasClass: Sendable {
  typealias LayerConfig = KerasArchitecture.LayerConfig

  /// The role of an element of `layers`.
  enum Role: Hashable, Sendable {
    /// An input of the model.
    case input
    /// A layer, which computes in the precision of its dtype policy.
    case layer
    /// An operation of keras/src/ops in the place of a layer; it has no dtype policy, and may
    /// compute in the precision of its input.
    case operation(followsInput: Bool)
  }

  /// How many axes the input of a layer has, the batch counted.
  enum InputAxes: Sendable {
    case exactly(Int)
    /// Any number, as many as the output has.
    case any
    /// Not known.
    case unknown
  }

  /// What the class and the arrays of a layer say of its input.
  struct InputShape: Sendable {
    /// The number of axes.
    var axes = InputAxes.unknown
    /// Whether the input holds tokens, which have no features.
    var takesTokens = false
    /// The number of features by the shapes of the arrays; nil when they don't tell it.
    var size: @Sendable (LayerConfig, [[Int]]) -> Int? = { _, _ in nil }
    /// The shape of a wrapper's input by that of the input of the layer inside.
    var around: @Sendable (JSONValue) -> JSONValue? = { _ in nil }

    /// Input of a kernel that comes first, whose second to last axis is the input's last.
    static func kernel(_ axes: InputAxes) -> InputShape {
      InputShape(axes: axes) { _, arrays in
        guard let kernel = arrays.first, kernel.count > 1 else { return nil }
        return kernel[kernel.count - 2]
      }
    }
  }

  /// The words that Keras 1 had for the class and its options.
  struct Generation1: Sendable {
    /// The names of the class; empty if the class had its name of today.
    var names: [String] = []
    /// The option names of today by those of Keras 1.
    var options: [String: String] = [:]
  }

  /// Makes the function of an activation layer.
  ///
  /// The last parameter is the rank of the input, if it is known.
  typealias ActivationReader = @Sendable (inout KerasOptions, KerasVersion, Int?) -> Activation

  /// The name: `Dense`.
  let name: String
  /// The role of the class.
  let role: Role
  /// Makes a layer of options and arrays; nil for an error, which is reported as a finding.
  let read: @Sendable (inout KerasLayerReader) -> Layer?
  /// The arrays that the options ask for; nil when the options don't say it.
  let arrays: @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan?
  /// The groups in native weights that hold its variables, below the group of the layer, in order;
  /// nil when the options don't say it.
  let groups: @Sendable (LayerConfig) -> [String]?
  /// Whether a layer of the class can stand inside another, such as TimeDistributed.
  let standsInside: Bool
  /// Whether training always changes what the layer computes, whatever the options are.
  let differsInTraining: Bool
  /// The names of Keras 1.
  let generation1: Generation1
  /// The function of the class where it is given as an activation: `LeakyReLU(0.1)` in place of
  /// "relu".
  let activation: ActivationReader?
  /// What the shapes of the arrays say of options, with the config of the layer.
  typealias Told = @Sendable (LayerConfig, [[Int]]) -> [(name: String, value: JSONValue)]
  /// The options that follow from the arrays: the units of a kernel.
  let told: Told
  private let input: InputShape

  /// How many axes the input has.
  var inputAxes: InputAxes { input.axes }
  /// Whether the input holds tokens, whose type is what "dtype" may say (Keras 2.0).
  var takesTokens: Bool { input.takesTokens }

  /// The number of features of the input by the shapes of the arrays; nil when they don't tell it.
  func inputSize(_ config: LayerConfig, _ arrays: [[Int]]) -> Int? { input.size(config, arrays) }

  /// The shape of a wrapper's input by that of the input of the layer inside.
  func inputAround(_ inner: JSONValue) -> JSONValue? { input.around(inner) }
  /// Completes the node of a call: an operation may become several nodes.
  let completes: (@Sendable (inout KerasNodeReader) -> Void)?

  init(
    _ name: String, role: Role = .layer, standsInside: Bool = true, differsInTraining: Bool = false,
    generation1: Generation1 = Generation1(), activation: ActivationReader? = nil,
    arrays: @escaping @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan? = { _, _ in
      KerasArrayPlan([])
    },
    groups: @escaping @Sendable (LayerConfig) -> [String]? = { _ in [""] },
    input: InputShape = InputShape(), told: @escaping Told = { _, _ in [] },
    completes: (@Sendable (inout KerasNodeReader) -> Void)? = nil,
    read: @escaping @Sendable (inout KerasLayerReader) -> Layer?
  ) {
    self.name = name
    self.role = role
    self.read = read
    self.arrays = arrays
    self.groups = groups
    self.standsInside = standsInside
    self.differsInTraining = differsInTraining
    self.generation1 = generation1
    self.activation = activation
    self.input = input
    self.told = told
    self.completes = completes
  }

  /// A class for an operation.
  static func operation(
    _ name: String, followsInput: Bool = false, standsInside: Bool = true,
    completes: (@Sendable (inout KerasNodeReader) -> Void)? = nil,
    read: @escaping @Sendable (inout KerasLayerReader) -> Layer?
  ) -> KerasClass {
    KerasClass(
      name, role: .operation(followsInput: followsInput), standsInside: standsInside,
      completes: completes, read: read)
  }

  /// Whether the class is an operation.
  var isOperation: Bool { if case .operation = role { true } else { false } }
  /// Whether the class computes in the precision of its input.
  var followsInput: Bool { role == .operation(followsInput: true) }
}

extension KerasArchitecture.LayerConfig {
  /// Whether nobody knows what the layer computes: its class is unknown, or that of a layer inside, or a
  /// whole model is inside that is not one model for every timestep.
  var isOpaque: Bool {
    kerasClass == nil
      || !isDistributed
        && inside.contains { layer in
          KerasArchitecture.modelClasses.contains(layer.className)
            || (layer.kerasCell == nil
              ? layer.isOpaque : layer.inside.contains(where: \.isUnknownCell))
        }
  }

  private var isUnknownCell: Bool { kerasCell == nil || inside.contains(where: \.isUnknownCell) }

  /// The description of the class; nil for an unknown class.
  var kerasClass: KerasClass? {
    isOperation ? Layer.kerasOperations[className] : Layer.kerasClasses[className]
  }
}
