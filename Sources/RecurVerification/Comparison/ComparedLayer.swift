import RecurModel
import RecurTensors

/// The comparison's description of one kind of layer.
protocol ComparedKind: LayerKind {
  /// The name of the kind, without sizes, which the shapes give: `dense layer`.
  var comparedName: String { get }
  /// The function that the layer computes between layers with weights. Nil for layers that only
  /// move or mask values, and for layers with weights, which are compared directly.
  var comparedFunction: String? { get }
  /// Adds the options and weights to compare.
  func describe(_ layer: inout ComparedLayer)
}

/// The comparison's description of one kind of cell.
protocol ComparedCell: CellKind {
  /// Adds the options and weights to compare; all names begin with `prefix`.
  func describe(_ layer: inout ComparedLayer, _ prefix: String)
}

/// The options and weights of one layer that are compared.
struct ComparedLayer {
  /// The weights of one role; the gates of a cell are concatenated.
  struct Weights {
    var role: String
    var tensors: [Tensor]
    /// The value of all elements that has the same effect as a missing tensor; nil for a required
    /// tensor.
    var neutral: Double?

    /// The shape, with all gates concatenated along the first axis.
    var shape: [Int] {
      guard var shape = tensors.first?.shape else { return [] }
      if tensors.count > 1, !shape.isEmpty {
        shape[0] = tensors.reduce(0) { $0 + ($1.shape.first ?? 0) }
      }
      return shape
    }
  }

  let name: String
  /// The name of the kind, without sizes.
  let kind: String
  /// Options that follow from the weights.
  private(set) var fixedOptions: [(name: String, value: String)] = []
  /// Options that only an architecture tells.
  private(set) var options: [(name: String, value: String)] = []
  private(set) var weights: [Weights] = []
  private(set) var biases: [ComparedBias] = []
  /// Whether an activation layer after this layer counts as this layer's activation.
  private(set) var takesActivation = false
  /// The activation layer that follows, when nothing else follows.
  private let following: Activation?

  /// Lists the options and weights of a layer.
  ///
  /// - Parameters:
  ///   - name: the name of the layer.
  ///   - layer: the layer.
  ///   - activation: the activation layer after this layer, when nothing else follows.
  init(_ name: String, _ layer: Layer, activation: Activation?) {
    self.name = name
    kind = layer.comparison.comparedName
    following = activation
    layer.comparison.describe(&self)
  }

  /// Adds an option that only an architecture tells.
  mutating func add(option name: String, _ value: some CustomStringConvertible) {
    options.append((name, "\(value)"))
  }

  /// Adds an option that follows from the weights.
  mutating func add(fixedOption name: String, _ value: String) {
    fixedOptions.append((name, value))
  }

  /// Adds the layer's own activation or, when the layer has none, that of the activation layer
  /// after it.
  mutating func add(activation own: Activation) {
    takesActivation = own == .linear
    add(option: "activation", (own == .linear ? following ?? .linear : own).name)
  }

  /// Adds the weights of one role, gate by gate.
  mutating func add(_ role: String, _ tensors: [Tensor], neutral: Double? = nil) {
    weights.append(Weights(role: role, tensors: tensors, neutral: neutral))
  }

  /// Adds all weights of a layer under the layer's own roles.
  mutating func addWeights(of layer: any LayerKind) {
    var (list, copy) = (RoleList(), layer)
    copy.visitParameters(&list)
    weights += list.weights
  }

  /// Adds the matrices and biases of a cell.
  ///
  /// - Parameters:
  ///   - weights: the weights of the cell.
  ///   - prefix: the beginning of every role name.
  ///   - apart: the gates whose two biases are not added in the equations.
  mutating func add<Gate>(
    _ weights: RecurrentWeights<Gate>, _ prefix: String, apart: Set<Gate> = []
  ) {
    let gates = Gate.allCases
    add(prefix + "kernel", gates.map { weights.kernel[$0] })
    add(prefix + "recurrent kernel", gates.map { weights.recurrentKernel[$0] })
    biases.append(ComparedBias(role: prefix + "bias", weights, apart: apart))
  }
}

/// A visitor that lists the weights of a layer by role, including missing optional weights.
private struct RoleList: ParameterVisitor {
  var weights: [ComparedLayer.Weights] = []

  mutating func visit(_ tensor: inout Tensor, _ parameter: Parameter) throws(Never) {
    add(parameter, [tensor])
  }

  mutating func visitAbsent(_ parameter: Parameter) { add(parameter, []) }

  private mutating func add(_ parameter: Parameter, _ tensors: [Tensor]) {
    let article = "the "
    let role =
      parameter.role.hasPrefix(article)
      ? String(parameter.role.dropFirst(article.count)) : parameter.role
    weights.append(
      ComparedLayer.Weights(role: role, tensors: tensors, neutral: parameter.neutral))
  }
}
