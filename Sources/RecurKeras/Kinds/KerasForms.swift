import RecurContainers
import RecurModel
import RecurTensors

/// One array of a layer in the form of Keras.
struct KerasArrayForm: Sendable {
  /// Keras' name of the variable: `recurrent_kernel`.
  var name: String
  var tensor: Tensor
  /// The stored tensors that the array was made of; empty for a new array.
  var parts: [Tensor]
  /// The changes besides copying: `gates input, forget, cell, output`.
  var details: [String] = []
  /// A stored tensor that was added to `parts`: the second of torch's two biases.
  var summand: Tensor?
}

/// The types in which a layer computes and keeps its arrays.
struct KerasPolicy: Sendable, Equatable {
  var compute: ElementType
  var variable: ElementType

  /// Keras' name of the policy; nil when Keras has no name for it.
  var name: String? {
    if compute == variable { return compute.rawValue }
    switch (compute, variable) {
    case (.float16, .float32): return "mixed_float16"
    case (.bfloat16, .float32): return "mixed_bfloat16"
    default: return nil
    }
  }
}

/// A layer in the form of Keras: class, options and arrays, and the layers inside it.
struct KerasLayerForm: Sendable {
  /// A layer inside another one.
  struct Child: Sendable {
    /// The option that holds the layer: `backward_layer`; several layers of one option are a list.
    var option: String
    /// The group with its arrays in native weights, if the group has another name than the option.
    var group: String?
    var form: KerasLayerForm
    /// Whether the config has the layer; the projections of an attention layer are in no config.
    var isInConfig = true
  }

  var className: String
  var name: String
  /// The options that matter at inference, in order, without `name` and `dtype`.
  var options: [(name: String, value: JSONValue)] = []
  /// Its own arrays: trainable ones, then the others.
  var arrays: [KerasArrayForm] = []
  var children: [Child] = []
  /// The name of the cell that holds the arrays of a recurrent layer: `lstm_cell`.
  var cellName: String?
  var policy = KerasPolicy(compute: .float32, variable: .float32)
  /// Whether the children are always a list (StackedRNNCells).
  var isList = false
  /// The layer of the model, which decides what happens to masks; nil for cells, and for operations
  /// that no layer of the model stands for.
  var layer: Layer?
  /// Whether it is an operation, which has neither options of a layer nor arrays.
  var isOperation = false
  /// Whether the config holds only the options and the name.
  var isBare = false
  /// The type in a config of Keras 2 where the layer takes no type of floating-point numbers: text,
  /// and positions in a vocabulary.
  var typeInKeras2: String?
  /// Whether the config has the member `trainable`.
  var saysTrainable = true
  /// Whether one config serves both children if they differ only in direction (Bidirectional of
  /// Keras 2).
  var mayMirror = false
  /// Whether a call takes its inputs as one list (merges, attention).
  var takesList = false
  /// The plain argument of its calls: the number that an operation compares with, or the key of
  /// `x[key]`.
  var operand: JSONValue?
  /// The output of the layer that is the first one of the node.
  var firstOutput = 0
  /// The arguments of its calls, if they are not the inputs followed by the plain argument.
  var arguments: [KerasArgumentForm]?
  /// The state count of every cell of a stack, by which the states of a call are nested; nil for a
  /// flat list.
  var stateCounts: [Int]?
  /// Whether a query sees only earlier timesteps.
  var isCausal = false
  /// What is carried of a layer whose class nobody knows.
  var carried: KerasCarriedLayer?
  /// The keywords of explicit masks; empty for one keyword with a list.
  var maskNames: [String] = []

  /// Every array with the path to it, in Keras' order.
  var allArrays: [(path: [String], array: KerasArrayForm)] {
    let own = arrays.map { ((cellName.map { [$0] } ?? []), $0) }
    return own
      + children.flatMap { child in
        child.form.allArrays.map { ([child.form.name] + $0.path, $0.array) }
      }
  }

  /// Sets the policy of this layer and of all layers inside it.
  mutating func setPolicy(_ policy: KerasPolicy) {
    self.policy = policy
    for index in children.indices { children[index].form.setPolicy(policy) }
  }
}

extension KerasLayerForm {
  /// Names another initializer for recurrent kernels.
  ///
  /// Keras initializes layers before it loads their weights, and can't compute the usual
  /// initializer, orthogonal, in bfloat16.
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

/// One argument of a call.
enum KerasArgumentForm: Sendable {
  /// The next input.
  case input
  /// A plain value.
  case plain(JSONValue)
  /// A plain value under the name of its parameter.
  case named(String, JSONValue)
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
  /// The plain argument of an operation: the number that it compares with, or the key of `x[key]`.
  var operand: JSONValue?
  /// The arguments, if they are not the inputs followed by the plain argument.
  var arguments: [KerasArgumentForm]?
  var initialState: [KerasTensorForm] = []
  /// The state count of every cell of a stack, by which states are nested; nil for a flat list.
  var stateCounts: [Int]?
  var mask: KerasTensorForm?
  /// The masks of query and value of an attention layer, if they are explicit.
  var masks: [KerasTensorForm?] = []
  /// The keywords of the masks; empty for one keyword with a list.
  var maskNames: [String] = []
  var isCausal = false
  /// What is carried of the call of a layer whose class nobody knows.
  var carried: KerasCarriedLayer?
}

/// A layer with all its calls.
struct KerasPlacedLayer: Sendable {
  var form: KerasLayerForm
  var calls: [KerasCallForm] = []
}

/// A whole model in the form of Keras.
struct KerasModelForm: Sendable {
  var name: String
  var layers: [KerasPlacedLayer] = []
  var inputs: [KerasTensorForm] = []
  var outputs: [KerasTensorForm] = []
}
