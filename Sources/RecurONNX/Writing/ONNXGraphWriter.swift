import RecurModel
import RecurTensors

/// Collects the nodes and tensors of a graph.
///
/// An operator that is applied twice to the same values is written once. What no output needs is left
/// out at the end.
struct ONNXGraphWriter: Sendable {
  /// The version of the set of operators.
  let operatorSet: Int
  /// The name of the node that is written.
  var scope = ""
  /// The name of its layer; nodes of one layer share its weights.
  var layerName = ""
  private(set) var nodes: [ONNXNodeForm] = []
  private(set) var weights: [ONNXWeightForm] = []
  /// Whether a number of the model was computed anew and rounded.
  var isRounded = false
  private var names: Set<Name> = []
  private var results: [Application: [ONNXValue]] = [:]
  private var stored: [StoredTensor: ONNXValue] = [:]
  private var constants: [Constant: ONNXValue] = [:]
  /// The values that are others with their axes in another order.
  private var orders: [ONNXValue: (source: ONNXValue, order: [Int])] = [:]

  private struct Application: Hashable {
    var type: String
    var inputs: [String]
    var attributes: [ONNXAttributeForm]
  }

  private struct StoredTensor: Hashable {
    var layer: Name
    var role: String
    var shape: [Int]
  }

  private struct Constant: Hashable {
    var type: ElementType
    var shape: [Int]
    var bytes: [UInt8]
  }

  init(operatorSet: Int) { self.operatorSet = operatorSet }

  /// A name that nothing in the graph has.
  mutating func unique(_ name: String) -> String {
    var (own, count) = (name, 0)
    while !names.insert(Name(own)).inserted {
      count += 1
      own = "\(name)_\(count)"
    }
    return own
  }

  // MARK: nodes

  /// Applies an operator of several results.
  ///
  /// - Parameters:
  ///   - operation: the operator.
  ///   - inputs: its inputs; nil for one that is left out.
  ///   - attributes: its attributes.
  ///   - types: the element types of its results.
  ///   - isMain: whether the node is the layer itself, whose name it gets.
  /// - Returns: the results.
  mutating func apply(
    _ operation: String, _ inputs: [ONNXValue?], _ attributes: [ONNXAttributeForm] = [],
    types: [ElementType], isMain: Bool = false
  ) -> [ONNXValue] {
    let key = Application(
      type: operation, inputs: inputs.map { $0?.name ?? "" }, attributes: attributes)
    if let known = results[key] { return known }
    let name = unique(isMain ? "\(scope)/\(operation)" : "\(scope).steps/\(operation)")
    let outputs = types.enumerated().map { index, type in
      ONNXValue(name: unique(index == 0 ? "\(name):0" : "\(name):\(index)"), type: type)
    }
    nodes.append(
      ONNXNodeForm(
        name: name, type: operation, inputs: key.inputs, outputs: outputs.map(\.name),
        attributes: attributes))
    results[key] = outputs
    return outputs
  }

  /// Applies an operator of one result, which has the type of its first input unless another is said.
  mutating func apply(
    _ operation: String, _ inputs: ONNXValue..., attributes: [ONNXAttributeForm] = [],
    type: ElementType? = nil, isMain: Bool = false
  ) -> ONNXValue {
    apply(operation, inputs, attributes, types: [type ?? inputs[0].type], isMain: isMain)[0]
  }

  /// The same numbers in another element type.
  mutating func cast(_ value: ONNXValue, to type: ElementType) -> ONNXValue {
    guard value.type != type else { return value }
    // A Transpose in front of a Cast brings optimizers of ONNX Runtime down.
    if let before = orders[value] { return permuted(cast(before.source, to: type), before.order) }
    return apply(
      "Cast", value, attributes: [.integer("to", ONNXTensor.number(of: type))], type: type)
  }

  /// The axes in another order; orders that cancel each other are not written.
  mutating func permuted(_ value: ONNXValue, _ order: [Int]) -> ONNXValue {
    guard order != Array(order.indices) else { return value }
    if let before = orders[value], before.order.count == order.count {
      return permuted(before.source, order.map { before.order[$0] })
    }
    let result = apply("Transpose", value, attributes: [.integers("perm", order)])
    orders[result] = (value, order)
    return result
  }

  /// A product of matrices.
  ///
  /// Optimizers of ONNX Runtime fail on matrices of 16 bits whose axes were exchanged, so their product
  /// is one of float32, as ONNX Runtime computes it anyway.
  mutating func product(_ x: ONNXValue, _ y: ONNXValue, isMain: Bool = false) -> ONNXValue {
    guard x.type == .float16, orders[x] != nil || orders[y] != nil else {
      return apply("MatMul", x, y, isMain: isMain)
    }
    let wide = apply("MatMul", cast(x, to: .float32), cast(y, to: .float32), isMain: isMain)
    return cast(wide, to: .float16)
  }

