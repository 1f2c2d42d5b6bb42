import RecurModel
import RecurTensors

/// A call of a torch function while it becomes nodes.
struct PyTorchFunctionCall {
  /// A node that the call adds.
  struct Step: Sendable {
    var name: String
    var layer: Layer
    var inputs: [Model.Value]
  }

  /// The value of every parameter.
  private let arguments: [String: PyTorchArgument]
  /// The name of the node with the result; other nodes have names that begin with it.
  private let base: String
  /// The nodes so far.
  private(set) var steps: [Step] = []

  init(_ arguments: [String: PyTorchArgument], named base: String) {
    self.arguments = arguments
    self.base = base
  }

  // MARK: arguments

  subscript(name: String) -> PyTorchArgument { arguments[name] ?? .none }

  /// A tensor that the model computes.
  func tensor(_ name: String) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    try tensor(self[name], name)
  }

  func tensor(
    _ argument: PyTorchArgument, _ name: String
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    switch argument {
    case .tensor(let tensor): return tensor
    case .unavailable(let reason): throw PyTorchFunctionProblem(reason)
    default:
      throw PyTorchFunctionProblem(
        "its argument '\(name)' is \(argument.text), not a tensor that the model computes")
    }
  }

  /// An array that is known when the file is read; nil when none is given.
  func array(_ name: String) throws(PyTorchFunctionProblem) -> Tensor? {
    switch self[name] {
    case .none: return nil
    case .array(let tensor): return tensor
    default: throw PyTorchFunctionProblem("its argument '\(name)' is no array of the file")
    }
  }

  /// An array that has to be given.
  func weight(_ name: String) throws(PyTorchFunctionProblem) -> Tensor {
    guard let tensor = try array(name) else {
      throw PyTorchFunctionProblem("its argument '\(name)' is missing")
    }
    return tensor
  }

  func integer(_ name: String) throws(PyTorchFunctionProblem) -> Int {
    guard let value = self[name].integer else { throw wrong(name, "a whole number") }
    return value
  }

  /// Whole numbers of a list, or one number.
  func integers(_ name: String) throws(PyTorchFunctionProblem) -> [Int] {
    if let one = self[name].integer { return [one] }
    let numbers = self[name].list?.compactMap(\.integer)
    guard let numbers, numbers.count == self[name].list?.count else {
      throw wrong(name, "whole numbers")
    }
    return numbers
  }

  /// One whole number per axis: a list, or one number for all of them.
  func perAxis(_ name: String, _ axes: Int) throws(PyTorchFunctionProblem) -> [Int] {
    let numbers = try integers(name)
    if numbers.count == 1 { return [Int](repeating: numbers[0], count: axes) }
    guard numbers.count == axes else { throw wrong(name, "\(axes) whole numbers") }
    return numbers
  }

  func number(_ name: String) throws(PyTorchFunctionProblem) -> Double {
    guard let value = self[name].number else { throw wrong(name, "a number") }
    return value
  }

  func flag(_ name: String) throws(PyTorchFunctionProblem) -> Bool {
    switch self[name] {
    case .bool(let value): return value
    case .none: return false
    default: throw wrong(name, "True or False")
    }
  }

  func word(_ name: String) throws(PyTorchFunctionProblem) -> String {
    guard case .text(let value) = self[name] else { throw wrong(name, "a string") }
    return value
  }

  /// One axis of a tensor, counted from the first.
  func axis(
    _ name: String, of tensor: PyTorchTensor, isNew: Bool = false
  ) throws(PyTorchFunctionProblem) -> Int {
    try axis(try integer(name), rank: try rank(tensor) + (isNew ? 1 : 0))
  }

  func axis(_ axis: Int, rank: Int) throws(PyTorchFunctionProblem) -> Int {
    guard rank > 0, -rank..<rank ~= axis else {
      throw PyTorchFunctionProblem("there is no axis \(axis) of \(rank)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// The axes of a tensor that an argument names, in order; all of them when it names none.
  func axes(_ name: String, of tensor: PyTorchTensor) throws(PyTorchFunctionProblem) -> [Int] {
    let rank = try rank(tensor)
    guard !self[name].isNone, self[name].list?.isEmpty != true else { return Array(0..<rank) }
    var axes: [Int] = []
    for number in try integers(name) { axes.append(try axis(number, rank: rank)) }
    guard Set(axes).count == axes.count else {
      throw PyTorchFunctionProblem("its argument '\(name)' names an axis twice")
    }
    return axes
  }

  func wrong(_ name: String, _ expected: String) -> PyTorchFunctionProblem {
    if case .unavailable(let reason) = self[name] { return PyTorchFunctionProblem(reason) }
    return PyTorchFunctionProblem(
      "its argument '\(name)' is \(self[name].text), not \(expected)")
  }

  func shape(_ tensor: PyTorchTensor) throws(PyTorchFunctionProblem) -> [Dimension] {
    guard let shape = tensor.shape else {
      throw PyTorchFunctionProblem("the number of axes of '\(tensor.value.node)' is not known")
    }
    return shape
  }

  func rank(_ tensor: PyTorchTensor) throws(PyTorchFunctionProblem) -> Int {
    try shape(tensor).count
  }

  /// The extent of an axis, which has to be known.
  func extent(_ tensor: PyTorchTensor, _ axis: Int) throws(PyTorchFunctionProblem) -> Int {
    let extent = try shape(tensor)[axis]
    guard let value = extent.value else {
      throw PyTorchFunctionProblem("axis \(axis) has the extent \(extent), which is not known")
    }
    return value
  }

  // MARK: nodes

  /// Adds a node.
  ///
  /// - Returns: its first output.
  mutating func add(
    _ layer: Layer, _ inputs: PyTorchTensor...
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    try add(layer, inputs)
  }

  mutating func add(
    _ layer: Layer, _ inputs: [PyTorchTensor]
  ) throws(PyTorchFunctionProblem) -> PyTorchTensor {
    let shapes = inputs.compactMap(\.shape)
    var shape: [Dimension]?
    if shapes.count == inputs.count {
      do throws(ShapeProblem) {
        shape = try layer.definition.outputShapes(shapes, named: base).first
      } catch {
        throw PyTorchFunctionProblem(
          "it can't take \(shapes.map(text).joined(separator: " and ")); it takes "
            + error.expected)
      }
    }
    let name = "\(base).\(steps.count)"
    steps.append(Step(name: name, layer: layer, inputs: inputs.map(\.value)))
    return PyTorchTensor(
      Model.Value(name), shape: shape,
      kind: NumberKinds.kind(layer.definition.traits.outputType, inputs.map(\.kind)))
  }

  /// The nodes and the result; the node of a single result gets the name of the call.
  func finished(
    _ result: PyTorchArgument
  ) -> (steps: [Step], result: PyTorchArgument) {
    guard case .tensor(var tensor) = result, var last = steps.last,
      last.name == tensor.value.node
    else { return (steps, result) }
    last.name = base
    tensor.value.node = base
    return (steps.dropLast() + [last], .tensor(tensor))
  }
}
