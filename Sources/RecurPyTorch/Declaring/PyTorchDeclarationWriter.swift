import RecurContainers
import RecurFormats
import RecurModel
import RecurTensors

/// A layer that becomes modules and functions of a declaration.
struct PyTorchDeclaredCall {
  let node: Model.Node
  /// The names of its inputs in the declaration.
  let inputs: [String]
  /// The shapes of its inputs.
  let shapes: [[Dimension]]
  /// The prefix of its weights in the state dict.
  let key: String
  /// The ending of its recurrent weights in the state dict: `_l0`.
  let suffix: String
  /// The names of its initial states.
  let states: [String]
  /// The name of its mask.
  let mask: String?

  /// The name of the first input.
  var x: String { inputs.first ?? "" }
  /// The number of axes of the first input.
  var rank: Int { shapes.first?.count ?? 0 }
}

/// Writes a declaration of any model: the modules of torch.nn and the functions of torch that compute
/// what its layers compute.
///
/// Values have the model's order of axes; a module that has its channels second stands between two
/// orders of axes.
struct PyTorchDeclarationWriter {
  typealias Options = [(name: String, value: JSONValue)]

  private let model: Model
  private let mapping: StateDictMapping
  private let shapes: ModelShapes
  private let kinds: NumberKinds
  private var layers: [PyTorchDeclaration.DeclaredModule] = []
  /// The name of every value.
  private var names: [Model.Value: String] = [:]
  private var taken: Set<Name> = []

  init(_ model: Model) {
    self.model = model
    mapping = StateDictMapping(model, keepsPlaces: true)
    shapes = ModelShapes(model)
    kinds = NumberKinds(model)
  }

  /// The declaration.
  ///
  /// - Throws: `model.unrepresentable` for every layer that neither a module nor functions of torch
  ///   compute, in one error.
  mutating func declaration() throws(CheckpointError) -> PyTorchDeclaration {
    var inputs: [DeclaredInput] = []
    var findings: [Diagnostic] = []
    for node in model.nodes {
      do throws(PyTorchFunctionProblem) {
        if case .input(let input) = node.layer {
          inputs.append(try declared(input, node))
        } else {
          try write(node)
        }
      } catch {
        findings.append(
          Diagnostic(
            .modelUnrepresentable, .error,
            "'\(node.layerName)' (\(node.layer.title)) can't be declared: \(error.reason)",
            at: node.location))
        // What reads it is written too, so that every reason is reported.
        for output in 0..<node.layer.outputCount {
          names[Model.Value(node.name, output)] = node.name
        }
      }
    }
    if let error = CheckpointError(findings: findings) { throw error }
    let order = model.inputs.compactMap { name in inputs.first { $0.name == names[.init(name)] } }
    let outputs = model.outputs.map { names[$0] ?? $0.node }
    return PyTorchDeclaration(inputs: order, layers: layers, outputs: outputs).shortened()
  }

  private mutating func declared(
    _ input: Input, _ node: Model.Node
  ) throws(PyTorchFunctionProblem) -> DeclaredInput {
    guard input.batchAxis == 0, !input.isText, input.text == nil else {
      throw PyTorchFunctionProblem("it is text, or has its batch on another axis than the first")
    }
    let name = unique(node.name)
    names[Model.Value(node.name)] = name
    return DeclaredInput(
      name: name, shape: input.shape,
      type: input.elementType == .float32 ? nil : input.elementType)
  }

  private mutating func write(_ node: Model.Node) throws(PyTorchFunctionProblem) {
    let inputs = node.inputs.map { names[$0] ?? $0.node }
    let (key, suffix) = mapping.key(of: node)
    let call = PyTorchDeclaredCall(
      node: node, inputs: inputs, shapes: node.inputs.map { shapes[$0] ?? [] },
      key: key, suffix: suffix, states: node.initialState.map { names[$0] ?? $0.node },
      mask: node.mask.flatMap { names[$0] })
    if node.mask != nil {
      guard node.layer.firstCell != nil else {
        throw PyTorchFunctionProblem("it leaves out masked timesteps")
      }
    }
    guard node.precision == readPrecision(of: node) else {
      throw PyTorchFunctionProblem("it computes in \(node.precision), which no declaration says")
    }
    let count = layers.count
    let results = try node.layer.pytorch.declare(call, &self)
    guard layers[count...].allSatisfy(\.isFinite) else {
      throw PyTorchFunctionProblem("it computes with a number that JSON can't hold")
    }
    for (output, name) in results.enumerated() { names[Model.Value(node.name, output)] = name }
  }

