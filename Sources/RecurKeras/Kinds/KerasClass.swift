import RecurContainers
import RecurModel
import RecurTensors

/// A class by which layers of one kind stand in Keras' configs.
struct KerasClass: Sendable {
  typealias LayerConfig = KerasArchitecture.LayerConfig

  /// What an element of `layers` is.
  enum Role: Hashable, Sendable {
    /// An input of the model.
    case input
    /// A layer, which computes in the precision of its policy.
    case layer
    /// An operation of keras/src/ops that stands where a layer stands; it has no policy and may compute
    /// in whatever precision its input has.
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
    /// Its names; the class has its own when there are none.
    var names: [String] = []
    /// The options of today by those of Keras 1.
    var options: [String: String] = [:]
  }

  /// Makes the function of a layer that is an activation.
  ///
  /// The last parameter is the number of axes of the input, when it is known.
  typealias ActivationReader = @Sendable (inout KerasOptions, KerasVersion, Int?) -> Activation

  /// The name: `Dense`.
  let name: String
  /// What it is.
  let role: Role
  /// Makes a layer of options and arrays; nil when that fails, which was reported.
  let read: @Sendable (inout KerasLayerReader) -> Layer?
  /// The arrays that the options demand; nil when they can't be told.
  let arrays: @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan?
  /// The groups below the layer's own that hold its variables in native weights, in order; nil when they
  /// can't be told.
  let groups: @Sendable (LayerConfig) -> [String]?
  /// Whether a layer of the class can stand inside another, such as TimeDistributed.
  let standsInside: Bool
  /// Whether the layer computes something else in training, whatever its options say.
  let differsInTraining: Bool
  /// The words of Keras 1.
  let generation1: Generation1
  /// What the class is as an activation: `LeakyReLU(0.1)` where others write "relu".
  let activation: ActivationReader?
  private let input: InputShape

  /// How many axes the input has.
  var inputAxes: InputAxes { input.axes }
  /// Whether the input holds tokens, whose type is what "dtype" may say (Keras 2.0).
  var takesTokens: Bool { input.takesTokens }

  /// The number of features of the input by the shapes of the arrays; nil when they don't tell it.
  func inputSize(_ config: LayerConfig, _ arrays: [[Int]]) -> Int? { input.size(config, arrays) }

  /// The shape of a wrapper's input by that of the input of the layer inside.
  func inputAround(_ inner: JSONValue) -> JSONValue? { input.around(inner) }

  init(
    _ name: String, role: Role = .layer, standsInside: Bool = true, differsInTraining: Bool = false,
    generation1: Generation1 = Generation1(), activation: ActivationReader? = nil,
    arrays: @escaping @Sendable (LayerConfig, inout KerasOptions) -> KerasArrayPlan? = { _, _ in
      KerasArrayPlan([])
    },
    groups: @escaping @Sendable (LayerConfig) -> [String]? = { _ in [""] },
    input: InputShape = InputShape(),
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
  }

  /// An operation.
  static func operation(
    _ name: String, followsInput: Bool = false, standsInside: Bool = true,
    read: @escaping @Sendable (inout KerasLayerReader) -> Layer?
  ) -> KerasClass {
    KerasClass(
      name, role: .operation(followsInput: followsInput), standsInside: standsInside, read: read)
  }

  /// Whether it is an operation.
  var isOperation: Bool { if case .operation = role { true } else { false } }
  /// Whether it computes in whatever precision its input has.
  var followsInput: Bool { role == .operation(followsInput: true) }
}

extension KerasArchitecture.LayerConfig {
  /// Whether nobody knows what the layer computes: its class is unknown, or that of a layer inside, or a
  /// whole model is inside.
  var isOpaque: Bool {
    kerasClass == nil
      || inside.contains { layer in
        KerasArchitecture.modelClasses.contains(layer.className)
          || (layer.kerasCell == nil
            ? layer.isOpaque : layer.inside.contains(where: \.isUnknownCell))
      }
  }

  private var isUnknownCell: Bool { kerasCell == nil || inside.contains(where: \.isUnknownCell) }

  /// What is known of the class; nil for a class nobody knows.
  var kerasClass: KerasClass? { Layer.kerasClasses[className] }
}
