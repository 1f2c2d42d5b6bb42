import RecurModel
import RecurTensors

/// A call of an operator: its inputs and attributes.
struct ONNXCall: PositionalCall, Sendable {
  /// The node.
  let node: ONNXNode
  /// The inputs; nothing for one that is left out.
  let inputs: [GraphValue]
  /// The version of the set of operators.
  let version: Int
  /// The numbers of the file, for attributes that are tensors.
  let attributes: [String: ONNXAttribute.Value]

  /// The number of results that are named.
  var outputCount: Int { node.outputs.count }

  /// Whether a result is used.
  func uses(_ output: Int) -> Bool {
    node.outputs.indices.contains(output) && !node.outputs[output].isEmpty
  }

  var subject: String { "\(node.title) of version \(version)" }

  // MARK: inputs

  /// All inputs, which are arrays.
  func arrays(_ builder: GraphBuilder) throws(CheckpointError) -> [GraphValue] {
    var all: [GraphValue] = []
    for index in inputs.indices { all.append(try array(index, builder)) }
    return all
  }

  /// Weights that may be left out.
  func optionalWeight(
    _ index: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> KnownArray? {
    has(index) ? try weight(index, builder) : nil
  }

  /// Whole numbers that may come from free extents.
  func sizes(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> GraphSizes {
    guard let sizes = GraphSizes(self[index]) else {
      throw problem(
        "has \(self[index].title) for input \(index): whole numbers that are known are needed",
        builder)
    }
    return sizes
  }

  /// Extents of an array that is made: none is absurd.
  func extents(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> [Dimension] {
    let extents = try sizes(index, builder).elements
    for extent in extents where !(0...(1 << 40) ~= extent.value ?? 0) {
      throw problem("makes an axis of \(extent) elements", builder)
    }
    return extents
  }

  /// A known number.
  func number(_ index: Int, _ builder: GraphBuilder) throws(CheckpointError) -> Double {
    guard let number = self[index].double else {
      throw problem("has \(self[index].title) for input \(index): a number is needed", builder)
    }
    return number
  }

  // MARK: sizes as arrays

  /// Which inputs may be computed by the model, one choice after the other: ranges, then the first
  /// input, then all that are sizes.
  var symbolicInputs: [[Int]] {
    let symbolic = inputs.indices.filter { inputs[$0].isSymbolic }
    let ranges = symbolic.filter { ONNXRange.extent(inputs[$0]) != nil }
    var choices: [[Int]] = []
    for choice in [ranges, symbolic.filter { $0 == 0 }, symbolic]
    where !choice.isEmpty && !choices.contains(choice) {
      choices.append(choice)
    }
    return choices
  }

  /// The call with some inputs as arrays that the model computes.
  func computing(
    _ indices: [Int], _ builder: inout GraphBuilder
  ) throws(CheckpointError) -> ONNXCall {
    var own = inputs
    for index in indices { own[index] = try ONNXRange.array(own[index], &builder) }
    return ONNXCall(node: node, inputs: own, version: version, attributes: attributes)
  }

  // MARK: attributes

  /// A whole number; the default when it is left out.
  func int(
    _ name: String, _ builder: GraphBuilder, default value: Int = 0
  ) throws(CheckpointError) -> Int {
    switch attributes[name] {
    case nil: return value
    case .integer(let value): return value
    default: throw problem("has an attribute '\(name)' that is no whole number", builder)
    }
  }

  /// A number.
  func float(
    _ name: String, _ builder: GraphBuilder, default value: Double
  ) throws(CheckpointError) -> Double {
    switch attributes[name] {
    case nil: return value
    case .float(let value): return value
    default: throw problem("has an attribute '\(name)' that is no number", builder)
    }
  }

  /// A text.
  func text(
    _ name: String, _ builder: GraphBuilder, default value: String
  ) throws(CheckpointError) -> String {
    switch attributes[name] {
    case nil: return value
    case .text(let value): return value
    default: throw problem("has an attribute '\(name)' that is no text", builder)
    }
  }

  /// Whole numbers; nil when they are left out.
  func ints(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> [Int]? {
    switch attributes[name] {
    case nil: return nil
    case .integers(let values): return values
    default: throw problem("has an attribute '\(name)' that is no list of whole numbers", builder)
    }
  }

  /// Whole numbers of an attribute or, in newer versions, of an input; nil without both.
  func ints(
    _ name: String, orInput index: Int, _ builder: GraphBuilder
  ) throws(CheckpointError) -> [Int]? {
    if let values = try ints(name, builder) { return values }
    return has(index) ? try integers(index, builder) : nil
  }

  /// Texts; none when they are left out.
  func texts(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> [String]? {
    switch attributes[name] {
    case nil: return nil
    case .texts(let values): return values
    default: throw problem("has an attribute '\(name)' that is no list of texts", builder)
    }
  }

  /// Numbers; none when they are left out.
  func floats(_ name: String, _ builder: GraphBuilder) throws(CheckpointError) -> [Double] {
    switch attributes[name] {
    case nil: return []
    case .floats(let values): return values
    default: throw problem("has an attribute '\(name)' that is no list of numbers", builder)
    }
  }

  /// An element type by ONNX' number.
  func type(
    _ name: String, _ builder: GraphBuilder, default value: Int
  ) throws(CheckpointError) -> ElementType {
    let number = try int(name, builder, default: value)
    guard let type = ONNXTensor.elementTypes[number], !type.isComplex else {
      throw problem("has the element type \(number)", builder)
    }
    return type
  }
}

/// An operator of ONNX: what it takes, and what it is in a model.
struct ONNXOperator: Sendable {
  typealias Apply =
    @Sendable (ONNXCall, inout GraphBuilder) throws(CheckpointError) -> [GraphValue]

  /// The name.
  let name: String
  /// The domain; empty for ONNX' own.
  let domain: String
  /// How many inputs there may be.
  let inputs: ClosedRange<Int>
  /// The attributes that are honoured; every other one is refused by name.
  let attributes: Set<String>
  /// The results.
  let apply: Apply

  init(
    _ name: String, _ inputs: ClosedRange<Int>, _ attributes: String = "", domain: String = "",
    _ apply: @escaping Apply
  ) {
    self.name = name
    self.domain = domain
    self.inputs = inputs
    self.attributes = Set(attributes.split(separator: " ").map(String.init))
    self.apply = apply
  }
}
