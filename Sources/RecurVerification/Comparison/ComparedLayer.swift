import RecurModel
import RecurTensors

/// What the comparison of weights knows of one kind of layer.
protocol ComparedKind: LayerKind {
  /// The kind without sizes, which shapes say: `dense layer`.
  var comparedName: String { get }
  /// What the layer computes where it stands between layers with weights; nil for what only moves or
  /// marks values, and for layers with weights, which are compared themselves.
  var comparedFunction: String? { get }
  /// Adds the options and the weights that are compared.
  func describe(_ layer: inout ComparedLayer)
}

/// What the comparison of weights knows of one kind of cell.
protocol ComparedCell: CellKind {
  /// Adds the options and the weights that are compared; all names begin with `prefix`.
  func describe(_ layer: inout ComparedLayer, _ prefix: String)
}

/// What is compared of a layer with weights.
struct ComparedLayer {
  /// Weights of one role, the gates of a cell one after the other.
  struct Weights {
    var role: String
    var tensors: [Tensor]
    /// The number that all elements have when a layer does without the tensor; nil when it can't.
    var neutral: Double?

    /// The shape with all gates along the first axis.
    var shape: [Int] {
      guard var shape = tensors.first?.shape else { return [] }
      if tensors.count > 1, !shape.isEmpty {
        shape[0] = tensors.reduce(0) { $0 + ($1.shape.first ?? 0) }
      }
      return shape
    }
  }

  let name: String
  /// The kind of layer, without sizes.
  let kind: String
  /// Options that weights alone imply.
  private(set) var fixedOptions: [(name: String, value: String)] = []
  /// Options that only an architecture says.
  private(set) var options: [(name: String, value: String)] = []
  private(set) var weights: [Weights] = []
  private(set) var biases: [ComparedBias] = []
  /// Whether an activation that follows as a layer of its own counts as that of this layer.
  private(set) var takesActivation = false
  /// The activation that is all that follows.
  private let following: Activation?

  /// Takes a layer apart.
  ///
  /// - Parameters:
  ///   - name: the name of the layer.
  ///   - layer: the layer.
  ///   - activation: what follows the layer as a layer of its own, if that is all that follows.
  init(_ name: String, _ layer: Layer, activation: Activation?) {
    self.name = name
    kind = layer.comparison.comparedName
    following = activation
    layer.comparison.describe(&self)
  }

  /// Adds an option that only an architecture says.
  mutating func add(option name: String, _ value: some CustomStringConvertible) {
    options.append((name, "\(value)"))
  }

  /// Adds an option that weights alone imply.
  mutating func add(fixedOption name: String, _ value: String) {
    fixedOptions.append((name, value))
  }

  /// Adds the layer's own activation, or that of the layer after it where this layer has none.
  mutating func add(activation own: Activation) {
    takesActivation = own == .linear
    add(option: "activation", (own == .linear ? following ?? .linear : own).name)
  }

  /// Adds the weights of one role, gate by gate.
  mutating func add(_ role: String, _ tensors: [Tensor], neutral: Double? = nil) {
    weights.append(Weights(role: role, tensors: tensors, neutral: neutral))
  }

  /// Adds all weights of a layer by the roles it gives them.
  mutating func addWeights(of layer: any LayerKind) {
    var (list, copy) = (RoleList(), layer)
    copy.visitParameters(&list)
    weights += list.weights
  }

  /// Adds the matrices and biases of a cell.
  ///
  /// - Parameters:
  ///   - weights: the weights of the cell.
  ///   - prefix: what the names of the roles begin with.
  ///   - apart: the gates whose two biases can't be added.
  mutating func add<Gate>(
    _ weights: RecurrentWeights<Gate>, _ prefix: String, apart: Set<Gate> = []
  ) {
    let gates = Gate.allCases
    add(prefix + "kernel", gates.map { weights.kernel[$0] })
    add(prefix + "recurrent kernel", gates.map { weights.recurrentKernel[$0] })
    biases.append(ComparedBias(role: prefix + "bias", weights, apart: apart))
  }
}

/// Lists the weights of a layer by their roles, also those it does without.
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
