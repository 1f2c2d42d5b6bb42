import RecurContainers
import RecurModel
import RecurTensors

/// One array of a layer as Keras keeps it.
struct KerasArrayForm: Sendable {
  /// Keras' name of the variable: `recurrent_kernel`.
  var name: String
  var tensor: Tensor
  /// The stored tensors it was made of; none when it is new.
  var parts: [Tensor]
  /// What was done besides copying: `gates input, forget, cell, output`.
  var details: [String] = []
  /// A stored tensor that was added to the parts: the second of torch's two biases.
  var summand: Tensor?
}

/// What a layer computes in and keeps its arrays in.
struct KerasPolicy: Sendable, Equatable {
  var compute: ElementType
  var variable: ElementType

  /// Keras' name of the policy, or nil when it has none.
  var name: String? {
    if compute == variable { return compute.rawValue }
    switch (compute, variable) {
    case (.float16, .float32): return "mixed_float16"
    case (.bfloat16, .float32): return "mixed_bfloat16"
    default: return nil
    }
  }
}

/// A layer as Keras keeps it: class, options and arrays, and the layers inside it.
struct KerasLayerForm: Sendable {
  /// A layer inside another one.
  struct Child: Sendable {
    /// The option that holds it: `backward_layer`; several children of one option are a list.
    var option: String
    /// The group that holds its arrays in native weights, if it is not called like the option.
    var group: String?
    var form: KerasLayerForm
  }

  var className: String
  var name: String
  /// The options that matter at inference, in order, without `name` and `dtype`.
  var options: [(name: String, value: JSONValue)] = []
  /// Its own arrays: trainable ones, then the others.
  var arrays: [KerasArrayForm] = []
  var children: [Child] = []
  /// The cell that keeps the arrays of a recurrent layer: `lstm_cell`.
  var cellName: String?
  var policy = KerasPolicy(compute: .float32, variable: .float32)
  /// Whether the children are a list even if there is one (StackedRNNCells).
  var isList = false
  /// The layer that this is the form of, by which masks are handed on; nil for cells, and for operations
  /// that no layer stands for.
  var layer: Layer?
  /// Whether it is an operation, which has neither options of a layer nor arrays.
  var isOperation = false
  /// Whether the config holds the options and the name alone.
  var isBare = false
  /// Whether the config says if the layer is trained.
  var saysTrainable = true
  /// Whether one config says both children where they differ in direction alone (Bidirectional of
  /// Keras 2).
  var mayMirror = false
  /// Whether a call takes its inputs as one list (merges, attention).
  var takesList = false
  /// The plain argument of its calls: the number an operation compares with, the key of what it takes.
  var operand: JSONValue?
  /// How the states of its calls nest: the number of states of every cell of a stack; nil for a flat
  /// list.
  var stateCounts: [Int]?
  /// Whether a query sees only what is before it.
  var isCausal = false
  /// What is carried of a layer whose class nobody knows.
  var carried: KerasCarriedLayer?

  /// Every array with the names on the way to it, in Keras' order.
  var allArrays: [(path: [String], array: KerasArrayForm)] {
    let own = arrays.map { ((cellName.map { [$0] } ?? []), $0) }
    return own
      + children.flatMap { child in
        child.form.allArrays.map { ([child.form.name] + $0.path, $0.array) }
      }
  }

  /// Sets the policy of this layer and all inside.
  mutating func setPolicy(_ policy: KerasPolicy) {
    self.policy = policy
    for index in children.indices { children[index].form.setPolicy(policy) }
  }
}

extension KerasLayerForm {
  /// Names another initializer for recurrent kernels: the usual one, orthogonal, is not computed in
  /// bfloat16, and Keras initializes layers before it loads their weights.
  mutating func avoidOrthogonal() {
    if arrays.contains(where: { $0.name == "recurrent_kernel" }) {
      options.append(("recurrent_initializer", "glorot_uniform"))
    }
    for index in children.indices { children[index].form.avoidOrthogonal() }
  }
}

/// A layer whose class nobody knows, as the config of its file has it.
struct KerasCarriedLayer: Sendable {
  /// The element of `layers`.
  var source: JSONObject
  /// The class with its package: `mine>Attention`.
  var className: String
  /// The generation of Keras that wrote it.
  var generation: Int
  /// The call, if the model has calls.
  var call: JSONValue?
  /// Whether it has layers inside, with arrays of their own.
  var isNested = false
}

/// One output of one call, as other calls refer to it.
struct KerasTensorForm: Sendable {
  var layer: String
  var call: Int
  var output: Int
  var shape: [Int?]
  var dtype: String
  /// False behind a layer whose class nobody knows, where the extents are three free ones.
  var isShapeKnown = true
}

/// One call of a layer.
struct KerasCallForm: Sendable {
  var inputs: [KerasTensorForm] = []
  /// Whether the inputs are one list (merges, attention).
  var isList = false
  /// The plain argument of an operation: the number it compares with, the key of what it takes.
  var operand: JSONValue?
  var initialState: [KerasTensorForm] = []
  /// How the states nest: the number of states of every cell of a stack, or nil for a flat list.
  var stateCounts: [Int]?
  var mask: KerasTensorForm?
  /// The masks of query and value, where attention is given them explicitly.
  var masks: [KerasTensorForm?] = []
  var isCausal = false
  /// What is carried of the call of a layer whose class nobody knows.
  var carried: KerasCarriedLayer?
}

/// A layer with all its calls.
struct KerasPlacedLayer: Sendable {
  var form: KerasLayerForm
  var calls: [KerasCallForm] = []
}

/// A whole model as Keras keeps it.
struct KerasModelForm: Sendable {
  var name: String
  var layers: [KerasPlacedLayer] = []
  var inputs: [KerasTensorForm] = []
  var outputs: [KerasTensorForm] = []
}
