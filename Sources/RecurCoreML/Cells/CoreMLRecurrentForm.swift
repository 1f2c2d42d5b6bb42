import RecurModel
import RecurTensors

/// A cell as `lstm` or `rnn` has it.
struct CoreMLRecurrentForm {
  /// The operation.
  var type: String
  var units: Int
  var kernel: Tensor
  var recurrentKernel: Tensor
  var bias: Tensor?
  /// Whether the bias is a sum that was rounded.
  var isRounded = false
  var peepholes: Tensor?
  /// The names of the functions, by argument.
  var functions: [(String, String)]
  /// What the cell is kept within.
  var clip: Double?
  /// One tensor of each, with its place in the file.
  var sources: [String: [Tensor]]

  init<Gate>(
    _ type: String, units: Int, weights: RecurrentWeights<Gate>, layout: RecurrentLayout<Gate>,
    functions: [(String, String)]
  ) throws(CheckpointError) {
    self.type = type
    self.units = units
    self.functions = functions
    let gate = layout.gateOrder[0]
    sources = [
      "weight_ih": [weights.kernel[gate]], "weight_hh": [weights.recurrentKernel[gate]],
    ]
    kernel = try layout.pack(weights.kernel)
    recurrentKernel = try layout.pack(weights.recurrentKernel)
    switch weights.bias {
    case .none: bias = nil
    case .single(let one):
      bias = try layout.pack(one)
      sources["bias"] = [one[gate]]
    case .split(let input, let recurrent):
      sources["bias"] = [input[gate], recurrent[gate]]
      let (one, other) = (try layout.pack(input), try layout.pack(recurrent))
      isRounded = !other.holdsOnly(0)
      bias =
        isRounded
        ? try Tensor.numbers(
          zip(one.doubles(), other.doubles()).map { $0 + $1 }, one.elementType, shape: one.shape)
        : one
    }
  }

  /// Whether two cells can be the two directions of one operation.
  func isLike(_ other: CoreMLRecurrentForm) -> Bool {
    type == "lstm" && other.type == type && units == other.units
      && kernel.shape == other.kernel.shape && clip == other.clip
      && (bias == nil) == (other.bias == nil) && (peepholes == nil) == (other.peepholes == nil)
      && zip(functions, other.functions).allSatisfy { $0 == $1 }
  }

  /// The name of a function in these operations; nil for one that they do not have.
  static func name(of function: Activation) -> String? {
    switch function {
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .linear: "linear"
    case .hardSigmoidOfFifths: "hard_sigmoid"
    default: nil
    }
  }
}