  /// The first two of three axes exchanged.
  mutating func exchanged(_ value: ONNXValue) -> ONNXValue { permuted(value, [1, 0, 2]) }

  // MARK: tensors

  /// A weight of the layer, possibly with other extents of the same element count.
  ///
  /// The role is the weight's name within the layer.
  /// What was joined comes from `sources`.
  mutating func weight(
    _ tensor: Tensor, _ role: String, shape: [Int]? = nil, sources: [Tensor] = []
  ) -> ONNXValue {
    let shape = shape ?? tensor.shape
    let key = StoredTensor(layer: Name(layerName), role: role, shape: shape)
    if let known = stored[key] { return known }
    let value = ONNXValue(name: unique("\(layerName).\(role)"), type: tensor.elementType)
    weights.append(
      ONNXWeightForm(
        name: value.name, type: tensor.elementType, shape: shape, content: .tensor(tensor),
        sources: sources))
    stored[key] = value
    return value
  }

  /// A weight in the type in which its layer computes.
  mutating func weight(
    _ tensor: Tensor, _ role: String, shape: [Int]? = nil, sources: [Tensor] = [],
    as type: ElementType
  ) -> ONNXValue { cast(weight(tensor, role, shape: shape, sources: sources), to: type) }

  /// Numbers that belong to an operator.
  mutating func numbers(
    _ values: [Double], _ type: ElementType, shape: [Int], _ role: String = "constant"
  ) -> ONNXValue {
    let key = Constant(type: type, shape: shape, bytes: type.elements(values))
    if let known = constants[key] { return known }
    let value = ONNXValue(name: unique("\(scope).\(role)"), type: type)
    weights.append(
      ONNXWeightForm(name: value.name, type: type, shape: shape, content: .bytes(key.bytes)))
    constants[key] = value
    return value
  }

  /// One number.
  mutating func number(_ value: Double, _ type: ElementType) -> ONNXValue {
    numbers([value], type, shape: [])
  }

  /// Whole numbers, such as extents and axes.
  mutating func integers(_ values: [Int]) -> ONNXValue {
    numbers(values.map(Double.init), .int64, shape: [values.count])
  }

  // MARK: the whole

  /// Leaves out what none of the outputs needs.
  mutating func prune(outputs: [String]) {
    var needed = Set(outputs.map { Name($0) })
    var kept: [ONNXNodeForm] = []
    for node in nodes.reversed()
    where node.outputs.contains(where: { needed.contains(Name($0)) }) {
      var own = node
      // Those of recurrent operators may be left out.
      if ONNXOperators.isRecurrent(own.type) {
        for index in own.outputs.indices where !needed.contains(Name(own.outputs[index])) {
          own.outputs[index] = ""
        }
        while own.outputs.last == "" { own.outputs.removeLast() }
      }
      while own.inputs.last == "" { own.inputs.removeLast() }
      needed.formUnion(own.inputs.map { Name($0) })
      kept.append(own)
    }
    nodes = kept.reversed()
    weights.removeAll { !needed.contains(Name($0.name)) }
  }

  /// Adds a value with the same elements under a name that is taken already.
  mutating func copy(_ value: ONNXValue, as name: String) {
    nodes.append(
      ONNXNodeForm(
        name: unique("\(scope)/Identity"), type: "Identity", inputs: [value.name], outputs: [name],
        attributes: []))
  }

  /// Gives a value another name.
  mutating func rename(_ old: String, to new: String) {
    func renamed(_ name: String) -> String { Name(name) == Name(old) ? new : name }
    for index in nodes.indices {
      nodes[index].inputs = nodes[index].inputs.map(renamed)
      nodes[index].outputs = nodes[index].outputs.map(renamed)
    }
  }
}

extension ElementType {
  /// The bytes of numbers of this type, each rounded once, little-endian.
  ///
  /// What is outside of the range of a type of whole numbers becomes its nearest end.
  fileprivate func elements(_ values: [Double]) -> [UInt8] {
    if isFloatingPoint { return bytes(rounding: values) }
    let isUnsigned = [.uint8, .uint16, .uint32, .uint64, .bool].contains(self)
    let width = 8 * byteCount - (isUnsigned ? 0 : 1)
    let end = Double(sign: .plus, exponent: width, significand: 1)
    return values.flatMap { value in
      let whole = value.isNaN ? 0 : value.rounded(.towardZero)
      let low = isUnsigned ? 0 : -end
      let bits: UInt64 =
        whole >= end
        ? UInt64.max >> UInt64(64 - width)
        : whole < 0
          ? UInt64(bitPattern: Int64(max(whole, max(low, -0x1p63)))) : UInt64(whole)
      return (0..<byteCount).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }
  }
}