  /// The precision in which the layer computes when the declaration is read: that of its weights, or of
  /// what it is given.
  private func readPrecision(of node: Model.Node) -> ElementType {
    node.layer.tensors.first?.tensor.elementType
      ?? node.inputs.first.flatMap { model.node($0.node)?.precision } ?? node.precision
  }

  /// The shape of the first output of a node; nil when it is not known.
  func outputShape(_ node: Model.Node) -> [Dimension]? { shapes[Model.Value(node.name)] }

  /// The kind of numbers of an input.
  func kind(of value: Model.Value) -> NumberKind { kinds[value] }

  /// Whether anything reads a value.
  func isUsed(_ value: Model.Value) -> Bool {
    model.outputs.contains(value) || model.nodes.contains { $0.operands.contains(value) }
  }

  // MARK: layers

  /// Adds a function of torch, or a module without tensors.
  ///
  /// - Returns: the name of its result.
  mutating func add(
    _ type: String, _ inputs: [JSONValue], named name: String, _ options: Options = []
  ) -> String {
    add(type, key: nil, inputs, named: unique(name), options)
  }

  mutating func add(
    _ type: String, _ x: String, named name: String, _ options: Options = []
  ) -> String {
    add(type, [.string(x)], named: name, options)
  }

  /// Adds a module with tensors.
  ///
  /// - Returns: the name of its result.
  mutating func module(
    _ type: String, key: String, _ x: [String], named name: String, _ options: Options
  ) -> String {
    let own = !key.isEmpty && taken.insert(Name(key)).inserted ? key : unique(name)
    return add(type, key: key, x.map { .string($0) }, named: own, options)
  }

  private mutating func add(
    _ type: String, key: String?, _ inputs: [JSONValue], named name: String, _ options: Options
  ) -> String {
    var object = JSONObject()
    for option in options { _ = object.append(option.name, option.value) }
    layers.append(
      PyTorchDeclaration.DeclaredModule(
        type: type, key: key, options: object, location: .init(),
        name: name == key ? nil : name, inputs: inputs))
    return name
  }

  private mutating func unique(_ name: String) -> String {
    // `lstm.h_n` is a result of the module `lstm`, and no name of another module.
    var base = name
    for part in ["output", "h_n", "c_n"] where name.hasSuffix(".\(part)") {
      base = "\(name.dropLast(part.count + 1))_\(part)"
    }
    var (result, number) = (base, 2)
    while !taken.insert(Name(result)).inserted {
      result = "\(base)_\(number)"
      number += 1
    }
    return result
  }

  /// A module with its channels behind the batch, on a value that has them last.
  mutating func channelsSecond(
    _ x: String, rank: Int, named name: String,
    _ module: (inout PyTorchDeclarationWriter, String) -> String
  ) -> String {
    guard rank > 2 else { return module(&self, x) }
    let there = [0, rank - 1] + Array(1..<rank - 1)
    let turned = add(
      "permute", x, named: "\(name).turned", [("dims", .array(there.map { .integer($0) }))])
    let y = module(&self, turned)
    let back = [0] + Array(2..<rank) + [1]
    return add(
      "permute", y, named: "\(name).back", [("dims", .array(back.map { .integer($0) }))])
  }
}

extension PyTorchDeclaration {
  init(inputs: [DeclaredInput], layers: [DeclaredModule], outputs: [String]) {
    self.init(
      inputs: inputs.map(\.name), layers: layers, outputs: outputs,
      forms: inputs.filter { $0.shape != nil || $0.type != nil })
  }
}

extension PyTorchDeclaration.DeclaredModule {
  /// Whether JSON can hold all of its numbers.
  fileprivate var isFinite: Bool {
    (inputs ?? []).allSatisfy(\.isFinite) && options.members.allSatisfy { $0.value.isFinite }
  }
}

extension JSONValue {
  fileprivate var isFinite: Bool {
    switch self {
    case .number(let number): number.isFinite
    case .array(let values): values.allSatisfy(\.isFinite)
    case .object(let object): object.members.allSatisfy { $0.value.isFinite }
    case .null, .bool, .integer, .string: true
    }
  }
}
