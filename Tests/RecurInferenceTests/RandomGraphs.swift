import RecurModel
import RecurTensors

/// Graphs of any operators and layers that branch and join, and inputs for them, the same for the
/// same seed.
///
/// Numbers stay small, and functions that jump get exact numbers only, so that the float32 results
/// have to be near those in Double.
struct RandomGraphs {
  /// A value that later nodes may read.
  struct Value {
    let value: Model.Value
    let shape: [Int]
    /// Whether both engines have the same numbers, so that functions may jump.
    var isExact = false
    /// The least number is 0.5 and the largest 1.5.
    var isPositive = false
    /// No number is larger, as far as the graph tells.
    var bound = 2.0
  }

  var numbers: RandomNumbers
  private(set) var nodes: [Model.Node] = []
  private(set) var values: [Value] = []
  private(set) var inputs: [Tensor] = []
  private var inputNames: [String] = []
  let batch: Int

  private init(seed: Int) throws {
    numbers = RandomNumbers(seed: seed + 50_000)
    batch = numbers.integer(1...3)
    for _ in 0..<numbers.integer(1...2) { try addInput() }
    let wanted = numbers.integer(2...7) + nodes.count
    // Some tries give no node, because the shapes do not fit.
    for _ in 0..<100 where nodes.count < wanted {
      let readable = values.filter { $0.shape.count > 1 }
      let x = numbers.oneIn(2) ? readable[readable.count - 1] : numbers.pick(readable)
      try addOperator(x)
    }
  }

  /// The model of a seed, with inputs.
  static func model(seed: Int) throws -> (model: Model, inputs: [Tensor]) {
    let made = try RandomGraphs(seed: seed)
    var read: Set<String> = []
    for node in made.nodes { for value in node.inputs { read.insert(value.node) } }
    let outputs = made.values.map(\.value).filter { !read.contains($0.node) }
    let model = Model(
      name: "graph \(seed)", producer: "", nodes: made.nodes, inputs: made.inputNames,
      outputs: outputs)
    return (try model.validated(), made.inputs)
  }

  private mutating func addInput() throws {
    let rank = numbers.pick([2, 3, 3, 3, 4, 4])
    let shape = (1..<rank).map { _ in numbers.integer(rank == 4 ? 3...6 : 2...9) }
    let tensor = try numbers.tensor([batch] + shape, bound: 2)
    let name = "n\(nodes.count)"
    nodes.append(
      Model.Node(
        name: name, layerName: name,
        layer: .input(Input(shape: [nil] + shape, elementType: .float32, acceptsOtherTypes: true)),
        inputs: []))
    inputNames.append(name)
    inputs.append(tensor)
    values.append(Value(value: Model.Value(name), shape: [batch] + shape, isExact: true))
  }

  /// Adds a node if its inputs fit.
  ///
  /// - Returns: its first output; nil if the inputs do not fit.
  @discardableResult
  mutating func add(
    _ layer: Layer, _ inputs: [Value], isExact: Bool = false, isPositive: Bool = false,
    bound: Double = 2
  ) -> Value? {
    let shapes = inputs.map { $0.shape.map { Dimension.fixed($0) } }
    let results = try? layer.definition.outputShapes(shapes, named: "test")
    guard let shape = results?.first?.compactMap(\.value), shape.reduce(1, *) <= 4000,
      shape.count <= 5, !shape.contains(0)
    else { return nil }
    let name = "n\(nodes.count)"
    nodes.append(
      Model.Node(name: name, layerName: name, layer: layer, inputs: inputs.map(\.value)))
    let value = Value(
      value: Model.Value(name), shape: shape, isExact: isExact, isPositive: isPositive,
      bound: bound)
    values.append(value)
    // Numbers that may be large are brought back before other nodes read them.
    if bound > 4 {
      return add(.activation(.tanh), [value], bound: 1)
    }
    return value
  }

  /// The same value with numbers from 0.5 to 1.5.
  mutating func positive(_ x: Value) -> Value {
    if x.isPositive { return x }
    guard let between = add(.activation(.sigmoid), [x], bound: 1) else { return x }
    return add(
      .binary(Binary(.add, .input, .number(0.5))), [between], isPositive: true, bound: 1.5)
      ?? between
  }

  /// A constant whose shape fits `shape` by NumPy's rules.
  mutating func constant(like shape: [Int], above offset: Double = 0) -> Operand {
    let kept = numbers.integer(0...shape.count)
    var own = Array(shape.suffix(kept))
    for axis in own.indices where numbers.oneIn(3) { own[axis] = 1 }
    let elements = (0..<own.reduce(1, *)).map { _ in
      Double(Float(offset + Double.random(in: -0.5...0.5, using: &numbers)))
    }
    return .constant(Operand.Constant(shape: own, elements: elements, isWhole: false))
  }

  /// Some axes of a shape, in ascending order.
  mutating func axes(of shape: [Int], from first: Int = 0) -> [Int] {
    let all = Array(first..<shape.count)
    let some = all.filter { _ in numbers.oneIn(2) }
    return some.isEmpty ? [all[all.count - 1]] : some
  }

  /// Weights so small that a sum over `inputs` numbers stays small.
  mutating func weights(_ shape: [Int], inputs: Int) throws -> Tensor {
    try numbers.tensor(shape, bound: 1 / Double(max(inputs, 1)).squareRoot())
  }
}
