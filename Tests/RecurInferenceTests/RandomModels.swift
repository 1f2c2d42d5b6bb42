import RecurModel
import RecurTensors

/// Models of any layers with any options, and inputs for them, the same for the same seed.
///
/// Weights are small, so that no layer amplifies rounding errors.
struct RandomModels {
  var numbers: RandomNumbers
  private(set) var nodes: [Model.Node] = []
  private(set) var inputNames: [String] = []
  private(set) var inputs: [Tensor] = []
  private var outputs: [Model.Value] = []
  let batch: Int
  private(set) var timesteps: Int

  /// The input of the next layer.
  struct Current {
    var value: Model.Value
    /// `[batch, timesteps, width]`, or `[batch, width]`.
    var isSequence: Bool
    var width: Int
    var mask: Model.Value?
  }

  var current = Current(value: Model.Value("x"), isSequence: true, width: 0, mask: nil)

  private init(seed: Int) throws {
    numbers = RandomNumbers(seed: seed)
    batch = numbers.oneIn(3) ? 1 : numbers.integer(2...14)
    timesteps = numbers.oneIn(4) ? 1 : numbers.integer(2...13)
    try addInput()
    if numbers.oneIn(2) { try addMask() }
    for _ in 0..<numbers.integer(1...4) { try addLayer() }
    if outputs.isEmpty || !numbers.oneIn(3) { outputs.append(current.value) }
  }

  /// The model of a seed, with inputs for two calls in a row.
  static func model(seed: Int) throws -> (model: Model, calls: [[Tensor]]) {
    var made = try RandomModels(seed: seed)
    let model = Model(
      name: "model \(seed)", producer: "", nodes: made.nodes, inputs: made.inputNames,
      outputs: made.outputs)
    var calls = [made.inputs]
    if model.isStateful { calls.append(try made.inputs.map { try made.changed($0) }) }
    return (try model.validated(), calls)
  }

  /// The same input in another order, so that tokens and lengths stay what they are.
  private mutating func changed(_ tensor: Tensor) throws -> Tensor {
    try .float32(tensor.floats().reversed(), shape: tensor.shape)
  }

  // MARK: nodes

  @discardableResult
  mutating func add(
    _ layer: Layer, _ inputs: [Model.Value], mask: Model.Value? = nil,
    initialState: [Model.Value] = [], as layerName: String? = nil
  ) -> Model.Value {
    let name = "n\(nodes.count)"
    nodes.append(
      Model.Node(
        name: name, layerName: layerName ?? name, layer: layer, inputs: inputs, mask: mask,
        initialState: initialState))
    return Model.Value(name)
  }

  mutating func addInput(_ shape: [Int?], _ tensor: Tensor) -> Model.Value {
    let value = add(.input(Input(shape: shape, elementType: .float32, acceptsOtherTypes: true)), [])
    inputNames.append(value.node)
    inputs.append(tensor)
    return value
  }

  mutating func output(_ value: Model.Value) { outputs.append(value) }

  private mutating func addInput() throws {
    if numbers.oneIn(4) {
      let (rows, width) = (numbers.integer(2...9), numbers.integer(1...20))
      let tokens = (0..<batch * timesteps).map { _ in Float(numbers.integer(0...rows - 1)) }
      let value = addInput(
        [nil, nil], try .float32(tokens, shape: [batch, timesteps]))
      let isMasking = numbers.oneIn(2)
      let layer = Embedding(
        table: try numbers.tensor([rows, width], bound: 1), masksZero: isMasking,
        cutsFractions: false)
      let rowsValue = add(.embedding(layer), [value])
      current = Current(
        value: rowsValue, isSequence: true, width: width,
        mask: isMasking ? Model.Value(rowsValue.node, 1) : nil)
      return
    }
    let width = numbers.integer(1...20)
    var x = try numbers.tensor([batch, timesteps, width], bound: 1).floats()
    // Whole timesteps of zeros, which masks leave out.
    for step in 0..<batch * timesteps where numbers.oneIn(4) {
      for index in step * width..<(step + 1) * width { x[index] = 0 }
    }
    let isTimeFirst = numbers.oneIn(6)
    var value: Model.Value
    if isTimeFirst {
      value = add(
        .input(
          Input(
            shape: [nil, nil, width], elementType: .float32, batchAxis: 1, acceptsOtherTypes: true)),
        [])
      inputNames.append(value.node)
      inputs.append(try .float32(x, shape: [timesteps, batch, width]))
      value = add(.reshaping(.exchangeBatchAndTime), [value])
    } else {
      value = addInput([nil, nil, width], try .float32(x, shape: [batch, timesteps, width]))
    }
    current = Current(value: value, isSequence: true, width: width, mask: nil)
  }

  private mutating func addMask() throws {
    switch numbers.integer(0...3) {
    case 0:
      let value = add(.masking(Masking(value: 0)), [current.value])
      current.value = value
      current.mask = Model.Value(value.node, 1)
    case 1:
      let differing = add(.notEqual(NotEqual(value: 0)), [current.value])
      current.mask = add(.anyTrue(AnyTrue(axis: -1, keepsAxis: false)), [differing])
    case 2:
      let lengths = (0..<batch).map { _ in Float(numbers.integer(1...timesteps)) }
      let value = addInput([nil], try .float32(lengths, shape: [batch]))
      current.mask = add(.lengthMask(LengthMask()), [current.value, value])
    default:
      let mask = (0..<batch * timesteps).map { _ in Float(numbers.integer(0...1)) }
      current.mask = addInput([nil, nil], try .float32(mask, shape: [batch, timesteps]))
    }
  }

  mutating func addLayer() throws {
    if current.isSequence {
      switch numbers.integer(0...9) {
      case 0...3: try addRecurrent()
      case 4: try addBidirectional()
      case 5: try addWindows()
      case 6: try addMerge()
      case 7: addReshaping()
      default: try addRowwise()
      }
    } else {
      switch numbers.integer(0...5) {
      case 0:
        current.value = add(.reshaping(.repeatVector(count: timesteps)), [current.value])
        (current.isSequence, current.mask) = (true, nil)
      case 1: try addMerge()
      default: try addRowwise()
      }
    }
  }

  /// Changes the number of timesteps.
  mutating func setTimesteps(_ count: Int) {
    timesteps = count
    current.mask = nil
  }
}
